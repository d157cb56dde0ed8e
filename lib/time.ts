import { asyncScheduler } from 'rxjs';

/** A TestScheduler counts from 0 and never comes this far; machines whose clock stands before 1973 do not exist. */
const MAX_VIRTUAL_MS = 1e11;

/** The machine's clock (or a TestScheduler's), epoch milliseconds: for dates that others read. It may be set at any moment. */
export function wallNow(): number {
  return asyncScheduler.now();
}

/**
 * Milliseconds on a clock that nobody sets, for durations: `performance.now()`, and virtual time inside a TestScheduler's
 * `run`, which RxJS gives to its schedulers alone.
 */
export function monotonicNow(): number {
  return isVirtualTime() ? asyncScheduler.now() : performance.now();
}

/** Whether RxJS time is a TestScheduler's: Promises do not settle within it. */
export function isVirtualTime(): boolean {
  const before = Date.now();
  const now = asyncScheduler.now();
  return now < MAX_VIRTUAL_MS && (now < before || now > Date.now());
}
