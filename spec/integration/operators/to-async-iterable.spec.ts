import { concat, from, NEVER, Observable, of, Subject, throwError } from 'rxjs';
import { toAsyncIterable, uploadFile$, createObsConnection } from 'rx-obs-upload';
import { createFakeObs, fakeSource } from 'rx-obs-upload/testing';

async function valuesOf<T>(
  source$: Observable<T>,
): Promise<{ readonly values: readonly T[]; readonly error: unknown }> {
  const values: T[] = [];
  try {
    for await (const value of toAsyncIterable(source$)) values.push(value);
    return { values, error: null };
  } catch (error) {
    return { values, error };
  }
}

describe('toAsyncIterable', () => {
  it('yields all values, including undefined, and ends with its source', async () => {
    expect(await valuesOf(from([1, undefined, 3]))).toEqual({ values: [1, undefined, 3], error: null });
    expect(await valuesOf(of())).toEqual({ values: [], error: null });
  });

  it('yields the values before it throws an error', async () => {
    const error = new Error('no');
    expect(
      await valuesOf(
        concat(
          of(1, 2),
          throwError(() => error),
        ),
      ),
    ).toEqual({ values: [1, 2], error });
  });

  it('subscribes once for each loop, not before, and unsubscribes when the loop exits', async () => {
    let [subscribed, unsubscribed] = [0, 0];
    const source$ = new Observable<number>((subscriber) => {
      subscribed += 1;
      subscriber.next(1);
      return () => void (unsubscribed += 1);
    });
    const iterable = toAsyncIterable(source$);
    expect(subscribed).toBe(0);
    for (let loop = 1; loop <= 2; loop++) {
      for await (const value of iterable) {
        expect([value, subscribed, unsubscribed]).toEqual([1, loop, loop - 1]);
        break;
      }
      expect(unsubscribed).toBe(loop);
    }
  });

  it('buffers values while the loop is busy', async () => {
    const source$ = new Subject<number>();
    const iterator = toAsyncIterable(concat(source$, NEVER))[Symbol.asyncIterator]();
    const first = iterator.next();
    source$.next(1);
    source$.next(2);
    expect(await first).toEqual({ done: false, value: 1 });
    source$.next(3);
    expect([await iterator.next(), await iterator.next()]).toEqual([
      { done: false, value: 2 },
      { done: false, value: 3 },
    ]);
    await iterator.return?.();
    expect(source$.observed).toBe(false);
  });

  it('returns at once while it waits for a value', async () => {
    const source$ = new Subject<number>();
    const iterator = toAsyncIterable(source$)[Symbol.asyncIterator]();
    const waiting = [iterator.next(), iterator.next()];
    const returned = iterator.return?.();
    expect(source$.observed).toBe(false);
    expect(await Promise.all([...waiting, returned, iterator.next()])).toEqual(
      Array.from({ length: 4 }, () => ({ done: true, value: undefined })),
    );
  });

  it('does not subscribe if it returns before it starts, and drops buffered values and errors', async () => {
    const source$ = new Subject<number>();
    const unused = toAsyncIterable(source$)[Symbol.asyncIterator]();
    await unused.return?.();
    expect([await unused.next(), source$.observed]).toEqual([{ done: true, value: undefined }, false]);
    const failed = toAsyncIterable(
      concat(
        of(1, 2),
        throwError(() => new Error('no')),
      ),
    )[Symbol.asyncIterator]();
    expect(await failed.next()).toEqual({ done: false, value: 1 });
    await failed.return?.();
    expect(await failed.next()).toEqual({ done: true, value: undefined });
  });

  it('throws an error once and is then done', async () => {
    const iterator = toAsyncIterable(throwError(() => new Error('no')))[Symbol.asyncIterator]();
    await expect(iterator.next()).rejects.toThrow('no');
    expect(await iterator.next()).toEqual({ done: true, value: undefined });
  });

  it('unsubscribes at once and throws the reason if its signal is aborted', async () => {
    const source$ = new Subject<number>();
    const controller = new AbortController();
    const loop = (async () => {
      for await (const value of toAsyncIterable(source$, { signal: controller.signal })) expect(value).toBe(1);
    })();
    source$.next(1);
    controller.abort(new Error('enough'));
    expect(source$.observed).toBe(false);
    await expect(loop).rejects.toThrow('enough');
    const aborted = toAsyncIterable(source$, { signal: AbortSignal.abort('before') })[Symbol.asyncIterator]();
    await expect(aborted.next()).rejects.toBe('before');
    expect(source$.observed).toBe(false);
  });

  it('loops over an upload', async () => {
    const { server, credentials, transport, bucket } = createFakeObs();
    const obs = createObsConnection({ server, credentials, transport });
    const upload$ = uploadFile$(obs, { bucket, key: 'a', sourceFile: fakeSource({ size: 10 }) });
    const { values, error } = await valuesOf(upload$);
    expect([values[0]?.type, values.at(-1)?.type, error]).toEqual(['started', 'completed', null]);
  });
});
