import { catchError, defer, EMPTY, ignoreElements, mergeMap, of, type Observable } from 'rxjs';
import type { ObsConnection } from '../connection/obs-connection.js';
import { toUploadErrorInfo } from '../model/errors/is-upload-error.js';
import type { UploadCheckpoint } from '../model/checkpoint/checkpoint.js';
import type { UploadNotification } from '../model/upload/event.js';
import { openFile$ } from '../ports/checkpoint-store/open-file.js';
import { rememberFile$ } from '../file-handles.js';
import { uploadFile$ } from '../upload-file.js';
import type { UploadRequest } from '../upload-request.js';
import type { QueueRequest } from './command.js';
import type { QueueFile } from './file-of.js';
import type { ResolvedQueue } from './options.js';
import { storeWithSaves } from './store-with-saves.js';

/**
 * One turn of a file; the last notification is `completed` or `failed`.
 * @param saved - is called after each write to the file's store, also after the turn
 */
export function runFile$(
  connection: ObsConnection,
  { checkpointStore }: ResolvedQueue,
  file: QueueFile,
  uploadCheckpoint: UploadCheckpoint | null,
  saved: () => void,
): Observable<UploadNotification> {
  return defer(() => {
    const { id: _id, handle: _handle, ...request } = file.request;
    const store = request.checkpointStore ?? checkpointStore;
    const stored = store === null ? {} : { checkpointStore: storeWithSaves(store, file.saving$, saved) };
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
