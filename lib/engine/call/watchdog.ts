import { asyncScheduler, Observable, tap, type MonoTypeOperatorFunction } from 'rxjs';

const TICKS = 4;

/**
 * Fails when nothing comes for `stallMs` during which the machine was awake; each value begins the wait anew. Timers of
 * a sleeping tab stand still and then fire at once: a tick that took much longer than it should have counts as one tick.
 *
 * ```text
 * source:          --a--------------
 * watchdog(5ms):   --a----#
 * ```
 */
export function watchdog<T>(stallMs: number, stalled: () => Error): MonoTypeOperatorFunction<T> {
  return (source$) =>
    new Observable((subscriber) => {
      const tickMs = stallMs / TICKS;
      let left = stallMs;
      let since = asyncScheduler.now();
      // A value starts no timer: the one that runs finds out, and there are thousands of values.
      const refresh = tap<T>(() => {
        left = stallMs;
        since = asyncScheduler.now();
      });
      source$.pipe(refresh).subscribe(subscriber);
      // What ends at once needs no timer at all.
      if (subscriber.closed) return undefined;
      return asyncScheduler.schedule(
        function () {
          const now = asyncScheduler.now();
          left -= Math.min(now - since, 1.5 * tickMs);
          since = now;
          if (left > 0) this.schedule(undefined, Math.min(tickMs, left));
          else subscriber.error(stalled());
        },
        Math.min(tickMs, left),
      );
    });
}
