import { of, throwError, type Observable } from 'rxjs';
import { isUploadError } from '../../model/errors/is-upload-error.js';
import type { ServiceError } from '../../model/errors/errors.js';
import type { ObsResult } from '../model/result.js';
import type { UploadFileOutput } from '../model/upload-file-event.js';
import type { ResolvedParams } from './resolve-params.js';
import type { ResponseLog } from '../results/response-log.js';
import { refusalOf, toClientError } from '../results/client-error.js';
import { refused } from '../results/obs-result.js';
import { targetOf, type CallbackAdapter } from './callback-adapter.js';

type Failed = Observable<ObsResult<UploadFileOutput>>;

/**
 * How a failed upload ends: with an event for what failed, then a refusal of initiate or complete is a result with its
 * status, anything else an error with the record.
 */
export function fail$(
  cause: unknown,
  { request }: ResolvedParams,
  callbacks: CallbackAdapter,
  log: ResponseLog,
): Failed {
  const { live, phase, emitEvent } = callbacks;
  const error = toClientError(cause, live?.record ?? null);
  const refusal = refusalOf(cause);
  const operation = isUploadError(cause) ? cause.operation : null;
  if (operation === 'initiateMultipartUpload') {
    emitEvent(
      'initiateMultipartUploadFailed',
      { bucket: request.bucket ?? live?.record.bucket ?? '', key: request.key ?? live?.record.key ?? '' },
      error,
    );
    return refusal === null ? throwError(() => error) : of(refused(refusal, log.take('initiate')));
  }
  if (live === null || phase === 'opening') return throwError(() => error);
  if (phase === 'completing') {
    emitEvent(
      isFinal(refusal) ? 'completeMultipartUploadAborted' : 'completeMultipartUploadFailed',
      targetOf(live),
      error,
    );
    const isRefusedComplete = refusal?.operation === 'completeMultipartUpload';
    return isRefusedComplete ? of(refused(refusal, log.take('complete'))) : throwError(() => error);
  }
  const part = error.part === null ? {} : { partNumber: error.part };
  emitEvent(isFinal(refusal) ? 'uploadPartAborted' : 'uploadPartFailed', { ...targetOf(live), ...part }, error);
  return throwError(() => error);
}

/** Whether the service would refuse again. */
function isFinal(refusal: ServiceError | null): boolean {
  return refusal !== null && refusal.status < 500 && !refusal.retryable;
}
