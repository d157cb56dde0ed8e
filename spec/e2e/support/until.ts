/**
 * Milliseconds after which a spec is considered to wait forever. Nothing takes nearly as long, however slow the machine
 * is.
 */
export const HANG_MS = 240_000;

/** Polls until a condition holds. @param what - describes the condition in the error */
export async function until(what: string | (() => string), holds: () => unknown): Promise<void> {
  const end = performance.now() + HANG_MS;
  while (!(await holds())) {
    if (performance.now() > end) throw new Error(`In vain waited until ${typeof what === 'string' ? what : what()}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
