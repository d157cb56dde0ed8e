import { defaultIfEmpty, defer, EMPTY, map, merge, mergeMap, of, take, throwError, type Observable } from 'rxjs';
import type { FileIdentity, UploadCheckpoint } from './model/checkpoint/checkpoint.js';
import { SourceError } from './model/errors/errors.js';
import type { CheckpointStore, FileHandle, StoredCheckpoint } from './ports/checkpoint-store/checkpoint-store.js';
import { fileKeyOf, openFile$, storeHandle$ } from './ports/checkpoint-store/file-handle.js';
import { toUploadSource } from './ports/source/to-upload-source.js';

/** A file that is about to be uploaded. */
export interface FileToRemember {
  /** The bucket's name. */
  readonly bucket: string;
  /** The object's key, without a leading slash. */
  readonly key: string;
  /**
   * A `FileSystemFileHandle` from `showOpenFilePicker()` or a drop's `getAsFileSystemHandle()` is stored. A `File`,
   * which is all that other browsers have, cannot be: it is emitted as it is.
   */
  readonly file: FileHandle | File;
}

/**
 * Stores the handle of a file next to its checkpoint, so that after a reload `recallFile$` returns the file without the
 * user choosing it again; emits the file at once, and completes when the handle is stored. The handle is removed with
 * the checkpoint, and expires with it.
 *
 * Only `indexedDbCheckpointStore()` stores handles. With another store, in a browser without handles, or if storing
 * fails, the file is emitted anyway, and `pendingUploads$` emits `hasFile: false`. Fails with `SourceError`
 * 'source-unreadable' if the handle's file cannot be read.
 *
 * @example
 * ```ts
 * const [handle] = await showOpenFilePicker();
 * rememberFile$(checkpointStore, { bucket: 'media', key: 'a.mp4', file: handle })
 *   .pipe(mergeMap((file) => uploadFile$(obs, { bucket: 'media', key: 'a.mp4', sourceFile: file, checkpointStore })))
 *   .subscribe();
 * ```
 */
export function rememberFile$(store: CheckpointStore, { bucket, key, file: chosen }: FileToRemember): Observable<File> {
  return defer(() => openFile$(chosen)).pipe(
    // Stored first, as the subscriber may unsubscribe on receiving the file.
    mergeMap((file) => merge(storeHandle$(store, { bucket, key }, chosen, file), of(file))),
  );
}

/**
 * The file of an upload that `pendingUploads$` listed: the one stored by `rememberFile$`, or the one that the user has
 * `chosen` again, whose handle is then stored too. For a stream there is `recallStream$`.
 *
 * Subscribe in the handler of a click: the browser may have to ask for permission. Fails with `SourceError`:
 * 'source-changed' if name, size or time of change differ from the checkpoint's (the content is compared by
 * `uploadFile$`), 'source-unreadable' if no file is stored, permission is refused, or the file is gone.
 *
 * @example
 * ```ts
 * const file$ = recallFile$(checkpointStore, upload, upload.hasFile ? undefined : input.files[0]);
 * file$
 *   .pipe(mergeMap((sourceFile) => uploadFile$(obs, { sourceFile, uploadCheckpoint: upload.checkpoint, checkpointStore })))
 *   .subscribe();
 * ```
 */
export function recallFile$(
  store: CheckpointStore,
  { checkpoint }: Pick<StoredCheckpoint, 'checkpoint'>,
  chosen?: FileHandle | File,
): Observable<File> {
  return defer(() => (chosen === undefined ? storedHandle$(store, checkpoint) : of(chosen))).pipe(
    mergeMap((from) =>
      openFile$(from).pipe(
        map((file) => requireSame(file, checkpoint.file)),
        mergeMap((file) => merge(storeHandle$(store, checkpoint, from, file), of(file))),
      ),
    ),
  );
}

/** Fails with a `SourceError` if there is none. */
export function storedHandle$({ files }: CheckpointStore, checkpoint: UploadCheckpoint): Observable<FileHandle> {
  if (checkpoint.file.size === null) return throwError(ofStream);
  return defer(() => files?.find(fileKeyOf(checkpoint)) ?? EMPTY).pipe(
    take(1),
    defaultIfEmpty(null),
    map((handle) => {
      if (handle !== null) return handle;
      throw new SourceError(
        'source-unreadable',
        'The file of this upload is not stored: ask the user to choose it again.',
      );
    }),
  );
}

function ofStream(): SourceError {
  return new SourceError(
    'source-unreadable',
    'This upload is of a stream, not of a file: recallStream$ returns what its spool stored of it.',
  );
}

function requireSame(file: File, expected: FileIdentity): File {
  const isSame =
    file.size === expected.size &&
    (expected.name === null || toUploadSource(file).name === expected.name) &&
    (expected.lastModified === null || file.lastModified === expected.lastModified);
  if (isSame) return file;
  throw new SourceError(
    'source-changed',
    `${file.name} is not the file that this upload began with, or it has changed since. Choose the same file, or start ` +
      "again. A phone may give the same file another name or date: uploadFile$ with verifyResume: 'parts' takes it by " +
      'its content.',
  );
}
