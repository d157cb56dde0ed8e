import { catchError, concat, defer, EMPTY, ignoreElements, ReplaySubject, type Observable } from 'rxjs';

/**
 * Runs tasks in the order in which they are subscribed to, each one after the end of the one before. What has begun
 * ends, even if it is unsubscribed from.
 */
export function oneByOne(): <T>(task: () => Observable<T>) => Observable<T> {
  let last$: Observable<unknown> = EMPTY;
  return <T>(task: () => Observable<T>) =>
    defer(() => {
      const before$ = last$.pipe(
        ignoreElements(),
        catchError(() => EMPTY),
      );
      const done$ = new ReplaySubject<T>(1);
      last$ = done$;
      concat(before$, defer(task)).subscribe(done$);
      return done$;
    });
}
