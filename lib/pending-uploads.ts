import { catchError, defaultIfEmpty, defer, forkJoin, map, of, take, type Observable } from 'rxjs';
import type { CheckpointStore, StoredCheckpoint } from './ports/checkpoint-store/checkpoint-store.js';
import { fileKeyOf } from './ports/checkpoint-store/file-key.js';

/** An upload that waits for its file: plain JSON. */
export interface PendingUpload extends StoredCheckpoint {
  /** Whether `recallFile$` can get the file without the user choosing it again; it may ask for permission. */
  readonly hasFile: boolean;
}

/**
 * The uploads that a store keeps and that have not expired, as one array, the last saved first: what a page can go on
 * with after a reload. One that another tab is busy with is among them: give uploads a `lock`. What is damaged is left
 * out. Fails where the store cannot be read.
 *
 * @example
 * ```ts
 * pendingUploads$(checkpointStore).subscribe((uploads) => {
 *   for (const { checkpoint } of uploads) offer(`Choose ${checkpoint.file.name} again to go on.`);
 * });
 * ```
 * @see recallFile$ for the file of one of them
 */
export function pendingUploads$(store: CheckpointStore): Observable<readonly PendingUpload[]> {
  return defer(() =>
    forkJoin({ uploads: defer(() => store.list()).pipe(take(1), defaultIfEmpty([])), kept: keptFiles$(store) }),
  ).pipe(
    map(({ uploads, kept }) =>
      uploads
        .map((upload) => ({ ...upload, hasFile: kept.has(fileKeyOf(upload.checkpoint)) }))
        .sort((a, b) => b.savedAt - a.savedAt),
    ),
  );
}

/** Without handles, files can still be asked for. */
function keptFiles$({ files }: CheckpointStore): Observable<ReadonlySet<string>> {
  return defer(() => files?.list() ?? of([])).pipe(
    take(1),
    catchError(() => of([])),
    defaultIfEmpty([]),
    map((names) => new Set(names)),
  );
}
