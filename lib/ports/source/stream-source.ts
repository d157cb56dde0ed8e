import type { ObservableInput } from 'rxjs';
import type { UploadedPart } from '../../model/checkpoint/checkpoint.js';
import type { NativeObservable } from '../from-port.js';
import type { StreamHold } from '../lock/stream-hold.js';
import type { StreamRecording } from '../spool/stream-spool.js';
import type { Chunks } from './stream/chunk-reader.js';
import { describe } from './to-upload-source.js';
import { growingStream } from './stream/growing-stream.js';
import { rangeOf, type ByteRange } from './stream/spool-writer.js';
import { createStreamBuffer, sizeOf, type Chunk } from './stream/stream-buffer.js';
import type { StreamSourceOptions } from './stream-source-options.js';
import type { UploadSource } from './upload-source.js';

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
export function streamSource(
  chunks: ObservableInput<Chunk> | NativeObservable<Chunk>,
  options: StreamSourceOptions = {},
): UploadSource {
  const described = { id: randomId(), ...describe(options.name, options.type), size: null };
  return growingStream(chunks, options, { ...described, chunks: [], acknowledged: [] }, createStreamBuffer());
}

/**
 * A stream that was recorded, and what it produces from now on.
 * @param sent - the bytes of the acknowledged parts
 * @param hold - holds the stream
 */
export function recordedStream(
  recording: StreamRecording,
  sent: readonly SentRange[],
  more: Chunks<Chunk>,
  options: StreamSourceOptions,
  hold: StreamHold,
): UploadSource {
  const chunks = recording.chunks.filter(({ chunk }) => sizeOf(chunk) > 0);
  const ranges = [...sent, ...chunks.map(rangeOf)];
  const end = endWithoutGap(ranges);
  const isCut = (recording.size ?? 0) > end || ranges.some((range) => range.end > end);
  const there = sent.filter((range) => range.end <= end);
  const size = recording.size === null ? null : end;
  const acknowledged = there.map(({ part }) => part);
  const buffer = createStreamBuffer(end);
  for (const { start, chunk } of chunks) if (start < end) buffer.restore(start, chunk);
  // What has ended produces no more.
  const described = { ...recording, size, chunks, acknowledged };
  return growingStream(size === null ? more : [], options, described, buffer, { sent: there, isCut, hold });
}

/** The bytes of a part that the server has. */
export interface SentRange extends ByteRange {
  readonly part: UploadedPart;
}

/** Where the first gap begins: of two chunks the later one may have been stored without the earlier, for lack of space. */
function endWithoutGap(ranges: readonly ByteRange[]): number {
  const inOrder = [...ranges].sort((a, b) => a.start - b.start);
  return inOrder.reduce((reached, { start, end }) => (start <= reached ? Math.max(reached, end) : reached), 0);
}

function randomId(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join('');
}
