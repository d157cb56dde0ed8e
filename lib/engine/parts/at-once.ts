import { catchError, map, mergeMap, Observable, of, throwError, type OperatorFunction } from 'rxjs';
import { createLimiter } from '../../connection/limiter.js';
import { InvalidOptionsError } from '../../model/errors/invalid-options-error.js';
import { requireInteger } from '../../validation/check.js';

/** A number holds; of an Observable the last value holds, 1 until its first. A lower width aborts nothing. */
export type Width = number | Observable<number>;

/** `mergeMap` whose width may change. */
export function atOnce<T, R>(width: Width, project: (value: T) => Observable<R>): OperatorFunction<T, R> {
  if (typeof width === 'number') return mergeMap(project, width);
  return (source$) =>
    new Observable((subscriber) => {
      const limiter = createLimiter(1);
      subscriber.add(
        widths$(width).subscribe({
          next: (permits) => limiter.resize(permits),
          error: (error: unknown) => subscriber.error(error),
        }),
      );
      source$.pipe(mergeMap((value) => limiter.run(limiter, 'data', project(value)))).subscribe(subscriber);
    });
}

/** The widths to follow, each a positive integer. */
export function widths$(width: Width): Observable<number> {
  if (typeof width === 'number') return of(width);
  return width.pipe(
    catchError(() =>
      throwError(() => new InvalidOptionsError('taskNum', 'taskNum failed, so nobody says how many parts go at once.')),
    ),
    map((taskNum) => requireInteger('taskNum', taskNum, 1, Number.POSITIVE_INFINITY)),
  );
}
