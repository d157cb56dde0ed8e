import { defer, merge, mergeMap, of, type Observable } from 'rxjs';
import type { CheckpointStore, FileHandle } from './ports/checkpoint-store/checkpoint-store.js';
import { storeHandle$ } from './ports/checkpoint-store/store-handle.js';
import { openFile$ } from './ports/checkpoint-store/open-file.js';

/** A file that is about to be uploaded. */
export interface FileToRemember {
  readonly bucket: string;
  readonly key: string;
  /**
   * A `FileSystemFileHandle`, as `showOpenFilePicker()` and a drop's `getAsFileSystemHandle()` give it, is kept. A
   * `File`, all that other browsers have, cannot be: it is emitted as it is.
   */
  readonly file: FileHandle | File;
}

/**
 * Keeps the handle of a file beside its checkpoint, so that after a reload `recallFile$` gets the file back without
 * the user looking for it again; emits the file at once, and completes when the handle is kept. The handle goes with
 * the checkpoint, and expires as it does.
 *
 * Only `indexedDbCheckpointStore()` keeps handles. With another store, in a browser without handles, or where keeping
 * fails, the file is emitted all the same, and `pendingUploads$` tells `hasFile: false`. Fails with `SourceError`
 * 'source-unreadable' where the handle leads to no readable file.
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
    // Kept first, as whoever takes the file may unsubscribe with it.
    mergeMap((file) => merge(storeHandle$(store, { bucket, key }, chosen, file), of(file))),
  );
}
