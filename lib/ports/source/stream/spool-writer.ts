import { defer, finalize, ReplaySubject, Subscription, type Observable, type ObservableInput } from 'rxjs';
import type { UploadedPart } from '../../../model/checkpoint/checkpoint.js';
import { StoreError } from '../../../model/errors/errors.js';
import { toObservable } from '../../from-port.js';
import { createWatch, type Watch } from '../../watch.js';
import type { RecordedChunk, SpooledStream, StreamSpool } from '../../spool/stream-spool.js';
import { sizeOf, type Chunk } from './stream-buffer.js';

/** How long a spool may be silent: writes may wait for others, but one of them must end. */
const PATIENCE_MS = 30_000;

/** Writes one stream to its spool. */
export interface SpoolWriter {
  /** The first write that failed, or silence: nothing more is stored after it. */
  readonly warning$: Observable<StoreError>;
  readonly save: (stream: SpooledStream) => void;
  readonly append: (start: number, chunk: Chunk) => void;
  /** Empties the chunk at a position: no other call deletes a chunk without a part. */
  readonly erase: (start: number) => void;
  /** The server has the part; the bytes from `start` up to `end` are not needed any more. */
  readonly acknowledge: (part: UploadedPart, start: number, end: number) => void;
  /** Whether a write has not ended yet. */
  readonly isWriting: boolean;
  /** Whether a write failed. */
  readonly hasFailed: boolean;
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
 * @param onIdle - called when no write is left
 * @param stored - the chunks that the spool has already
 * @param sent - the parts that the server has already, and that are not needed any more
 */
export function createSpoolWriter(
  spool: StreamSpool,
  id: string,
  onIdle: () => void,
  stored: readonly ByteRange[] = [],
  sent: readonly ByteRange[] = [],
): SpoolWriter {
  const warning$ = new ReplaySubject<StoreError>(1);
  let chunks = [...stored];
  let ranges = sent.reduce(joined, []);
  const isSent = ({ start, end }: ByteRange): boolean =>
    ranges.some((range) => range.start <= start && end <= range.end);
  let hasFailed = false;
  let unfinished = 0;
  let watch: Watch | null = null;
  let watching = Subscription.EMPTY;
  const fail = (cause: unknown): void => {
    if (hasFailed) return;
    hasFailed = true;
    warning$.next(notStored(cause));
  };
  const begun = (): void => {
    if (unfinished++ > 0) return;
    watch = createWatch(PATIENCE_MS, PATIENCE_MS, () => fail(new Error('The spool does not finish its writes.')));
    watching = watch.start();
  };
  const ended = (): void => {
    watch?.alive(PATIENCE_MS);
    if (--unfinished > 0) return;
    watching.unsubscribe();
    onIdle();
  };
  const write = (action: () => ObservableInput<unknown>): void => {
    if (!hasFailed) perform(action);
  };
  const perform = (action: () => ObservableInput<unknown>): void => {
    begun();
    defer(() => toObservable(action()))
      .pipe(finalize(ended))
      .subscribe({ error: fail });
  };
  return {
    warning$,
    get isWriting() {
      return unfinished > 0;
    },
    get hasFailed() {
      return hasFailed;
    },
    save: (stream) => write(() => spool.save(stream)),
    append(start, chunk) {
      chunks.push({ start, end: start + sizeOf(chunk) });
      write(() => spool.append(id, start, chunk));
    },
    erase: (start) => write(() => spool.append(id, start, new Uint8Array())),
    acknowledge(part, start, end) {
      if (start < end) ranges = joined(ranges, { start, end });
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
    remove: () => perform(() => spool.remove(id)),
  };
}

/** Ranges that touch become one, so there are as few as the gaps between them, however many parts were sent. */
function joined(ranges: readonly ByteRange[], added: ByteRange): readonly ByteRange[] {
  const touches = ({ start, end }: ByteRange): boolean => start <= added.end && added.start <= end;
  const all = [added, ...ranges.filter(touches)];
  const one = { start: Math.min(...all.map(({ start }) => start)), end: Math.max(...all.map(({ end }) => end)) };
  return [...ranges.filter((range) => !touches(range)), one];
}

function notStored(cause: unknown): StoreError {
  return new StoreError(
    'The upload continues, but what the stream produces is no longer stored in the browser (no space left, or storage is ' +
      'blocked): after a reload it would be lost.',
    cause,
  );
}
