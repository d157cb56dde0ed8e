import {
  catchError,
  concatMap,
  defer,
  defaultIfEmpty,
  filter,
  from,
  map,
  mergeMap,
  take,
  throwError,
  type Observable,
  type ObservableInput,
} from 'rxjs';
import { identityOf } from './engine/session/identify.js';
import { parseCheckpoint } from './validation/checkpoint.js';
import { SourceError } from './model/errors/source-error.js';
import type { UploadCheckpoint, UploadedPart } from './model/checkpoint.js';
import type { Chunk } from './ports/source/stream-buffer.js';
import { recordedStream, type SentRange } from './ports/source/stream-source.js';
import type { StreamSourceOptions } from './ports/source/stream-source-options.js';
import type { UploadSource } from './ports/source/upload-source.js';
import type { StreamSpool } from './ports/spool/stream-spool.js';

/** Options of `recallStream$`. */
export interface RecallStreamOptions extends Pick<StreamSourceOptions, 'maxBufferedBytes' | 'finalize'> {
  /** What the stream produces from now on, as of `streamSource`. @defaultValue nothing: the recording ends here */
  readonly more?: ObservableInput<Chunk> | undefined;
}

/**
 * The stream of an upload that `pendingUploads$` listed, as far as it was recorded by `streamSource` with that spool: up
 * to the last chunk that was handed over, or to the first that could not be stored. Uploading it with the checkpoint completes the object. Of a source that
 * `transformParts` changed it gives the stream before that: transform it again.
 *
 * Fails with `SourceError` 'source-unreadable' if the spool does not have it or cannot be read, and with
 * `CheckpointError`.
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
  checkpoint: UploadCheckpoint,
  { more = [], ...options }: RecallStreamOptions = {},
): Observable<UploadSource> {
  return defer(() => {
    const { file, partSize, partOverheadBytes = 0, parts } = parseCheckpoint(checkpoint);
    const isOf = (id: string): boolean =>
      identityOf({ name: null, size: null, lastModified: null, slices: [], content: id }, partSize).sample ===
      file.sample;
    return defer(() => spool.list()).pipe(
      take(1),
      concatMap((ids) => ids),
      filter(isOf),
      take(1),
      mergeMap((id) => from(spool.load(id)).pipe(take(1))),
      catchError((cause: unknown) => throwError(() => unreadable(cause))),
      defaultIfEmpty(null),
      map((recording) => {
        if (recording === null) throw notRecorded();
        const acknowledged = new Map([...parts, ...recording.acknowledged].map((part) => [part.partNumber, part]));
        const rangeOf = (part: UploadedPart): SentRange => {
          const start = (part.partNumber - 1) * partSize;
          return { part, start, end: start + part.size - partOverheadBytes };
        };
        return recordedStream(recording, [...acknowledged.values()].map(rangeOf), more, { ...options, spool });
      }),
    );
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
    'This stream is not stored here: it was recorded in another browser, has expired, or the storage was cleared.',
  );
}
