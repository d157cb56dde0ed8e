import { concatMap, defer, map, tap, type Observable, type OperatorFunction } from 'rxjs';
import { createLimiter } from '../../connection/limiter.js';
import { concurrency$, mergeMapAtMost, type Concurrency } from './merge-map-at-most.js';

/** How many are prepared concurrently, and how many more than can run are admitted. */
const AHEAD = 2;

/**
 * `mergeMapAtMost` for values that need preparation: up to two values are prepared ahead of those that run.
 *
 * ```text
 * prepare:  -[1]-[2]-[3]--------[4]
 * project:     --[1............]-[2.........
 * ```
 */
export function mergeMapPrepared<T, P, R>(
  concurrency: Concurrency,
  prepare: (value: T) => Observable<P>,
  project: (prepared: P) => Observable<R>,
): OperatorFunction<T, R> {
  return (source$) =>
    defer(() => {
      const preparing = createLimiter(AHEAD);
      const running = createLimiter(1);
      // All of one upload: they run in order of arrival.
      const fairnessKey = {};
      const admitted$: Observable<number> = concurrency$(concurrency).pipe(
        tap((permits) => running.resize(permits)),
        map((permits) => permits + AHEAD),
      );
      return source$.pipe(
        mergeMapAtMost(admitted$, (value) =>
          preparing
            .run(fairnessKey, 'data', prepare(value))
            .pipe(concatMap((prepared) => running.run(fairnessKey, 'data', project(prepared)))),
        ),
      );
    });
}
