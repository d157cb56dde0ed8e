import { EMPTY, merge, NEVER, Observable, of, Subject } from 'rxjs';
import type { UploadError } from '../../../model/errors/upload-error.js';
import { isBlob, isBytes } from '../../../model/kinds.js';
import { MIB } from '../../../model/checkpoint/parts.js';
import { requireInteger } from '../../../validation/check.js';
import { createStreamHold, type StreamHold } from '../../lock/stream-hold.js';
import type { StreamRecording } from '../../spool/stream-spool.js';
import { bufferedStream, type StreamOrigin } from './buffered-stream.js';
import { createChunkReader, type Chunks } from './chunk-reader.js';
import { createSpoolWriter, rangeOf, type ByteRange } from './spool-writer.js';
import { sizeOf, type Chunk, type StreamBuffer } from './stream-buffer.js';
import { broken, cutOff, inUse, notAChunk, overflow } from './stream-errors.js';
import type { StreamSourceOptions } from '../stream-source-options.js';
import type { StreamedSource } from '../streamed-source.js';

/** What else is known of a stream that was recalled. */
export interface RecalledStream {
  /** The bytes of the acknowledged parts. */
  readonly sent: readonly ByteRange[];
  /** Something is missing, and what comes after it is not used. */
  readonly isCut: boolean;
  /** Holds the stream. */
  readonly hold: StreamHold;
}

/**
 * A stream that produces: what of it the server does not have is in the buffer, and in the spool if it has one.
 * @param recorded - what is known of it already
 * @param recalled - if it was recalled
 */
export function growingStream(
  chunks: Chunks<Chunk>,
  options: StreamSourceOptions,
  recorded: StreamRecording,
  buffer: StreamBuffer,
  recalled: RecalledStream | null = null,
): StreamedSource {
  const { id, name, type } = recorded;
  const limit = options.maxBufferedBytes ?? 256 * MIB;
  const ranges = recorded.chunks.map(rangeOf);
  const { end } = buffer;
  const needed = ranges.filter(({ start }) => start < end);
  // `finalize` needs the first part until the end.
  const sent = recalled?.sent ?? [];
  const unneeded = options.finalize ? sent.filter(({ start }) => start > 0) : sent;
  const spool = options.spool ? createSpoolWriter(options.spool, id, () => letGo(), needed, unneeded) : null;
  const hold = recalled?.hold ?? (options.spool ? createStreamHold(options.spool, id, options.lock) : null);
  const grown$ = new Subject<void>();
  let { size } = recorded;
  let failure: UploadError | null = null;
  let wanted: { readonly bytes: number } | null = null;
  /** The upload that uses it. */
  let user: object | null = null;
  let hasBegun = false;
  let isFinished = false;

  /** While nobody uploads it, others may recall it if they get all of it: its end must be stored. */
  const letGo = (): void => {
    if (user !== null || !spool || spool.isWriting) return;
    const isStored = (size !== null || failure !== null) && !spool.hasFailed;
    if (isFinished || isStored) hold?.release();
    // Nothing was read of what comes now, and nothing is until it is uploaded.
    else if (reader.isPaced && buffer.end === end) recalled?.hold.offer();
  };

  const fail = (error: UploadError): void => {
    failure = error;
    reader.stop();
    grown$.next();
    letGo();
  };
  const reader = createChunkReader(chunks, {
    isWanted: () => buffer.end < (wanted?.bytes ?? 0),
    next(chunk) {
      if (!isBlob(chunk) && !isBytes(chunk)) return fail(notAChunk());
      let own: Chunk;
      try {
        // The producer may reuse its array. `slice` of a Node Buffer would not copy it.
        own = isBytes(chunk) ? new Uint8Array(chunk) : chunk;
      } catch (cause) {
        // There is no memory for it, or its buffer was transferred.
        return fail(broken(cause));
      }
      // The next chunk has the same position: the spool would take one for the other.
      if (sizeOf(own) === 0) return;
      spool?.append(buffer.end, own);
      buffer.append(own);
      if (!reader.isPaced && buffer.storedBytes > limit) fail(overflow(limit));
      else grown$.next();
    },
    end() {
      size = buffer.end;
      spool?.save({ id, name, type, size });
      grown$.next();
      letGo();
    },
    fail: (cause) => fail(broken(cause)),
  });

  const origin: StreamOrigin = {
    id,
    name,
    type,
    isSpooled: spool !== null,
    warning$: merge(recalled?.isCut ? of(cutOff(end)) : EMPTY, spool?.warning$ ?? NEVER),
    grown$: grown$.asObservable(),
    acknowledged: [...recorded.acknowledged],
    finalize: options.finalize ?? null,
    get size() {
      return size;
    },
    get availableBytes() {
      return buffer.end;
    },
    claim() {
      requireInteger('maxBufferedBytes', limit, 1);
      if (user !== null) throw inUse();
      const own = {};
      user = own;
      hold?.acquire();
      if (!hasBegun) {
        spool?.save({ id, name, type, size });
        // After a gap: what is produced from now on takes their place.
        for (const { start } of ranges) if (start >= end) spool?.erase(start);
      }
      hasBegun = true;
      // What pushes may not wait for the first request.
      reader.read();
      return () => {
        if (user !== own) return;
        user = null;
        letGo();
      };
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
    onAcknowledged: (part, { start, end }, isNeeded) => spool?.acknowledge(part, start, isNeeded ? start : end),
    onReplaced: (bytes) => void (size = bytes.size),
    onFinished() {
      isFinished = true;
      spool?.remove();
    },
  };
  return bufferedStream(origin, buffer);
}
