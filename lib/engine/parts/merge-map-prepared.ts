import { concatMap, defer, map, tap, type Observable, type OperatorFunction } from 'rxjs';
import { createSemaphore } from '../../connection/semaphore.js';
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
      const preparing = createSemaphore(AHEAD);
      const running = createSemaphore(1);
      const admitted$: Observable<number> = concurrency$(concurrency).pipe(
        tap((permits) => running.resize(permits)),
        map((permits) => permits + AHEAD),
      );
      return source$.pipe(
        mergeMapAtMost(admitted$, (value) =>
          preparing.run(prepare(value)).pipe(concatMap((prepared) => running.run(project(prepared)))),
        ),
      );
    });
}
