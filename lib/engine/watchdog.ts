import {
  asyncScheduler,
  defer,
  endWith,
  ignoreElements,
  merge,
  repeat,
  takeWhile,
  tap,
  timer,
  type MonoTypeOperatorFunction,
} from 'rxjs';

const TICKS = 4;
const ENDED = Symbol('ended');

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
    defer(() => {
      const tickMs = stallMs / TICKS;
      let left = stallMs;
      let since = asyncScheduler.now();
      const watched$ = source$.pipe(
        // A value starts no timer: the one that runs finds out, and there are thousands of values.
        tap(() => {
          left = stallMs;
          since = asyncScheduler.now();
        }),
        endWith(ENDED),
      );
      const patience$ = defer(() => timer(Math.min(tickMs, left))).pipe(
        tap(() => {
          const now = asyncScheduler.now();
          left -= Math.min(now - since, 1.5 * tickMs);
          since = now;
          if (left <= 0) throw stalled();
        }),
        repeat(),
        ignoreElements(),
      );
      // The source first: what ends at once needs no timer at all.
      return merge(watched$, patience$).pipe(takeWhile((value): value is T => value !== ENDED));
    });
}
