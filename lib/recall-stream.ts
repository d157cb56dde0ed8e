import {
  concat,
  concatMap,
  defer,
  filter,
  finalize,
  map,
  mergeMap,
  Observable,
  take,
  throwIfEmpty,
  type ObservableInput,
} from 'rxjs';
import { mapError } from './map-error.js';
import { identityOf } from './engine/session/identify.js';
import { parseCheckpoint } from './validation/checkpoint.js';
import { SourceError } from './model/errors/errors.js';
import type { UploadCheckpoint } from './model/checkpoint/checkpoint.js';
import { firstValue$, type NativeObservable } from './ports/from-port.js';
import { createStreamHold } from './ports/lock/stream-hold.js';
import type { Chunk } from './ports/source/stream/stream-buffer.js';
import { recordedStream, type SentRange } from './ports/source/stream-source.js';
import type { StreamSourceOptions } from './ports/source/stream-source-options.js';
import type { UploadSource } from './ports/source/upload-source.js';
import type { StreamRecording, StreamSpool } from './ports/spool/stream-spool.js';

/** Options of `recallStream$`. */
export interface RecallStreamOptions extends Pick<StreamSourceOptions, 'maxBufferedBytes' | 'finalize' | 'lock'> {
  /** What the stream produces from now on, as of `streamSource`. @defaultValue nothing: the recording ends here */
  readonly more?: ObservableInput<Chunk> | NativeObservable<Chunk> | undefined;
}

/**
 * A stream as far as it was recorded by `streamSource` with that spool: up to the last chunk that was handed over, or to
 * the first that is missing, which its upload reports in a `warning`. By the checkpoint of an upload that
 * `pendingUploads$` listed, to resume it and complete the object; or by an id of `spool.list()`, for a recording whose
 * upload never began because there was no network, to upload it as a new one. Of a source that `transformParts` changed
 * it gives the stream before that: transform it again.
 *
 * Waits, and emits nothing, while a page records or uploads the stream, this page included: there the source object
 * resumes. It emits once that page is closed or crashes, or once the stream has ended and nothing uploads it. The source
 * then has the stream, until its upload ends or the same page recalls the stream again, from the same `spool` object.
 *
 * Fails with `SourceError` 'source-unreadable' if the spool does not have it (any more), has only a part of it, cannot be
 * read or does not respond within half a minute, and with `CheckpointError`.
 *
 * @example
 * ```ts
 * recallStream$(spool, upload.checkpoint)
 *   .pipe(mergeMap((sourceFile) => uploadFile$(obs, { sourceFile, uploadCheckpoint: upload.checkpoint, checkpointStore })))
 *   .subscribe();
 * ```
 */
export function recallStream$(
  spool: StreamSpool,
  stream: UploadCheckpoint | string,
  { more = [], lock, ...options }: RecallStreamOptions = {},
): Observable<UploadSource> {
  return defer(() => {
    const checkpoint = typeof stream === 'string' ? null : parseCheckpoint(stream);
    const isWanted = (id: string): boolean => (checkpoint === null ? id === stream : isStreamOf(checkpoint, id));
    const recall$ = (id: string): Observable<UploadSource> => {
      const hold = createStreamHold(spool, id, lock);
      let isHandedOver = false;
      const held$ = new Observable<never>((subscriber) => hold.acquire(() => subscriber.complete()));
      return concat(
        held$,
        read$(() => spool.load(id)),
      ).pipe(
        map((recording) => {
          const sent = sentRanges(recording, checkpoint);
          const size = recording.size ?? checkpoint?.file.size ?? null;
          const source = recordedStream({ ...recording, size }, sent, more, { ...options, spool }, hold);
          isHandedOver = true;
          hold.offer();
          return source;
        }),
        finalize(() => {
          if (!isHandedOver) hold.release();
        }),
      );
    };
    return read$(() => spool.list()).pipe(
      concatMap((ids) => ids),
      filter(isWanted),
      take(1),
      mergeMap(recall$),
      throwIfEmpty(notRecorded),
    );
  });
}

/** A spool may take as long to find what it has as to store it. */
function read$<T>(ask: () => ObservableInput<T>): Observable<T> {
  const silent = (): Error => new Error('The spool does not respond.');
  return firstValue$(ask, { port: 'spool', withinMs: 30_000, silent, empty: null }).pipe(mapError(unreadable));
}

function isStreamOf({ file, partSize }: UploadCheckpoint, id: string): boolean {
  const stream = { name: null, size: null, lastModified: null, slices: [], content: id };
  return identityOf(stream, partSize).sample === file.sample;
}

/** What the server has of a recording. */
function sentRanges({ acknowledged }: StreamRecording, checkpoint: UploadCheckpoint | null): SentRange[] {
  if (checkpoint === null) {
    if (acknowledged.length > 0) throw isPartlySent();
    return [];
  }
  const { partSize, partOverheadBytes = 0, parts } = checkpoint;
  const sent = new Map([...parts, ...acknowledged].map((part) => [part.partNumber, part]));
  return [...sent.values()].map((part) => {
    const start = (part.partNumber - 1) * partSize;
    return { part, start, end: start + part.size - partOverheadBytes };
  });
}

function unreadable(cause: unknown): SourceError {
  return new SourceError(
    'source-unreadable',
    'What was recorded of this stream cannot be read: the browser blocks storage, or the store fails. Reload the page ' +
      'and try again.',
    { cause },
  );
}

function notRecorded(): SourceError {
  return new SourceError(
    'source-unreadable',
    'This stream is not stored here: its object is complete, it was recorded in another browser, has expired, or the ' +
      'storage was cleared.',
  );
}

function isPartlySent(): SourceError {
  return new SourceError(
    'source-unreadable',
    'Parts of this stream are on the server and no longer stored here: recall it by the checkpoint of its upload, which ' +
      'pendingUploads$ lists.',
  );
}
