import {
  concat,
  defer,
  EMPTY,
  map,
  merge,
  Observable,
  of,
  Subscription,
  throttleTime,
  timer,
  type ObservableInput,
  type OperatorFunction,
} from 'rxjs';
import type { UploadedPart } from '../../model/checkpoint/checkpoint.js';
import { isBytes } from '../../model/kinds.js';
import type { PlannedPart } from '../../model/checkpoint/parts.js';
import type { StreamedSource } from '../../ports/source/streamed-source.js';
import { Handover } from './channel.js';
import { toPortable } from './portable-error.js';
import type { Callable } from './portable-options.js';
import type { RemoteStream, StreamNews, StreamSizes, StreamStep } from './remote-stream.js';

/** A stream of the page for one upload in a worker. */
export interface ServedStream {
  readonly stream: RemoteStream;
  readonly functions: readonly (readonly [name: string, call: Callable])[];
  /** The upload has ended: the stream may be used by another one. */
  readonly release: () => void;
}

/**
 * A stream stays in the page, with its buffer and its spool, so that it outlives the worker. The worker gets the bytes
 * of each part that it is about to send, and none before.
 * @param intervalMs - how often the worker is notified of its growth, at most
 */
export function serveStream(source: StreamedSource, intervalMs: number): ServedStream {
  const used = new Subscription();
  /** The worker learns later that the upload has ended: until then nothing more is read for it. */
  const whileUsed = <T>(value$: Observable<T>): Observable<T> =>
    new Observable((subscriber) => {
      if (used.closed) return undefined;
      const subscription = value$.subscribe(subscriber);
      used.add(subscription);
      return subscription;
    });
  const sizes = (): StreamSizes => ({ size: source.size, availableBytes: source.availableBytes });

  const open = (): Observable<StreamNews> =>
    new Observable((subscriber) => {
      if (used.closed) return undefined;
      used.add(source.claim());
      subscriber.next({ type: 'opened', ...sizes(), acknowledged: [...source.acknowledged] });
      const grown$ = source.grown$.pipe(
        throttleTime(intervalMs, undefined, { leading: true, trailing: true }),
        map((): StreamNews => ({ type: 'grown', ...sizes() })),
      );
      const warning$ = source.warning$.pipe(
        map((error): StreamNews => ({ type: 'warning', error: toPortable(error) })),
      );
      return merge(grown$, warning$).subscribe(subscriber);
    });
  const reach = (from: number, to: number): Observable<Handover> =>
    whileUsed(
      concat(
        source.reach(to),
        defer(() => of(handedOver({ ...sizes(), chunks: source.stored(from, to) }))),
      ),
    );
  const silently = (action: () => void): ObservableInput<never> => {
    action();
    return EMPTY;
  };

  const { id, name, type, isSpooled } = source;
  return {
    stream: { id, name, type, isSpooled, isFinalized: source.finalize !== null, ...sizes() },
    functions: [
      ['source.open', open],
      ['source.reach', reach],
      ['source.finalize', (firstPart: Blob) => source.finalize?.(firstPart) ?? EMPTY],
      ['source.replace', (blob: Blob) => silently(() => source.replace(blob))],
      ['source.finish', () => silently(() => source.finish())],
      [
        'source.acknowledge',
        (part: UploadedPart, range: PlannedPart) => silently(() => source.acknowledge(part, range)),
      ],
    ],
    release: () => used.unsubscribe(),
  };
}

/** A copy of the arrays, since the page stores them until the server has them. */
function handedOver(step: StreamStep): Handover {
  const buffers: ArrayBuffer[] = [];
  const chunks = step.chunks.map(({ start, chunk }) => {
    if (!isBytes(chunk)) return { start, chunk };
    const copy = new Uint8Array(chunk);
    buffers.push(copy.buffer);
    return { start, chunk: copy };
  });
  return new Handover({ ...step, chunks }, buffers);
}

/**
 * Collects values that follow each other within a time: each message to another thread costs the same, whatever it holds.
 *
 * ```text
 * source:       a--b-c----d-----e|
 * batched(5):   a----x----d-----e|      (x: b and c)
 * ```
 * @param isUrgent - asked of each value in order: whether it is emitted at once, with those before it
 */
export function batched<T>(
  ms: number,
  isUrgent: (value: T) => boolean = () => false,
): OperatorFunction<T, readonly T[]> {
  return (source$) =>
    new Observable((subscriber) => {
      let batch: T[] = [];
      let pause: Subscription | null = null;
      const flush = (): void => {
        const values = batch;
        batch = [];
        if (values.length > 0) subscriber.next(values);
      };
      const flushOrRest = (): void => {
        pause = null;
        if (batch.length === 0) return;
        pause = timer(ms).subscribe(flushOrRest);
        flush();
      };
      subscriber.add(() => pause?.unsubscribe());
      return source$.subscribe({
        next: (value) => {
          const urgent = isUrgent(value);
          batch.push(value);
          if (pause === null) flushOrRest();
          else if (urgent) flush();
        },
        error: (error: unknown) => {
          flush();
          subscriber.error(error);
        },
        complete: () => {
          flush();
          subscriber.complete();
        },
      });
    });
}
