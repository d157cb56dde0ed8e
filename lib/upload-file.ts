import { concat, defer, mergeMap, type Observable } from 'rxjs';
import { sharedOf, type ObsConnection, type SharedParts } from './connection/obs-connection.js';
import { concatResult, type Activity, type Step } from './engine/step.js';
import { carryCheckpoint } from './engine/carry-checkpoint.js';
import { close$ } from './engine/finish/finish.js';
import { identify$, identityOf, unchanged$, type IdentifiedFile } from './engine/session/identify.js';
import { identifyMeanwhile, isFresh } from './engine/session/identify-meanwhile.js';
import { withCheckpointStore } from './engine/persist/persist.js';
import { open$ } from './engine/session/open.js';
import { skipIfSame } from './engine/session/skip-existing.js';
import { toEvents } from './engine/progress.js';
import { put$ } from './engine/finish/put.js';
import { restartIfGone, type TransferResult } from './engine/session/restart.js';
import { transfer$ } from './engine/parts/send-parts.js';
import { withSource } from './engine/parts/growing.js';
import { beginUpload, isSinglePut, type Upload, type UploadPorts } from './engine/upload.js';
import { piecewiseHasher } from './ports/hash/hasher.js';
import { resolveUpload } from './validation/options.js';
import { defaultLock } from './ports/lock/web-lock.js';
import type { FileIdentity } from './model/checkpoint/checkpoint.js';
import type { UploadEvent } from './model/upload/event.js';
import type { UploadRequest } from './upload-request.js';
import { toUploadSource } from './ports/source/to-upload-source.js';

/**
 * Uploads a file in parts and emits its progress. Cold: each subscription is a separate upload. Unsubscribing aborts
 * what is in flight and leaves the acknowledged parts on the server; subscribing again with the last checkpoint sends
 * only what is missing.
 *
 * ```text
 * sent:    -[part 1]-[part 2]-[part 3]--[complete]
 * events:  s--p--c-----p--c-----p--c--------------(d|)
 * ```
 * (s: started, p: progress, c: checkpoint, d: completed)
 *
 * @returns events; `completed` is the only sign of success, once and last. Fails with an `UploadError` that carries the
 * last checkpoint: `InvalidOptionsError` and `CheckpointError` before any request.
 *
 * @example
 * ```ts
 * uploadFile$(obs, { bucket: 'media', key: 'a.mp4', sourceFile: file, taskNum: 4 }).subscribe({
 *   next: showEvent,
 *   error: (error) => keep(error.checkpoint),
 * });
 * ```
 * @see {@link abortUpload$} to abort and delete the parts
 */
export function uploadFile$(connection: ObsConnection, request: UploadRequest): Observable<UploadEvent> {
  return defer(() => {
    const shared = sharedOf(connection);
    return shared.around(defer(() => shared.remote?.upload$(request) ?? events$(shared, request)));
  });
}

function events$(shared: SharedParts, request: UploadRequest): Observable<UploadEvent> {
  const source = toUploadSource(request.sourceFile);
  const resolved = resolveUpload(request, source, shared.endpoint, shared.signer.dialect);
  const upload = beginUpload(shared, resolved, portsOf(request));
  const send = (opened: Upload): Observable<Activity> => (isSinglePut(opened) ? put$(opened) : multipart$(opened));
  return withSource(upload, (opened) => skipIfSame(opened, send(opened))).pipe(
    carryCheckpoint(upload.checkpoint),
    toEvents(upload),
  );
}

function multipart$(upload: Upload): Observable<Activity> {
  if (isFresh(upload)) {
    return identifyMeanwhile(upload, (identity) => sendParts$(upload, identity)).pipe(
      concatResult(({ file, transferred }) => finish$(upload, file, transferred)),
    );
  }
  return identify$(upload).pipe(
    mergeMap((file) =>
      withCheckpointStore(upload, file, (opened) =>
        sendParts$(opened, identityOf(file, opened.partSize)).pipe(
          concatResult((transferred) => finish$(opened, file, transferred)),
        ),
      ),
    ),
  );
}

function sendParts$(upload: Upload, identity: FileIdentity): Step<TransferResult> {
  return open$(upload, identity).pipe(
    concatResult((session) => transfer$(upload, session)),
    restartIfGone(upload, identity),
  );
}

function finish$(upload: Upload, file: IdentifiedFile, transferred: TransferResult): Observable<Activity> {
  return concat(unchanged$(upload, file), close$(upload, transferred));
}

function portsOf({ hasher, checkpointStore, lock = defaultLock() }: UploadRequest): UploadPorts {
  const store = checkpointStore ?? null;
  return { hasher: hasher ?? piecewiseHasher(), persistence: store === null ? null : { store, lock } };
}
