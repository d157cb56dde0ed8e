import { catchError, concat, of, throwError } from 'rxjs';
import { mapError } from '../../map-error.js';
import { ServiceError } from '../../model/errors/errors.js';
import type { UploadError } from '../../model/errors/upload-error.js';
import type { UploadCheckpoint } from '../../model/checkpoint/checkpoint.js';
import { totalSize } from '../../model/checkpoint/reconcile.js';
import {
  completeMultipartUpload,
  refusesObjectSize,
  type CompleteMultipartUploadResult,
} from '../../protocol/operations/complete-multipart-upload.js';
import type { HeadObjectResult } from '../../protocol/operations/head-object.js';
import { concatResult, result, type Step } from '../step.js';
import { requireFromService } from '../../protocol/response/response.js';
import { controlCall$ } from '../call/call.js';
import { listAllParts$ } from '../session/verify-parts.js';
import { expectedChecksum, findOwnObject$ } from './head-object.js';
import { isForbidden, isUploadGone, mayHaveTakenEffect } from '../../protocol/errors/classify-error.js';
import { nextDelayMs, untilResent$ } from '../call/retry.js';
import type { Upload } from '../upload.js';

/** The object exists: by the service's response, or found by HEAD after an inconclusive one. */
export type Completion =
  | { readonly response: CompleteMultipartUploadResult; readonly found?: never }
  | { readonly found: HeadObjectResult; readonly response?: never };

/** Makes one attempt; the object is checked before another, because a lost response may have been a success. */
export function complete$(
  upload: Upload,
  checkpoint: UploadCheckpoint,
  attempt = 1,
  givesSize = true,
): Step<Completion> {
  const { bucket, key, object, sseCustomerKey, shared, retry } = upload;
  const { uploadId, parts } = checkpoint;
  const checksum = expectedChecksum(upload.checksum, parts);
  const objectSize = givesSize ? totalSize(parts) : undefined;
  const args = { bucket, key, uploadId, parts, object, checksum, objectSize, sseCustomerKey };
  const { request, read } = completeMultipartUpload(args, shared.signer.dialect);
  const hasCallback = object.callback !== undefined;
  return controlCall$(
    { ...upload, retry: { ...retry, maxAttempts: 1 } },
    {
      request,
      firstAttempt: attempt,
      read: (response, context) => {
        const result = read(response, context);
        // With a callback the body comes from another server, so it proves nothing.
        if (hasCallback) requireFromService(shared.transport, result, response, context);
        return result;
      },
    },
  ).pipe(
    concatResult((response): Step<Completion> => of(result({ response }))),
    catchError((error: unknown) => {
      if (givesSize && refusesObjectSize(error)) return complete$(upload, checkpoint, attempt, false);
      return mayHaveTakenEffect(error) ? resolve$(upload, checkpoint, error, attempt) : throwError(() => error);
    }),
  );
}

/**
 * Finds out whether complete took effect. It did if the object is ours; it did not if the upload still exists, and then
 * it is sent again. It may take effect between these two checks, so if the upload is gone the object is checked again.
 * Where parts may not be listed, complete itself shows whether the upload exists: once it has taken effect, the same
 * request finds the upload gone.
 */
function resolve$(upload: Upload, checkpoint: UploadCheckpoint, error: UploadError, attempt: number): Step<Completion> {
  const find$ = findOwnObject$(upload, checkpoint).pipe(mapError(() => error));
  return find$.pipe(
    concatResult((found): Step<Completion> => {
      if (found !== null) return of(result({ found }));
      return listAllParts$(upload, checkpoint).pipe(
        concatResult(() => of(result(true))),
        catchError((cause: unknown) => {
          if (isUploadGone(cause)) return of(result(false));
          return isForbidden(cause) ? of(result(!isUploadGone(error))) : throwError(() => error);
        }),
        concatResult((exists) =>
          exists
            ? completeAgain$(upload, checkpoint, error, attempt)
            : find$.pipe(
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
  // A service that reports the upload as gone but still lists it contradicts itself: worth a retry.
  const retryable = error.retryable || isUploadGone(error);
  const delayMs = nextDelayMs(error, attempt, upload.retry, retryable);
  if (delayMs === null) return throwError(() => error);
  return concat(
    untilResent$({ operation: 'completeMultipartUpload', partNumber: null }, attempt, delayMs, error),
    complete$(upload, checkpoint, attempt + 1),
  );
}

export function outcomeUnknown(error: UploadError): ServiceError {
  const { status, serviceCode, requestId } =
    error instanceof ServiceError ? error : { status: 0, serviceCode: null, requestId: null };
  return new ServiceError(
    'complete-unknown',
    'It is unknown whether the object was made: the upload may have been completed, and the object under its key cannot ' +
      'be recognised as its result. Check the object before you upload again.',
    { operation: error.operation, status, serviceCode, requestId, cause: error },
  );
}
