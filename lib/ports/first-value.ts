import { Observable, take, throwIfEmpty, type ObservableInput } from 'rxjs';
import { fromPort } from './from-port.js';
import { createWatch } from './watch.js';

export interface FirstValueOptions {
  /** What the application calls the port: the option's name. */
  readonly port: string;
  /** Milliseconds, awake, after which a port that has emitted nothing has failed. */
  readonly withinMs: number;
  /** The failure of a port that stays silent. */
  readonly silent: () => Error;
  /** The failure of a port that completes without a value; null: it may. */
  readonly empty: (() => Error) | null;
}

/**
 * Calls a port and emits its first value. A subscriber that is closed already makes no call: operators subscribe to
 * their next inner even when a handler further down has just unsubscribed in `next`.
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
