import {
  catchError,
  defer,
  EMPTY,
  endWith,
  forkJoin,
  ignoreElements,
  map,
  mergeMap,
  of,
  switchMap,
  take,
  type Observable,
} from 'rxjs';
import {
  abortUpload$,
  pendingUploads$,
  webLock,
  type CheckpointStore,
  type ObsConnection,
  type PendingUpload,
  type UploadCheckpoint,
} from 'rx-obs-upload';

/** An upload that this page or an earlier one left unfinished. */
export interface UnfinishedUpload extends PendingUpload {
  /** Another tab is at it. */
  readonly isBusy: boolean;
}

interface Place {
  readonly obs: ObsConnection;
  readonly store: CheckpointStore;
}

/** All of them, as one array. Fails where the browser does not let the page keep anything. */
export function unfinished$({ obs, store }: Place): Observable<readonly UnfinishedUpload[]> {
  return pendingUploads$(store).pipe(
    map((uploads) => uploads.filter(({ checkpoint }) => checkpoint.server === obs.server)),
    switchMap((uploads) => (uploads.length === 0 ? of([]) : forkJoin(uploads.map(withBusy$)))),
  );
}

function withBusy$(upload: PendingUpload): Observable<UnfinishedUpload> {
  return held$(upload.id).pipe(
    take(1),
    map((isOurs) => ({ ...upload, isBusy: !isOurs })),
  );
}

/** Whether the lock of that upload is ours, for as long as this is subscribed to. */
function held$(id: string): Observable<boolean> {
  return webLock()
    .hold(id)
    .pipe(
      map((said) => said === 'held'),
      // Where there are no locks nobody can be told to wait.
      catchError(() => of(true)),
    );
}

/** Deletes its parts, unless another tab is at it; emits once it is done. */
export function discard$(place: Place, { id, checkpoint }: PendingUpload): Observable<unknown> {
  return held$(id).pipe(
    mergeMap((isOurs) => {
      if (isOurs) return delete$(place, checkpoint);
      throw new Error('Another tab is uploading it.');
    }),
    take(1),
  );
}

/** Deletes the parts of an upload from the server, and what is kept of it here; emits once it is done. */
export function delete$({ obs, store }: Place, checkpoint: UploadCheckpoint): Observable<unknown> {
  return abortUpload$(obs, checkpoint).pipe(switchMap(() => forget$(store, checkpoint.uploadId)));
}

function forget$(store: CheckpointStore, uploadId: string): Observable<unknown> {
  return pendingUploads$(store).pipe(
    mergeMap((uploads) => uploads.filter(({ checkpoint }) => checkpoint.uploadId === uploadId)),
    mergeMap(({ id }) => defer(() => store.remove(id))),
    ignoreElements(),
    // It expires by itself.
    catchError(() => EMPTY),
    endWith(null),
  );
}
