const NAME = 'rx-obs-upload:in-progress';

/** For this tab after a reload: which uploads were in progress. Other tabs do not see it. */
export function noteInProgress(keys: readonly string[]): void {
  try {
    sessionStorage.setItem(NAME, JSON.stringify(keys));
  } catch {
    // Storage may be blocked: then they wait for a click.
  }
}

/** What was in progress before the last reload of this tab; emptied by reading it. */
export function takeInProgress(): ReadonlySet<string> {
  try {
    const keys = JSON.parse(sessionStorage.getItem(NAME) ?? '[]') as readonly string[];
    sessionStorage.removeItem(NAME);
    return new Set(keys);
  } catch {
    return new Set();
  }
}
