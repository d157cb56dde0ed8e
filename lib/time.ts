import { asyncScheduler } from 'rxjs';

/** A TestScheduler counts from 0 and never gets this far; no machine's clock is before 1973. */
const MAX_VIRTUAL_MS = 1e11;

/** The machine's clock (or a TestScheduler's), epoch milliseconds: for dates. It may be changed at any moment. */
export function wallNow(): number {
  return asyncScheduler.now();
}

/**
 * Milliseconds on a monotonic clock, for durations: `performance.now()`, or virtual time inside a TestScheduler's
 * `run`, where RxJS only replaces its schedulers.
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
