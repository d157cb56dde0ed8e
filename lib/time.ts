import { asyncScheduler } from 'rxjs';

/** The machine's clock (or a TestScheduler's), epoch milliseconds: for dates that others read. It may be set at any moment. */
export function wallNow(): number {
  return asyncScheduler.now();
}

/**
 * Milliseconds on a clock that nobody sets, for durations: `performance.now()`, and virtual time inside a TestScheduler's
 * `run`, which RxJS gives to its schedulers alone.
 */
export function monotonicNow(): number {
  const before = Date.now();
  const now = asyncScheduler.now();
  const isVirtual = now < before || now > Date.now();
  return isVirtual ? now : performance.now();
}
