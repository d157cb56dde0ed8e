import { mergeMap, Observable, type OperatorFunction } from 'rxjs';
import { createLimiter } from '../connection/limiter.js';
import { InvalidOptionsError } from '../errors/invalid-options-error.js';
import { requireInteger } from '../input/check.js';

/**
 * `mergeMap` whose width may change: a number holds; of an Observable the last value holds, 1 until its first. A lower
 * width aborts nothing.
 */
export function atOnce<T, R>(
  width: number | Observable<number>,
  project: (value: T) => Observable<R>,
): OperatorFunction<T, R> {
  if (typeof width === 'number') return mergeMap(project, width);
  return (source$) =>
    new Observable((subscriber) => {
      const limiter = createLimiter(1);
      const resize = (taskNum: number): void => {
        try {
          limiter.resize(requireInteger('taskNum', taskNum, 1, Number.POSITIVE_INFINITY));
        } catch (error) {
          subscriber.error(error);
        }
      };
      subscriber.add(
        width.subscribe({
          next: resize,
          error: () =>
            subscriber.error(
              new InvalidOptionsError('taskNum', 'taskNum failed, so nobody says how many parts go at once.'),
            ),
        }),
      );
      source$.pipe(mergeMap((value) => limiter.run(limiter, 'part', project(value)))).subscribe(subscriber);
    });
}
