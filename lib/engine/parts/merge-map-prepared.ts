import { concatMap, defer, map, Observable, tap, type OperatorFunction } from 'rxjs';
import { createSemaphore } from '../../connection/semaphore.js';
import { concurrency$, mergeMapAtMost, type Concurrency } from './merge-map-at-most.js';

/** How many are prepared at once, and how many may be ready before they can run. */
const AHEAD = 2;

/**
 * `mergeMapAtMost` for values that need preparation: the next ones are prepared while others run, and no more than two
 * are ahead of those.
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
