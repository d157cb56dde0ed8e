import { asyncScheduler, defer, Observable, timer } from 'rxjs';

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

/**
 * Emits in a task of its own, so that others come in between. Not by a timer where there is another way: those of a tab
 * in the background are due once a second, and after five minutes once a minute.
 */
export function nextTask$(): Observable<unknown> {
  return defer(() => (isVirtualTime() || typeof MessageChannel === 'undefined' ? timer(0) : message$));
}

const message$ = new Observable<null>((subscriber) => {
  const { port1, port2 } = new MessageChannel();
  port1.onmessage = () => {
    subscriber.next(null);
    subscriber.complete();
  };
  port2.postMessage(null);
  return () => port1.close();
});
