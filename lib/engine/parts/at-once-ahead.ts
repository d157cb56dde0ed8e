import { concatMap, mergeMap, Observable, type OperatorFunction } from 'rxjs';
import { createLimiter } from '../../connection/limiter.js';
import { widths$, type Width } from './at-once.js';

/** So many are prepared at once, and so many are ahead of those that run: with none the line would wait for each. */
const AHEAD = 2;

/**
 * `atOnce` for what needs preparation: the next ones are prepared while others run, but no more than those are ahead.
 *
 * ```text
 * prepare:  -[1]-[2]-[3]--------[4]
 * project:     --[1............]-[2.........
 * ```
 */
export function atOnceAhead<T, P, R>(
  width: Width,
  prepare: (value: T) => Observable<P>,
  project: (prepared: P) => Observable<R>,
): OperatorFunction<T, R> {
  return (source$) =>
    new Observable((subscriber) => {
      const begun = createLimiter(1 + AHEAD);
      const prepared = createLimiter(AHEAD);
      const running = createLimiter(1);
      subscriber.add(
        widths$(width).subscribe({
          next: (permits) => {
            begun.resize(permits + AHEAD);
            running.resize(permits);
          },
          error: (error: unknown) => subscriber.error(error),
        }),
      );
      const oneAfterTheOther = (value: T): Observable<R> =>
        prepared
          .run(prepared, 'data', prepare(value))
          .pipe(concatMap((ready) => running.run(running, 'data', project(ready))));
      source$.pipe(mergeMap((value) => begun.run(begun, 'data', oneAfterTheOther(value)))).subscribe(subscriber);
    });
}
