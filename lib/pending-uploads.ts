import { catchError, defaultIfEmpty, defer, forkJoin, map, of, take, type Observable } from 'rxjs';
import type { CheckpointStore, StoredCheckpoint } from './ports/checkpoint-store/checkpoint-store.js';
import { fileKeyOf } from './ports/checkpoint-store/file-handle.js';

/** An unfinished upload that needs its file to resume: plain JSON. */
export interface PendingUpload extends StoredCheckpoint {
  /**
   * Whether `recallFile$` can return the file without the user choosing it again; the browser may ask for permission.
   */
  readonly hasFile: boolean;
}

/**
 * The stored uploads that have not expired, as one array, the last saved first: what a page can resume after a reload.
 * Uploads in progress in another tab are included: use a `lock`. Damaged entries are left out. Fails if the store
 * cannot be read.
 *
 * @example
 * ```ts
 * pendingUploads$(checkpointStore).subscribe((uploads) => {
 *   for (const { checkpoint } of uploads) offer(`Choose ${checkpoint.file.name} again to resume.`);
 * });
 * ```
 * @see {@link recallFile$} for the file of one of them, {@link recallStream$} for a recording
 */
export function pendingUploads$(store: CheckpointStore): Observable<readonly PendingUpload[]> {
  return defer(() =>
    forkJoin({ uploads: defer(() => store.list()).pipe(take(1), defaultIfEmpty([])), files: storedFiles$(store) }),
  ).pipe(
    map(({ uploads, files }) =>
      uploads
        .map((upload) => ({ ...upload, hasFile: files.has(fileKeyOf(upload.checkpoint)) }))
        .sort((a, b) => b.savedAt - a.savedAt),
    ),
  );
}

/** Empty if the store has no handles: the user can still choose the file. */
function storedFiles$({ files }: CheckpointStore): Observable<ReadonlySet<string>> {
  return defer(() => files?.list() ?? of([])).pipe(
    take(1),
    catchError(() => of([])),
    defaultIfEmpty([]),
    map((names) => new Set(names)),
  );
}
