import { catchError, concat, EMPTY, ignoreElements, of, throwError, timer } from 'rxjs';
import { isUploadError, toUploadErrorInfo } from '../../model/errors/is-upload-error.js';
import { ServiceError } from '../../model/errors/service-error.js';
import type { UploadError } from '../../model/errors/upload-error.js';
import type { UploadCheckpoint } from '../../model/checkpoint.js';
import {
  buildCompleteMultipartUpload,
  readCompleteMultipartUpload,
  type CompleteMultipartUploadResult,
} from '../../protocol/complete-multipart-upload.js';
import type { HeadObjectResult } from '../../protocol/head-object.js';
import { done, whenDone, type Step } from '../step.js';
import { controlCall$ } from '../call/control-call.js';
import { listAllParts$ } from '../session/list-all-parts.js';
import { findOwnObject$ } from './look.js';
import { isUploadGone } from '../../protocol/classify-error.js';
import { nextDelayMs } from '../call/retry-policy.js';
import type { Upload } from '../upload.js';

/** The object is there: the service said so in its answer, or it was found after an answer that told nothing. */
export type Completion =
  | { readonly answer: CompleteMultipartUploadResult; readonly found?: never }
  | { readonly found: HeadObjectResult; readonly answer?: never };

/** Each complete is one attempt: before another the object is looked for, because a lost answer may have been a yes. */
export function complete$(upload: Upload, checkpoint: UploadCheckpoint, attempt = 1): Step<Completion> {
  const { bucket, key, object, shared, retry } = upload;
  const { uploadId, parts } = checkpoint;
  const request = buildCompleteMultipartUpload({ bucket, key, uploadId, parts, object }, shared.signer.dialect);
  const hasCallback = object.callback !== undefined;
  return controlCall$(
    { ...upload, retry: { ...retry, maxAttempts: 1 } },
    { request, read: (response, context) => readCompleteMultipartUpload(response, context, hasCallback) },
  ).pipe(
    whenDone((answer): Step<Completion> => of(done({ answer }))),
    catchError((error: unknown) =>
      isAmbiguous(error) ? resolve$(upload, checkpoint, error, attempt) : throwError(() => error),
    ),
  );
}

/**
 * The object is looked at; where it is not ours, the upload is: while it exists complete is sent again, else nobody can
 * tell what happened.
 */
function resolve$(upload: Upload, checkpoint: UploadCheckpoint, error: UploadError, attempt: number): Step<Completion> {
  return findOwnObject$(upload, checkpoint).pipe(
    catchError(() => throwError(() => error)),
    whenDone((found): Step<Completion> => {
      if (found !== null) return of(done({ found }));
      return listAllParts$(upload, checkpoint).pipe(
        catchError((cause: unknown) => throwError(() => (isUploadGone(cause) ? outcomeUnknown(error) : error))),
        whenDone(() => completeAgain$(upload, checkpoint, error, attempt)),
      );
    }),
  );
}

function completeAgain$(
  upload: Upload,
  checkpoint: UploadCheckpoint,
  error: UploadError,
  attempt: number,
): Step<Completion> {
  const retryAfterMs = error instanceof ServiceError ? error.retryAfterMs : null;
  const delayMs = nextDelayMs({ attempt, retryable: true, retryAfterMs }, upload.retry);
  if (delayMs === null) return throwError(() => error);
  return concat(
    of({
      type: 'retrying',
      operation: 'completeMultipartUpload',
      partNumber: null,
      attempt,
      delayMs,
      error: toUploadErrorInfo(error),
    } as const),
    delayMs > 0 ? timer(delayMs).pipe(ignoreElements()) : EMPTY,
    complete$(upload, checkpoint, attempt + 1),
  );
}

/**
 * Whether complete may have taken effect all the same: no answer, one from a broken service, "gone" (browsers send a
 * lost request again by themselves), or "exists already".
 */
function isAmbiguous(error: unknown): error is UploadError {
  if (!isUploadError(error)) return false;
  if (!(error instanceof ServiceError)) return error.code === 'network' || error.code === 'stalled';
  return error.retryable || isUploadGone(error) || error.status === 409 || error.status === 412;
}

function outcomeUnknown(error: UploadError): ServiceError {
  const { status, serviceCode, requestId } =
    error instanceof ServiceError ? error : { status: 0, serviceCode: null, requestId: null };
  return new ServiceError(
    'complete-unknown',
    'The upload is gone from the server, and the object under its key cannot be recognised as its result. ' +
      'It may have been completed and then overwritten: look at the object before you upload again.',
    { operation: 'completeMultipartUpload', status, serviceCode, requestId, cause: error },
  );
}
