import {
  catchError,
  debounceTime,
  defer,
  EMPTY,
  first,
  ignoreElements,
  mergeMap,
  of,
  takeUntil,
  tap,
  timer,
  type BehaviorSubject,
  type Observable,
} from 'rxjs';
import type { ObsConnection } from '../../connection/obs-connection.js';
import { whenSettled } from '../../engine/persist/checkpoint-writer.js';
import { toUploadErrorInfo } from '../../model/errors/is-upload-error.js';
import type { UploadCheckpoint } from '../../model/checkpoint/checkpoint.js';
import type { UploadNotification } from '../../model/upload/event.js';
import { openFile$ } from '../../ports/checkpoint-store/file-handle.js';
import { rememberFile$ } from '../../file-handles.js';
import { uploadFile$ } from '../../upload-file.js';
import type { UploadRequest } from '../../upload-request.js';
import type { QueueRequest } from '../command.js';
import type { QueueFile } from '../file-of.js';
import type { ResolvedQueue } from '../options.js';
import type { CheckpointStore } from '../../ports/checkpoint-store/checkpoint-store.js';
import { fromPort } from '../../ports/from-port.js';

/** What is called with the calls of a file's store. */
export interface StoreCalls {
  readonly loaded: (found: unknown) => void;
  /** After each write, also after the turn. */
  readonly saved: () => void;
}

/** One turn of a file; the last notification is `completed` or `failed`. */
export function runFile$(
  connection: ObsConnection,
  { checkpointStore }: ResolvedQueue,
  file: QueueFile,
  uploadCheckpoint: UploadCheckpoint | null,
  calls: StoreCalls,
): Observable<UploadNotification> {
  return defer(() => {
    const { id: _id, handle: _handle, ...request } = file.request;
    const store = request.checkpointStore ?? checkpointStore;
    const stored = store === null ? {} : { checkpointStore: observedStore(store, file.saving$, calls) };
    const file$ = currentFile$(file);
    file.hasStarted = true;
    return file$.pipe(
      mergeMap((sourceFile) =>
        uploadFile$(connection, { ...request, ...stored, sourceFile, uploadCheckpoint } as UploadRequest),
      ),
      catchError((error: unknown) => of<UploadNotification>({ type: 'failed', error: toUploadErrorInfo(error) })),
    );
  });
}

/** After a stop the file is read as it is on the disk now: a browser may refuse the one that was chosen. */
function currentFile$({ request, hasStarted }: QueueFile): Observable<QueueRequest['sourceFile']> {
  const { sourceFile, handle } = request;
  if (!hasStarted || !handle) return of(sourceFile);
  return openFile$(handle).pipe(catchError(() => of(sourceFile)));
}

/** With the first checkpoint, as a file that is sent as one request cannot be resumed. */
export function rememberHandle$(
  { checkpointStore, rememberFiles }: ResolvedQueue,
  file: QueueFile,
  { bucket, key }: UploadCheckpoint,
): Observable<never> {
  const { handle } = file.request;
  if (!rememberFiles || file.isRemembered || !handle || checkpointStore === null) return EMPTY;
  file.isRemembered = true;
  return rememberFile$(checkpointStore, { bucket, key, file: handle }).pipe(
    ignoreElements(),
    // Without the handle, the user can still choose the file again.
    catchError(() => EMPTY),
  );
}

/**
 * The same store, which calls back and counts saves in progress. The last checkpoint of an upload is saved after it was
 * stopped: only then is a list of the store up to date.
 */
function observedStore(
  store: CheckpointStore,
  saving$: BehaviorSubject<number>,
  { loaded, saved }: StoreCalls,
): CheckpointStore {
  return {
    load: (id) => fromPort(store.load(id), 'checkpointStore').pipe(tap((found) => loaded(found))),
    save: (id, checkpoint) => {
      const ended = (): void => {
        saving$.next(saving$.value - 1);
        saved();
      };
      const saving = whenSettled(store.save(id, checkpoint), ended);
      saving$.next(saving$.value + 1);
      return saving;
    },
    remove: (id) => store.remove(id),
    list: () => store.list(),
    ...(store.files && { files: store.files }),
  };
}

/** How long to wait for the saves of a stopped upload: a Promise may take longer than the upload has waited for it. */
const LAST_SAVES_MS = 30_000;

/** Completes after the last save of a stopped upload: a record that is removed before would be back. */
export function whenSaved$(saving$: BehaviorSubject<number>): Observable<never> {
  return defer(() =>
    saving$.value === 0
      ? EMPTY
      : saving$.pipe(
          // The last save may begin when the one before it ends.
          debounceTime(0),
          first((saving) => saving === 0),
          ignoreElements(),
          takeUntil(timer(LAST_SAVES_MS)),
        ),
  );
}
