import { from, Observable, type ObservableInput } from 'rxjs';

/**
 * `defer` for what acts on the world: a subscriber that is closed already makes nothing happen. Operators subscribe
 * their next inner even when a handler further down has just unsubscribed in the middle of `next`.
 */
export function deferUnlessClosed<T>(factory: () => ObservableInput<T>): Observable<T> {
  return new Observable((subscriber) => {
    if (subscriber.closed) return undefined;
    try {
      return from(factory()).subscribe(subscriber);
    } catch (error) {
      subscriber.error(error);
      return undefined;
    }
  });
}
