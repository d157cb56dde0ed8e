import { catchError, concat, EMPTY, ignoreElements, of, throwError, timer } from 'rxjs';
import { toUploadErrorInfo } from '../../model/errors/is-upload-error.js';
import { ServiceError } from '../../model/errors/service-error.js';
import type { UploadError } from '../../model/errors/upload-error.js';
import type { UploadCheckpoint } from '../../model/checkpoint.js';
import {
  buildCompleteMultipartUpload,
  readCompleteMultipartUpload,
  type CompleteMultipartUploadResult,
} from '../../protocol/complete-multipart-upload.js';
import { unexpectedAnswer } from '../../protocol/response.js';
import type { HeadObjectResult } from '../../protocol/head-object.js';
import { result, concatResult, type Step } from '../step.js';
import { controlCall$ } from '../call/call.js';
import { listAllParts$ } from '../session/list-all-parts.js';
import { findOwnObject$, isFromService } from './look.js';
import { isUploadGone, mayHaveTakenEffect } from '../../protocol/classify-error.js';
import { nextDelayMs } from '../call/retry.js';
import type { Upload } from '../upload.js';

/** The object is there: the service said so in its answer, or it was found after an answer that told nothing. */
export type Completion =
  | { readonly answer: CompleteMultipartUploadResult; readonly found?: never }
  | { readonly found: HeadObjectResult; readonly answer?: never };

/** Each complete is one attempt: before another the object is looked at, because a lost response may have been a yes. */
export function complete$(upload: Upload, checkpoint: UploadCheckpoint, attempt = 1): Step<Completion> {
  const { bucket, key, object, shared, retry } = upload;
  const { uploadId, parts } = checkpoint;
  const request = buildCompleteMultipartUpload({ bucket, key, uploadId, parts, object }, shared.signer.dialect);
  const hasCallback = object.callback !== undefined;
  return controlCall$(
    { ...upload, retry: { ...retry, maxAttempts: 1 } },
    {
      request,
      read: (response, context) => {
        const result = readCompleteMultipartUpload(response, context, hasCallback);
        // With a callback the body is another server's, so it proves nothing.
        if (hasCallback && !isFromService(upload, result)) throw unexpectedAnswer(response, context);
        return result;
      },
    },
  ).pipe(
    concatResult((answer): Step<Completion> => of(result({ answer }))),
    catchError((error: unknown) =>
      mayHaveTakenEffect(error) ? resolve$(upload, checkpoint, error, attempt) : throwError(() => error),
    ),
  );
}

/**
 * The object is looked at. Where it is not ours, the upload is: while that exists, complete has not taken effect and is
 * sent again. It may take effect between the two looks, so an upload that is gone has the object looked at once more.
 */
function resolve$(upload: Upload, checkpoint: UploadCheckpoint, error: UploadError, attempt: number): Step<Completion> {
  const look$ = findOwnObject$(upload, checkpoint).pipe(catchError(() => throwError(() => error)));
  return look$.pipe(
    concatResult((found): Step<Completion> => {
      if (found !== null) return of(result({ found }));
      return listAllParts$(upload, checkpoint).pipe(
        concatResult(() => of(result(true))),
        catchError((cause: unknown) => (isUploadGone(cause) ? of(result(false)) : throwError(() => error))),
        concatResult((exists) =>
          exists
            ? completeAgain$(upload, checkpoint, error, attempt)
            : look$.pipe(
                concatResult((foundLater): Step<Completion> =>
                  foundLater === null ? throwError(() => outcomeUnknown(error)) : of(result({ found: foundLater })),
                ),
              ),
        ),
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
  // "Gone" from a service that still has the upload is a service of two minds.
  const retryable = error.retryable || isUploadGone(error);
  const delayMs = nextDelayMs({ attempt, retryable, retryAfterMs }, upload.retry);
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

export function outcomeUnknown(error: UploadError): ServiceError {
  const { status, serviceCode, requestId } =
    error instanceof ServiceError ? error : { status: 0, serviceCode: null, requestId: null };
  return new ServiceError(
    'complete-unknown',
    'It is unknown whether the object was made: the upload may have been completed, and the object under its key cannot ' +
      'be recognised as its result. Look at the object before you upload again.',
    { operation: error.operation, status, serviceCode, requestId, cause: error },
  );
}
