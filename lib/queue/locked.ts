import {
  catchError,
  concatMap,
  defaultIfEmpty,
  defer,
  EMPTY,
  endWith,
  exhaustMap,
  filter,
  map,
  merge,
  of,
  takeUntil,
  takeWhile,
  throwError,
  timer,
  type Observable,
} from 'rxjs';
import { abortUpload$, type AbortedUpload } from '../abort-upload.js';
import type { ObsConnection } from '../connection/obs-connection.js';
import { fromStore$ } from '../engine/persist/checkpoint-writer.js';
import type { UploadCheckpoint } from '../model/checkpoint/checkpoint.js';
import { StoreError } from '../model/errors/errors.js';
import type { CheckpointStore } from '../ports/checkpoint-store/checkpoint-store.js';
import type { UploadLock } from '../ports/lock/upload-lock.js';

/** How long releasing a lock may take: an upload that has just been stopped here holds its lock for a moment. */
const RELEASE_MS = 1000;

/** Emits again once it is free. */
export function isFree$(lock: UploadLock | null, id: string): Observable<boolean> {
  return held$(lock, id).pipe(
    takeWhile((isOurs) => !isOurs, true),
    takeUntil(timer(RELEASE_MS)),
    // One that is silent may be held.
    defaultIfEmpty(false),
  );
}

/** Deletes the parts of an upload and its record, unless another tab is uploading it. @param id - of the record */
export function abortLocked$(
  connection: ObsConnection,
  checkpointStore: CheckpointStore,
  lock: UploadLock | null,
  id: string,
  checkpoint: UploadCheckpoint,
): Observable<AbortedUpload> {
  const isOurs$ = held$(lock, id).pipe(filter((isOurs) => isOurs));
  return merge(isOurs$, timer(RELEASE_MS).pipe(map(() => false))).pipe(
    exhaustMap((isOurs): Observable<AbortedUpload | null> =>
      isOurs ? abortUpload$(connection, checkpoint, { checkpointStore }).pipe(endWith(null)) : throwError(() => busy()),
    ),
    // Not before it has completed: to unsubscribe from it would be to give it up.
    takeWhile((aborted) => aborted !== null),
  );
}

/** The same, where the id has to be found first: without a record there is nothing that another tab could continue. */
export function abortStored$(
  connection: ObsConnection,
  checkpointStore: CheckpointStore | null,
  lock: UploadLock | null,
  checkpoint: UploadCheckpoint,
): Observable<AbortedUpload> {
  if (checkpointStore === null) return abortUpload$(connection, checkpoint);
  return fromStore$(() => checkpointStore.list()).pipe(
    map((stored) => stored.find((record) => record.checkpoint.uploadId === checkpoint.uploadId)?.id ?? null),
    catchError(() => of(null)),
    defaultIfEmpty(null),
    concatMap((id) =>
      id === null
        ? abortUpload$(connection, checkpoint, { checkpointStore })
        : abortLocked$(connection, checkpointStore, lock, id, checkpoint),
    ),
  );
}

/** Whether the lock of that upload is ours, for as long as this is subscribed to. */
function held$(lock: UploadLock | null, id: string): Observable<boolean> {
  if (lock === null) return of(true);
  return defer(() => lock.hold(id)).pipe(
    map((state) => state === 'held'),
    // Where locks are refused or complete, they are not available, so nobody holds one.
    catchError(() => EMPTY),
    endWith(true),
  );
}

function busy(): StoreError {
  return new StoreError('Another tab is uploading it: pause or close it there, then try again.', null);
}
