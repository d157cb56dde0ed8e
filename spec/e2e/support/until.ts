/**
 * Milliseconds after which what a spec waits for is taken to hang. Nothing takes nearly as long, however slow the
 * machine is.
 */
export const HANG_MS = 240_000;

/** Waits until something holds that only looking can tell. @param what - for the error, in words */
export async function until(what: string | (() => string), holds: () => unknown): Promise<void> {
  const end = performance.now() + HANG_MS;
  while (!(await holds())) {
    if (performance.now() > end) throw new Error(`In vain waited until ${typeof what === 'string' ? what : what()}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
