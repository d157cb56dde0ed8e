import { concatMap, defer, finalize, map, mergeMap, Observable, of, tap, type OperatorFunction } from 'rxjs';
import { mapError } from '../../map-error.js';
import { InvalidOptionsError } from '../../model/errors/errors.js';
import { toObservable, type AnyObservable } from '../../ports/from-port.js';
import { requireInteger } from '../../validation/check.js';
import { createSemaphore } from '../../connection/limiter.js';

/** How many run at once: a fixed number, or the last value of an Observable (1 until its first). */
export type Concurrency = number | AnyObservable<number>;

/**
 * `mergeMap` whose bound may change. Values are queued, not subscriptions, so thousands of them cost next to nothing.
 * Lowering the bound does not cancel anything that is running.
 *
 * ```text
 * source:                  (abc|)
 * concurrency:             1---2------
 * mergeMapAtMost(--x|):    --x-(--x)x|     (b and c run together)
 * ```
 */
export function mergeMapAtMost<T, R>(
  concurrency: Concurrency,
  project: (value: T) => Observable<R>,
): OperatorFunction<T, R> {
  if (typeof concurrency === 'number') return mergeMap(project, concurrency);
  return (source$) =>
    new Observable((subscriber) => {
      let release = (): void => undefined;
      let running = 0;
      const admitted$ = new Observable<T>((gate) => {
        const waiting: T[] = [];
        let next = 0;
        let bound = 1;
        let isReleasing = false;
        let hasEnded = false;
        release = () => {
          // What starts here may end synchronously and release the next one: a loop instead of recursion.
          if (isReleasing) return;
          isReleasing = true;
          while (!gate.closed && running < bound && next < waiting.length) {
            running += 1;
            gate.next(waiting[next++] as T);
          }
          isReleasing = false;
          if (hasEnded && next === waiting.length) gate.complete();
        };
        const fail = (error: unknown): void => gate.error(error);
        gate.add(
          concurrency$(concurrency).subscribe({
            next: (value) => {
              bound = value;
              release();
            },
            error: fail,
          }),
        );
        gate.add(
          source$.subscribe({
            next: (value) => {
              waiting.push(value);
              release();
            },
            error: fail,
            complete: () => {
              hasEnded = true;
              release();
            },
          }),
        );
      });
      admitted$
        .pipe(
          mergeMap((value) =>
            project(value).pipe(
              finalize(() => {
                running -= 1;
                release();
              }),
            ),
          ),
        )
        .subscribe(subscriber);
    });
}

/** The bounds to follow, each a positive integer. @param option - the name of the option */
export function concurrency$(concurrency: Concurrency, option = 'taskNum'): Observable<number> {
  const bound$ = typeof concurrency === 'number' ? of(concurrency) : toObservable(concurrency);
  return bound$.pipe(
    mapError(() => new InvalidOptionsError(option, `${option} failed: how many may run at once is unknown.`)),
    map((bound) => requireInteger(option, bound, 1)),
  );
}

/** How many are prepared concurrently, and how many more than can run are admitted. */
const AHEAD = 2;

/**
 * `mergeMapAtMost` for values that need preparation: up to two values are prepared ahead of those that run. `project` is
 * called when its value may run.
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
          preparing.run(prepare(value)).pipe(concatMap((prepared) => running.run(defer(() => project(prepared))))),
        ),
      );
    });
}
