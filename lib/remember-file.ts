import { defer, merge, mergeMap, of, type Observable } from 'rxjs';
import type { CheckpointStore, FileHandle } from './ports/checkpoint-store/checkpoint-store.js';
import { storeHandle$ } from './ports/checkpoint-store/store-handle.js';
import { openFile$ } from './ports/checkpoint-store/open-file.js';

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
