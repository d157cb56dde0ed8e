import { AsyncSubject, concat, defer, EMPTY, ignoreElements, ReplaySubject, Subject, tap, type Observable } from 'rxjs';
import type { UploadedPart } from '../../model/checkpoint/checkpoint.js';
import { StoreError } from '../../model/errors/errors.js';
import { bufferedStream, type StreamOrigin } from '../../ports/source/stream/buffered-stream.js';
import { createStreamBuffer } from '../../ports/source/stream/stream-buffer.js';
import type { StreamedSource } from '../../ports/source/streamed-source.js';
import type { GrowingSource } from '../../ports/source/upload-source.js';
import type { RecordedChunk } from '../../ports/spool/stream-spool.js';
import { fromPortable, type PortableError } from './portable-error.js';

/** How much of a stream there is. */
export type StreamSizes = Pick<GrowingSource, 'size' | 'availableBytes'>;

/** A stream of the page when its upload begins. */
export interface RemoteStream extends StreamSizes, Pick<GrowingSource, 'id' | 'name' | 'type' | 'isSpooled'> {
  /** Its first part is replaced before the object is completed. */
  readonly isFinalized: boolean;
}

/** What the page reports of a stream while it is uploaded. */
export type StreamNews =
  | (StreamSizes & { readonly type: 'opened'; readonly acknowledged: readonly UploadedPart[] })
  | (StreamSizes & { readonly type: 'grown' })
  | { readonly type: 'warning'; readonly error: PortableError };

/** The bytes that were asked for. */
export interface StreamStep extends StreamSizes {
  readonly chunks: readonly RecordedChunk[];
}

/**
 * A stream of the page as a source in the worker. It has the bytes of the parts that are being sent; acknowledged parts
 * are released at both ends.
 * @param call$ - calls a function of `serveStream` in the page
 */
export function remoteStream(
  { id, name, type, isSpooled, isFinalized, ...sizes }: RemoteStream,
  call$: (name: string, ...args: readonly unknown[]) => Observable<unknown>,
): StreamedSource {
  const opened$ = new AsyncSubject<null>();
  const grown$ = new Subject<void>();
  const warning$ = new ReplaySubject<StoreError>(1);
  const acknowledged: UploadedPart[] = [];
  const buffer = createStreamBuffer();
  let { size, availableBytes } = sizes;
  /** The bytes before this position are here, unless they were acknowledged. */
  let fetched = 0;

  const grow = (now: StreamSizes): void => {
    ({ size, availableBytes } = now);
    grown$.next();
  };
  const learn = (news: StreamNews): void => {
    if (news.type === 'warning') {
      const error = fromPortable(news.error);
      return error instanceof StoreError ? warning$.next(error) : undefined;
    }
    if (news.type === 'opened') {
      acknowledged.push(...news.acknowledged);
      opened$.next(null);
      opened$.complete();
    }
    return grow(news);
  };
  const fetch$ = (bytes: number): Observable<never> =>
    call$('source.reach', fetched, bytes).pipe(
      tap((step) => {
        const { chunks, ...now } = step as StreamStep;
        for (const { start, chunk } of chunks) buffer.restore(start, chunk);
        fetched = Math.min(bytes, now.availableBytes);
        grow(now);
      }),
      ignoreElements(),
    );
  const report = (method: string, ...args: readonly unknown[]): void => {
    call$(method, ...args).subscribe();
  };

  const origin: StreamOrigin = {
    id,
    name,
    type,
    isSpooled,
    warning$,
    grown$: grown$.asObservable(),
    acknowledged,
    finalize: isFinalized ? (firstPart) => call$('source.finalize', firstPart) as Observable<Blob> : null,
    get size() {
      return size;
    },
    get availableBytes() {
      return availableBytes;
    },
    claim() {
      const subscription = call$('source.open').subscribe({
        next: (news) => learn(news as StreamNews),
        error: (error: unknown) => opened$.error(error),
      });
      return () => subscription.unsubscribe();
    },
    reach: (bytes) =>
      concat(
        opened$.pipe(ignoreElements()),
        defer(() => (fetched >= Math.min(bytes, size ?? bytes) ? EMPTY : fetch$(bytes))),
      ),
    onAcknowledged: (part, range) => report('source.acknowledge', part, range),
    onReplaced(bytes) {
      size = availableBytes = fetched = bytes.size;
      report('source.replace', bytes);
    },
    onFinished: () => report('source.finish'),
  };
  return bufferedStream(origin, buffer);
}
