import { catchError, concat, defer, map, of, throwError, type OperatorFunction } from 'rxjs';
import type { FileIdentity, UploadCheckpoint } from '../../model/checkpoint/checkpoint.js';
import { ServiceError } from '../../model/errors/errors.js';
import type { HeadObjectResult } from '../../protocol/operations/head-object.js';
import { checkpointOf, concatResult, isResult, result, type Activity, type Result, type Step } from '../step.js';
import { initiate$, started } from './session.js';
import { outcomeUnknown } from '../finish/complete.js';
import { findObject$, isOwnObject } from '../finish/head-object.js';
import { isUploadGone } from '../../protocol/errors/classify-error.js';
import { totalSize } from '../../model/checkpoint/reconcile.js';
import { requireRights } from '../../validation/options.js';
import { isGrowing, requireEntire, withAcknowledged, withSize } from '../parts/growing.js';
import { transfer$, type Transferred } from '../parts/send-parts.js';
import type { Upload } from '../upload.js';

/** All parts are on the server; or the upload is gone because it was completed already. */
export interface TransferResult extends Transferred {
  readonly found: HeadObjectResult | null;
}

/**
 * An upload that is gone from the server was completed, or else is restarted, once: a second loss is an error. Once
 * complete was sent nothing is restarted; that is for `complete$` to resolve.
 */
export function restartIfGone(
  upload: Upload,
  file: FileIdentity,
): OperatorFunction<Activity | Result<Transferred>, Activity | Result<TransferResult>> {
  return (step$) =>
    defer(() => {
      let last = upload.checkpoint;
      let hasStarted = false;
      return step$.pipe(
        map((activity) => {
          if (isResult(activity)) return asTransferResult(activity);
          last = checkpointOf(activity) ?? last;
          if (activity.type === 'started') hasStarted = true;
          return activity;
        }),
        catchError((error: unknown) =>
          error instanceof ServiceError && isUploadGone(error) && last !== null
            ? findOrRestart$(upload, file, asKnown(upload, last), hasStarted, error)
            : throwError(() => error),
        ),
      );
    });
}

/** The last checkpoint in a store may be several parts old, and from before the end of a stream. */
function asKnown({ source }: Upload, lost: UploadCheckpoint): UploadCheckpoint {
  return withSize(source, withAcknowledged(source, lost));
}

function findOrRestart$(
  upload: Upload,
  file: FileIdentity,
  lost: UploadCheckpoint,
  hasStarted: boolean,
  error: ServiceError,
): Step<TransferResult> {
  const isOwn = (head: HeadObjectResult): boolean => isOwnObject(upload, head, lost);
  return findObject$(upload, (head) => isOwn(head) || mayBeFinalized(upload, head, lost)).pipe(
    concatResult((found): Step<TransferResult> => {
      if (found !== null && !isOwn(found)) return throwError(() => outcomeUnknown(error));
      if (found === null) {
        requireEntire(upload.source, 'restart');
        requireRights(lost, upload.requested, 'restarting');
        return restart$(upload, file);
      }
      const start = started(upload, lost.uploadId, totalSize(lost.parts));
      const nothingLeft: Activity = hasStarted
        ? { type: 'object-found' }
        : { ...start, resumedBytes: start.totalBytes ?? start.resumedBytes };
      return of(nothingLeft, result<TransferResult>({ checkpoint: lost, evidence: 'unknown', found }));
    }),
  );
}

/** The first part that `finalize` of a stream returned is not known any more, so the ETag of the object is not either. */
function mayBeFinalized({ source }: Upload, head: HeadObjectResult, { file, parts }: UploadCheckpoint): boolean {
  const isFinalized = isGrowing(source) && source.finalize !== null && file.size !== null;
  return isFinalized && head.uploadId === null && head.etag.endsWith(`-${parts.length}`);
}

function restart$(upload: Upload, file: FileIdentity): Step<TransferResult> {
  return concat(
    of<Activity>({ type: 'upload-gone' }),
    initiate$(upload, file).pipe(
      concatResult((session) => transfer$(upload, session)),
      map(asTransferResult),
    ),
  );
}

function asTransferResult(activity: Activity | Result<Transferred>): Activity | Result<TransferResult> {
  return isResult(activity) ? result({ ...activity.value, found: null }) : activity;
}
