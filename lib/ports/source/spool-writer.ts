import { defer, endWith, ignoreElements, ReplaySubject, timeout, type Observable, type ObservableInput } from 'rxjs';
import type { UploadedPart } from '../../model/checkpoint/checkpoint.js';
import { StoreError } from '../../model/errors/errors.js';
import { toObservable } from '../from-port.js';
import type { RecordedChunk, SpooledStream, StreamSpool } from '../spool/stream-spool.js';
import { sizeOf, type Chunk } from './stream-buffer.js';

/** A write that takes longer will never end. */
const TIMEOUT_MS = 30_000;

/** Writes one stream to its spool. */
export interface SpoolWriter {
  /** The first write that failed or took too long: nothing more is stored after it. */
  readonly warning$: Observable<StoreError>;
  readonly save: (stream: SpooledStream) => void;
  readonly append: (start: number, chunk: Chunk) => void;
  /** Empties the chunk at a position: no other call deletes a chunk without a part. */
  readonly erase: (start: number) => void;
  /** The server has the part; the bytes from `start` up to `end` are not needed any more. */
  readonly acknowledge: (part: UploadedPart, start: number, end: number) => void;
  readonly remove: () => void;
}

/** Bytes from `start` up to (not including) `end`. */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

export function rangeOf({ start, chunk }: RecordedChunk): ByteRange {
  return { start, end: start + sizeOf(chunk) };
}

/**
 * @param stored - the chunks that the spool has already
 * @param sent - the parts that the server has already
 */
export function createSpoolWriter(
  spool: StreamSpool,
  id: string,
  stored: readonly ByteRange[] = [],
  sent: readonly ByteRange[] = [],
): SpoolWriter {
  const warning$ = new ReplaySubject<StoreError>(1);
  let chunks = [...stored];
  const ranges = new Map(sent.map((range) => [range.start, range]));
  const isSent = ({ start, end }: ByteRange): boolean => {
    let bytes = 0;
    for (const range of ranges.values()) bytes += Math.max(0, Math.min(end, range.end) - Math.max(start, range.start));
    return bytes === end - start;
  };
  let hasFailed = false;
  const write = (action: () => ObservableInput<unknown>): void => {
    if (!hasFailed) always(action);
  };
  const always = (action: () => ObservableInput<unknown>): void => {
    defer(() => toObservable(action()))
      .pipe(ignoreElements(), endWith(null), timeout(TIMEOUT_MS))
      .subscribe({
        error: (cause: unknown) => {
          if (hasFailed) return;
          hasFailed = true;
          warning$.next(notStored(cause));
        },
      });
  };
  return {
    warning$,
    save: (stream) => write(() => spool.save(stream)),
    append(start, chunk) {
      chunks.push({ start, end: start + sizeOf(chunk) });
      write(() => spool.append(id, start, chunk));
    },
    erase: (start) => write(() => spool.append(id, start, new Uint8Array())),
    acknowledge(part, start, end) {
      if (start < end) ranges.set(start, { start, end });
      const released = chunks.filter(isSent);
      chunks = chunks.filter((chunk) => !released.includes(chunk));
      write(() =>
        spool.acknowledge(
          id,
          part,
          released.map((chunk) => chunk.start),
        ),
      );
    },
    // Also after a failure: what was stored before it would take up space, and look like an unfinished recording.
    remove: () => always(() => spool.remove(id)),
  };
}

function notStored(cause: unknown): StoreError {
  return new StoreError(
    'The upload continues, but what the stream produces is no longer stored in the browser (no space left, or storage is ' +
      'blocked): after a reload it would be lost.',
    cause,
  );
}
