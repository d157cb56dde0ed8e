import { Observable, type ObservableInput } from 'rxjs';
import { toObservable } from '../../ports/from-port.js';

/**
 * `defer` for side effects: does nothing when the subscriber is already closed. Operators subscribe to their next inner
 * observable even when a handler downstream has just unsubscribed in the middle of `next`.
 */
export function deferUnlessClosed<T>(factory: () => ObservableInput<T>): Observable<T> {
  return new Observable((subscriber) => {
    if (subscriber.closed) return undefined;
    try {
      return toObservable(factory()).subscribe(subscriber);
    } catch (error) {
      subscriber.error(error);
      return undefined;
    }
  });
}
