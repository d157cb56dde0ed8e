const NAME = 'rx-obs-upload:going-on';

/** Tells the next life of this tab, after a reload, which uploads were in progress; other tabs do not see it. */
export function noteInProgress(keys: readonly string[]): void {
  attempt(() => sessionStorage.setItem(NAME, JSON.stringify(keys)));
}

/** What the last life of this tab had in progress; told once. */
export function takeInProgress(): ReadonlySet<string> {
  const noted = attempt((): unknown => {
    const text = sessionStorage.getItem(NAME);
    sessionStorage.removeItem(NAME);
    return JSON.parse(text ?? '[]');
  });
  return new Set(Array.isArray(noted) ? noted.filter((key) => typeof key === 'string') : []);
}

/** Storage may be blocked, and anybody can write to it. */
function attempt<T>(action: () => T): T | null {
  try {
    return action();
  } catch {
    return null;
  }
}
