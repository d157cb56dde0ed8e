import type { Observable } from 'rxjs';

/**
 * The values of an Observable for `for await`. Each loop is a subscription; leaving it unsubscribes, which for an upload
 * means that its requests are aborted and its parts stay. Values that come while the loop is busy wait.
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
export function toAsyncIterable<T>(source$: Observable<T>): AsyncIterable<T> {
  return { [Symbol.asyncIterator]: () => iterate(source$) };
}

async function* iterate<T>(source$: Observable<T>): AsyncGenerator<T, void, undefined> {
  const values: T[] = [];
  let end: { readonly error: unknown } | 'completed' | null = null;
  let wake = (): void => undefined;
  const subscription = source$.subscribe({
    next: (value) => {
      values.push(value);
      wake();
    },
    error: (error: unknown) => {
      end = { error };
      wake();
    },
    complete: () => {
      end = 'completed';
      wake();
    },
  });
  try {
    for (;;) {
      while (values.length > 0) yield values.shift() as T;
      const ended = end as { readonly error: unknown } | 'completed' | null;
      if (ended === 'completed') return;
      if (ended !== null) throw ended.error;
      await new Promise<void>((resolve) => (wake = resolve));
    }
  } finally {
    subscription.unsubscribe();
  }
}
