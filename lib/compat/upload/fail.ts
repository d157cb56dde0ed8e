import { of, throwError, type Observable } from 'rxjs';
import { isUploadError } from '../../model/errors/is-upload-error.js';
import type { ServiceError } from '../../model/errors/service-error.js';
import type { ObsResult } from '../model/result.js';
import type { UploadFileOutput } from '../model/upload-file-params.js';
import type { ResolvedParams } from './resolve-params.js';
import type { Answers } from '../results/answers.js';
import { refusalOf, toClientError } from '../results/client-error.js';
import { refused } from '../results/obs-result.js';
import { targetOf, type CallbackAdapter } from './callback-adapter.js';

type Failed = Observable<ObsResult<UploadFileOutput>>;

/**
 * How a failed upload ends: an event tells what failed, then a refusal of initiate or complete is a result whose status
 * says so, and anything else an error that carries the record.
 */
export function fail$(cause: unknown, { request }: ResolvedParams, teller: CallbackAdapter, answers: Answers): Failed {
  const { live, phase, tellEvent } = teller;
  const error = toClientError(cause, live?.record ?? null);
  const refusal = refusalOf(cause);
  const operation = isUploadError(cause) ? cause.operation : null;
  if (operation === 'initiateMultipartUpload') {
    tellEvent(
      'initiateMultipartUploadFailed',
      { bucket: request.bucket ?? live?.record.bucket ?? '', key: request.key ?? live?.record.key ?? '' },
      error,
    );
    return refusal === null ? throwError(() => error) : of(refused(refusal, answers.take('initiate')));
  }
  if (live === null || phase === 'opening') return throwError(() => error);
  if (phase === 'completing') {
    tellEvent(
      isFinal(refusal) ? 'completeMultipartUploadAborted' : 'completeMultipartUploadFailed',
      targetOf(live),
      error,
    );
    const isAnswer = refusal?.operation === 'completeMultipartUpload';
    return isAnswer ? of(refused(refusal, answers.take('complete'))) : throwError(() => error);
  }
  const part = error.part === null ? {} : { partNumber: error.part };
  tellEvent(isFinal(refusal) ? 'uploadPartAborted' : 'uploadPartFailed', { ...targetOf(live), ...part }, error);
  return throwError(() => error);
}

/** The service will say the same again. */
function isFinal(refusal: ServiceError | null): boolean {
  return refusal !== null && refusal.status < 500 && !refusal.retryable;
}
