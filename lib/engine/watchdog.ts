import {
  asyncScheduler,
  connect,
  defer,
  endWith,
  filter,
  ignoreElements,
  interval,
  map,
  merge,
  startWith,
  switchMap,
  take,
  takeUntil,
  type MonoTypeOperatorFunction,
  type Observable,
} from 'rxjs';

/**
 * Fails when nothing comes for `stallMs` of waking time; each value begins the wait anew.
 *
 * ```text
 * source:          --a--------------
 * watchdog(5ms):   --a----#
 * ```
 */
export function watchdog<T>(stallMs: number, stalled: () => Error): MonoTypeOperatorFunction<T> {
  return connect((source$) =>
    merge(
      source$,
      source$.pipe(
        startWith(null),
        switchMap(() => awake$(stallMs)),
        map((): never => {
          throw stalled();
        }),
        takeUntil(source$.pipe(ignoreElements(), endWith(null))),
      ),
    ),
  );
}

const TICKS = 4;

/**
 * Emits once after `ms` during which the machine was awake. Timers of a sleeping tab stand still and then fire at
 * once: a tick that took much longer than it should have counts as one tick.
 */
function awake$(ms: number): Observable<number> {
  return defer(() => {
    const tickMs = ms / TICKS;
    let left = ms;
    let last = asyncScheduler.now();
    return interval(tickMs).pipe(
      map(() => {
        const now = asyncScheduler.now();
        left -= Math.min(now - last, 1.5 * tickMs);
        last = now;
        return left;
      }),
      filter((remaining) => remaining <= 0),
      take(1),
    );
  });
}
