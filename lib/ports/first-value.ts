import { Observable, take, throwIfEmpty, type ObservableInput } from 'rxjs';
import { fromPort } from './from-port.js';
import { createWatch } from './watch.js';

export interface FirstValueOptions {
  /** The name of the option. */
  readonly port: string;
  /** Milliseconds (while awake) after which a port that has emitted nothing fails. */
  readonly withinMs: number;
  /** The error of a port that times out. */
  readonly silent: () => Error;
  /** The error of a port that completes without a value; null: allowed. */
  readonly empty: (() => Error) | null;
}

/**
 * Calls a port and emits its first value. Does nothing if the subscriber is already closed: operators subscribe to
 * their next inner observable even when a handler downstream has just unsubscribed in `next`.
 *
 * ```text
 * port:         --a--b--      ---|          -------
 * firstValue$:  --(a|)        ---# (empty)  ----# (silent)
 * ```
 */
export function firstValue$<T>(
  call: () => ObservableInput<T>,
  { port, withinMs, silent, empty }: FirstValueOptions,
): Observable<T> {
  return new Observable((subscriber) => {
    const isOver = (): boolean => subscriber.closed;
    if (isOver()) return undefined;
    try {
      const first$ = fromPort(call(), port).pipe(take(1));
      (empty === null ? first$ : first$.pipe(throwIfEmpty(empty))).subscribe(subscriber);
    } catch (error) {
      subscriber.error(error);
    }
    return isOver() ? undefined : createWatch(withinMs, withinMs, () => subscriber.error(silent())).start();
  });
}
