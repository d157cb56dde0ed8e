import { defer, from, Observable, take, takeUntil, throwError, throwIfEmpty, type ObservableInput } from 'rxjs';
import { InvalidOptionsError } from '../model/errors/errors.js';
import { isVirtualTime } from '../time.js';
import { silence$ } from './watch.js';

/** The Observable of browsers (https://wicg.github.io/observable/), which RxJS does not accept by itself. */
export interface NativeObservable<T> {
  /** As the browser's `Observable` has it. */
  subscribe(
    observer: { next: (value: T) => void; error: (error: unknown) => void; complete: () => void },
    options: { readonly signal: AbortSignal },
  ): void;
}

/** An RxJS Observable, or one of the browser. */
export type AnyObservable<T> = Observable<T> | NativeObservable<T>;

export function toObservable<T>(source: ObservableInput<T> | NativeObservable<T>): Observable<T> {
  if (!isPresent(source) || !isNative(source)) return from(source as ObservableInput<T>);
  return new Observable((subscriber) => {
    const controller = new AbortController();
    // Before the first value, which may unsubscribe.
    subscriber.add(() => controller.abort());
    // An observer and options, not two handlers.
    // eslint-disable-next-line rxjs-x/prefer-observer
    source.subscribe(
      {
        next: (value) => subscriber.next(value),
        error: (error) => subscriber.error(error),
        complete: () => subscriber.complete(),
      },
      { signal: controller.signal },
    );
  });
}

/** RxJS 7 marks its own with a method of that name where there is no `Symbol.observable`. */
function isNative<T>(source: ObservableInput<T> | NativeObservable<T>): source is NativeObservable<T> {
  if (!('subscribe' in source)) return false;
  const { observable = '@@observable' } = Symbol as { readonly observable?: symbol };
  return !(observable in source) && !('@@observable' in source);
}

/**
 * Converts what a port or a function of the application returns to an Observable. In virtual time a Promise fails at
 * once: it would settle only after `TestScheduler.run` has returned.
 * @param option - what returned it
 */
export function fromPort<T>(input: ObservableInput<T>, option: string): Observable<T> {
  if (!needsRealTime(input) || !isVirtualTime()) return toObservable(input);
  return throwError(() => notInVirtualTime(option, `Let ${option} return an Observable such as of(value)`));
}

/** @param instead - what to use in its place */
export function notInVirtualTime(option: string, instead: string): InvalidOptionsError {
  return new InvalidOptionsError(
    option,
    `A File or a Promise cannot settle inside TestScheduler.run (virtual time). ${instead}, or run this test in real time.`,
  );
}

/** A port that returns nothing is RxJS's to report. */
function isPresent(input: unknown): boolean {
  return typeof input === 'object' && input !== null;
}

function needsRealTime(input: unknown): boolean {
  if (typeof input !== 'object' || input === null || 'subscribe' in input) return false;
  return 'then' in input || Symbol.asyncIterator in input || 'getReader' in input;
}

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
  const first$ = defer(() => fromPort(call(), port)).pipe(take(1), takeUntil(silence$(withinMs, silent)));
  return empty === null ? first$ : first$.pipe(throwIfEmpty(empty));
}
