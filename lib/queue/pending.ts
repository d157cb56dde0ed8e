import {
  catchError,
  combineLatest,
  concatMap,
  defaultIfEmpty,
  map,
  of,
  switchMap,
  take,
  takeUntil,
  takeWhile,
  timer,
  type Observable,
} from 'rxjs';
import { abortUpload$, type AbortedUpload } from '../abort-upload.js';
import type { ObsConnection } from '../connection/obs-connection.js';
import { StoreError } from '../model/errors/errors.js';
import type { QueuePending } from '../model/queue/queue-state.js';
import { pendingUploads$ } from '../pending-uploads.js';
import type { CheckpointStore } from '../ports/checkpoint-store/checkpoint-store.js';
import type { UploadLock } from '../ports/lock/upload-lock.js';

/** The unfinished uploads to this server; emits them again when one of them becomes free within a second. */
export function listPending$(
  { server }: ObsConnection,
  store: CheckpointStore,
  lock: UploadLock | null,
): Observable<readonly QueuePending[]> {
  return pendingUploads$(store).pipe(
    map((uploads) => uploads.filter(({ checkpoint }) => checkpoint.server === server)),
    switchMap((uploads) =>
      uploads.length === 0
        ? of([])
        : combineLatest(
            uploads.map((upload) => isFree$(lock, upload.id).pipe(map((isFree) => ({ ...upload, isBusy: !isFree })))),
          ),
    ),
  );
}

/** Deletes the parts of an unfinished upload, unless another tab is uploading it. */
export function discardPending$(
  connection: ObsConnection,
  checkpointStore: CheckpointStore,
  lock: UploadLock | null,
  { id, checkpoint }: QueuePending,
): Observable<AbortedUpload> {
  return held$(lock, id).pipe(
    concatMap((isOurs) => {
      if (isOurs) return abortUpload$(connection, checkpoint, { checkpointStore });
      throw new StoreError('Another tab is uploading it: pause or close it there, then discard it.', null);
    }),
    take(1),
  );
}

/** How long releasing a lock may take. */
const RELEASE_MS = 1000;

/** Emits again once it is free: an upload that has just been stopped here holds its lock for a moment. */
function isFree$(lock: UploadLock | null, id: string): Observable<boolean> {
  return held$(lock, id).pipe(
    // A lock that completes is not available, so nobody holds it; one that is silent may be held.
    defaultIfEmpty(true),
    takeWhile((isOurs) => !isOurs, true),
    takeUntil(timer(RELEASE_MS)),
    defaultIfEmpty(false),
  );
}

/** Whether the lock of that upload is ours, for as long as this is subscribed to. */
function held$(lock: UploadLock | null, id: string): Observable<boolean> {
  if (lock === null) return of(true);
  return lock.hold(id).pipe(
    map((state) => state === 'held'),
    // Where locks are refused, nobody can be asked to wait.
    catchError(() => of(true)),
  );
}
