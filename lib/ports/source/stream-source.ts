import { NEVER, Observable, Subject, type ObservableInput } from 'rxjs';
import { InvalidOptionsError } from '../../model/errors/invalid-options-error.js';
import { SourceError } from '../../model/errors/source-error.js';
import type { UploadError } from '../../model/errors/upload-error.js';
import { isBlob, isBytes } from '../../model/kinds.js';
import { MIB } from '../../model/limits.js';
import { requireInteger } from '../../validation/check.js';
import { readBlob$ } from '../read-blob.js';
import { createChunkReader } from './chunk-reader.js';
import { describe } from './describe.js';
import type { RecordedChunk, StreamRecording, StreamSpool } from '../spool/stream-spool.js';
import { createSpoolWriter, type ByteRange } from './spool-writer.js';
import { createStreamBuffer, sizeOf, type Chunk, type StreamBuffer } from './stream-buffer.js';
import type { GrowingSource, UploadSource } from './upload-source.js';

/** What is known of a stream, and how it is stored. */
export interface StreamSourceOptions {
  /** The object's content type is derived from it if neither `type` nor the key has one. */
  readonly name?: string | undefined;
  /** MIME type */
  readonly type?: string | undefined;
  /**
   * Stores what the server does not have yet in the browser, so that `recallStream$` gives it back after a reload. Then
   * the upload is begun at once, so that `pendingUploads$` lists it: even a short stream goes in parts. Give the upload a
   * `checkpointStore` as well.
   */
  readonly spool?: StreamSpool | undefined;
  /**
   * Bytes that are stored in memory at most while the server does not have them: an Observable that produces faster than they are
   * sent, or while the upload is paused, fails with a `SourceError` beyond it. What was produced until then can still be
   * sent.
   * @defaultValue 256 MiB
   */
  readonly maxBufferedBytes?: number | undefined;
  /**
   * Replaces the first part when all others are sent, before the object is completed: a recording can get a header with
   * its duration. What it emits first is sent as part 1, of 100 KiB at least (5 MiB on most S3 stores) unless it is the
   * only part; some stores need it to be as long as the others. The first part stays stored until then. If the upload is
   * resumed, it is called again, with the same bytes.
   */
  readonly finalize?: ((firstPart: Blob) => ObservableInput<Blob>) | undefined;
}

/**
 * A stream as the file of an upload: a recording, an export, a download that is passed on. Parts are cut while it is
 * produced, all of `partSize` but the last; its completion completes the object, nothing else does. Until then
 * `totalBytes`, `partCount` and `fraction` are null.
 *
 * A ReadableStream and an (async) iterable are read no further than one part ahead of those that are sent. An Observable
 * is subscribed to once, when the first upload begins, and stays subscribed while the upload is paused, offline or
 * cancelled: what it emits is stored until the server has it. So the same source object resumes in the same page, with
 * its checkpoint; nothing is lost, and no acknowledged part is sent again. One upload at a time may use it, another is
 * refused with an `InvalidOptionsError`.
 *
 * ```text
 * chunks:  --a--b--c----d--|
 * parts:   -----1-----------2(complete)
 * ```
 *
 * @param chunks - Blobs stay Blobs. Its error becomes a `SourceError` that carries the checkpoint; the parts stay.
 *
 * @example
 * ```ts
 * const recording$ = fromEvent<BlobEvent>(recorder, 'dataavailable').pipe(
 *   map(({ data }) => data),
 *   takeUntil(stopped$),
 * );
 * const sourceFile = streamSource(recording$, { type: 'video/webm' });
 * uploadFile$(obs, { bucket: 'media', key: 'meeting.webm', sourceFile }).subscribe(showEvent);
 * ```
 */
export function streamSource(chunks: ObservableInput<Chunk>, options: StreamSourceOptions = {}): UploadSource {
  const described = { id: randomId(), ...describe(options.name, options.type), size: null };
  return createSource(chunks, options, { ...described, chunks: [], acknowledged: [] }, createStreamBuffer());
}

/**
 * A stream that was recorded, and what it produces from now on.
 * @param sent - the bytes of the acknowledged parts
 */
export function recordedStream(
  recording: StreamRecording,
  sent: readonly ByteRange[],
  more: ObservableInput<Chunk>,
  options: StreamSourceOptions,
): UploadSource {
  const buffer = createStreamBuffer(Math.max(0, ...sent.map(({ end }) => end)));
  for (const { start, chunk } of recording.chunks) buffer.restore(start, chunk);
  // What has ended produces no more.
  return createSource(recording.size === null ? more : [], options, recording, buffer, sent);
}

function createSource(
  chunks: ObservableInput<Chunk>,
  options: StreamSourceOptions,
  recorded: StreamRecording,
  initial: StreamBuffer,
  sent: readonly ByteRange[] = [],
): UploadSource {
  const { id, name, type } = recorded;
  const limit = options.maxBufferedBytes ?? 256 * MIB;
  const spool = options.spool ? createSpoolWriter(options.spool, id, recorded.chunks.map(rangeOf), sent) : null;
  let buffer = initial;
  let finalize = options.finalize ?? null;
  const grown$ = new Subject<void>();
  const acknowledged = [...recorded.acknowledged];
  let { size } = recorded;
  let failure: UploadError | null = null;
  let wanted: { readonly bytes: number } | null = null;
  let isClaimed = false;
  let hasBegun = false;

  const fail = (error: UploadError): void => {
    failure = error;
    reader.stop();
    grown$.next();
  };
  const reader = createChunkReader(chunks, {
    isWanted: () => buffer.end < (wanted?.bytes ?? 0),
    next(chunk) {
      if (!isBlob(chunk) && !isBytes(chunk)) return fail(notAChunk());
      // The producer may reuse its array.
      const own = isBytes(chunk) ? chunk.slice() : chunk;
      spool?.append(buffer.end, own);
      buffer.append(own);
      if (!reader.isPaced && buffer.storedBytes > limit) fail(overflow(limit));
      else grown$.next();
    },
    end() {
      size = buffer.end;
      spool?.save({ id, name, type, size });
      grown$.next();
    },
    fail: (cause) => fail(broken(cause)),
  });

  const source: GrowingSource = {
    id,
    name,
    type,
    lastModified: null,
    isSpooled: spool !== null,
    warning$: spool?.warning$ ?? NEVER,
    get size() {
      return size;
    },
    get availableBytes() {
      return buffer.end;
    },
    grown$: grown$.asObservable(),
    acknowledged,
    get finalize() {
      return finalize;
    },
    claim() {
      requireInteger('maxBufferedBytes', limit, 1, Number.POSITIVE_INFINITY);
      if (isClaimed) throw inUse();
      isClaimed = true;
      if (!hasBegun) spool?.save({ id, name, type, size });
      hasBegun = true;
      // What pushes may not wait for the first request.
      reader.read();
      return () => void (isClaimed = false);
    },
    reach: (bytes) =>
      new Observable((subscriber) => {
        const isOver = (): boolean => subscriber.closed;
        const check = (): void => {
          if (buffer.end >= bytes || size !== null) subscriber.complete();
          else if (failure !== null) subscriber.error(failure);
        };
        check();
        if (isOver()) return undefined;
        const own = { bytes };
        wanted = own;
        const subscription = grown$.subscribe(check);
        reader.read();
        return () => {
          subscription.unsubscribe();
          // The subscriber may want more by now.
          if (wanted === own) wanted = null;
        };
      }),
    slice(start, end) {
      const chunk = buffer.slice(start, end);
      if (chunk === null) throw released();
      // A Blob's type would be sent as a Content-Type that was not signed.
      return isBytes(chunk) || chunk.type === '' ? chunk : chunk.slice(0, chunk.size, '');
    },
    read(start, end) {
      const chunk = buffer.read(start, end);
      if (chunk === null) throw released();
      return isBytes(chunk) ? [chunk] : readBlob$(chunk);
    },
    acknowledge(part, { start, end }) {
      acknowledged.push(part);
      const isNeeded = finalize !== null && part.partNumber === 1;
      if (!isNeeded) buffer.release(start, end);
      spool?.acknowledge(part, start, isNeeded ? start : end);
    },
    replace(blob) {
      finalize = null;
      buffer = createStreamBuffer();
      buffer.append(blob);
      size = blob.size;
    },
    finish() {
      buffer.release(0, buffer.end);
      spool?.remove();
    },
  };
  return source;
}

function rangeOf({ start, chunk }: RecordedChunk): ByteRange {
  return { start, end: start + sizeOf(chunk) };
}

function randomId(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join('');
}

function broken(cause: unknown): UploadError {
  if (cause instanceof InvalidOptionsError) return cause;
  return new SourceError(
    'source-unreadable',
    'The stream failed before its end, so the object was not made; the parts that were sent stay on the server.',
    { cause },
  );
}

function notAChunk(): SourceError {
  return new SourceError(
    'source-unreadable',
    'The stream emitted something else than Blobs and Uint8Arrays. Convert it first: text with TextEncoder.',
  );
}

function overflow(limit: number): SourceError {
  return new SourceError(
    'source-overflow',
    `The stream is ahead of the upload by more than maxBufferedBytes (${limit} bytes), so it was unsubscribed from. Raise ` +
      'maxBufferedBytes, send more parts at once, produce less, or pass a ReadableStream, which is read only as fast as ' +
      'it is sent.',
  );
}

function released(): SourceError {
  return new SourceError(
    'source-unreadable',
    'A part of this stream was sent already and is no longer stored, so it cannot be sent again. Resume with the last ' +
      'checkpoint; if the upload is gone from the server, produce the stream again.',
    { resumable: false },
  );
}

function inUse(): InvalidOptionsError {
  return new InvalidOptionsError(
    'sourceFile',
    'This stream is being uploaded already, and can be sent only once. Cancel that upload first, or send the stream to ' +
      'two sources with share().',
  );
}
