import { concat, ignoreElements, Observable, of, retry, tap, type OperatorFunction } from 'rxjs';

/**
 * Subscribes again after a failure once `recover` has completed, and passes on what it says meanwhile; what `recover`
 * fails with is the end.
 *
 * ```text
 * source:    --#        --a|
 * recover:     r---|
 * result:    --r----------a|
 * ```
 */
export function retryTelling<T, E>(recover: (error: unknown) => Observable<E>): OperatorFunction<T, T | E> {
  return (source$) =>
    new Observable<T | E>((subscriber) =>
      source$
        .pipe(
          retry({
            delay: (error: unknown) =>
              concat(
                recover(error).pipe(
                  tap((said) => subscriber.next(said)),
                  ignoreElements(),
                ),
                of(null),
              ),
          }),
        )
        .subscribe(subscriber),
    );
}
