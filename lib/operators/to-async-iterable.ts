import type { Subscription } from 'rxjs';
import { toObservable, type AnyObservable } from '../ports/from-port.js';

/** Options of `toAsyncIterable`. */
export interface ToAsyncIterableOptions {
  /** Unsubscribes when it is aborted, and the loop ends with the signal's reason as its error. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * The values of an Observable for `for await`. Each loop is a subscription; leaving it unsubscribes at once, even while
 * it waits for a value, which for an upload means that its requests are aborted and its parts stay. Values that come
 * while the loop is busy wait.
 *
 * @returns an iterable that throws what the Observable fails with, after the values before it
 *
 * @example
 * ```ts
 * for await (const event of toAsyncIterable(uploadFile$(obs, request))) {
 *   showEvent(event);
 * }
 * ```
 */
export function toAsyncIterable<T>(
  source$: AnyObservable<T>,
  { signal }: ToAsyncIterableOptions = {},
): AsyncIterable<T> {
  return { [Symbol.asyncIterator]: () => iterate(source$, signal) };
}

type End = { readonly error: unknown } | 'completed';

/** Calls of `next` that wait for a value. */
interface Waiting<T> {
  readonly resolve: (result: IteratorResult<T, undefined>) => void;
  readonly reject: (error: unknown) => void;
}

/** Not a generator: `return` of one waits for a pending `next`. */
function iterate<T>(source$: AnyObservable<T>, signal: AbortSignal | undefined): AsyncIterableIterator<T, undefined> {
  const values: T[] = [];
  const waiting: Waiting<T>[] = [];
  let end: End | null = null;
  let hasBegun = false;
  let subscription: Subscription | null = null;

  /** Gives what there is to those that wait. An error is thrown once. */
  const settle = (): void => {
    for (let next = waiting[0]; next !== undefined; next = waiting[0]) {
      if (values.length > 0) next.resolve({ done: false, value: values.shift() as T });
      else if (end === null) return;
      else if (end === 'completed') next.resolve({ done: true, value: undefined });
      else {
        next.reject(end.error);
        end = 'completed';
      }
      waiting.shift();
    }
  };
  const endAs = (how: End): void => {
    if (end === null) {
      end = how;
      signal?.removeEventListener('abort', abort);
      subscription?.unsubscribe();
    }
    settle();
  };
  const abort = (): void => endAs({ error: signal?.reason });
  const begin = (): void => {
    if (hasBegun || end !== null) return;
    hasBegun = true;
    if (signal?.aborted) return abort();
    signal?.addEventListener('abort', abort);
    subscription = toObservable(source$).subscribe({
      next: (value) => {
        if (end !== null) return;
        values.push(value);
        settle();
      },
      error: (error: unknown) => endAs({ error }),
      complete: () => endAs('completed'),
    });
    // Ended within subscribe.
    if ((end as End | null) !== null) subscription.unsubscribe();
  };
  const iterator: AsyncIterableIterator<T, undefined> = {
    next: () =>
      new Promise((resolve, reject) => {
        waiting.push({ resolve, reject });
        begin();
        settle();
      }),
    return: () => {
      values.length = 0;
      if (end !== null) end = 'completed';
      endAs('completed');
      return Promise.resolve({ done: true, value: undefined });
    },
    [Symbol.asyncIterator]: () => iterator,
  };
  return iterator;
}
