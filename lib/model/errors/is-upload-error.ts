import { isError } from '../kinds.js';
import { cleanText, hideSecrets } from './clean-text.js';
import { describeCause } from './describe-cause.js';
import type { UploadErrorInfo } from '../upload/error-info.js';
import type { ServiceErrorDetails } from './service-error.js';
import { UploadError } from './upload-error.js';

const MAX_MESSAGE_LENGTH = 2000;
const MAX_ID_LENGTH = 256;

/**
 * Whether an error comes from this library, even from another copy of it.
 *
 * @example
 * ```ts
 * uploadFile$(obs, request).subscribe({
 *   error: (error: unknown) => console.error(isUploadError(error) ? error.code : error),
 * });
 * ```
 */
export function isUploadError(error: unknown): error is UploadError {
  return (
    error instanceof UploadError ||
    (typeof error === 'object' && error !== null && (error as Partial<UploadError>).isRxObsUploadError === true)
  );
}

/**
 * An error as plain JSON. One that is not from this library becomes `unexpected`, which is not resumable: code that
 * threw may throw again. The last `checkpoint` event is still valid.
 *
 * @example
 * ```ts
 * uploadFile$(obs, request).subscribe({ error: (error: unknown) => report(JSON.stringify(toUploadErrorInfo(error))) });
 * ```
 */
export function toUploadErrorInfo(error: unknown): UploadErrorInfo {
  if (!isUploadError(error)) {
    const message = isError(error) ? error.message : String(error);
    const cause = describeCause(isError(error) ? error.cause : null);
    return { ...unexpected, message: hideSecrets(cleanText(message, MAX_MESSAGE_LENGTH)), cause };
  }
  const { status = null, serviceCode = null, requestId = null } = error as Partial<ServiceErrorDetails>;
  return {
    name: error.name,
    code: error.code,
    message: cleanText(error.message, MAX_MESSAGE_LENGTH),
    retryable: error.retryable,
    resumable: error.resumable,
    operation: error.operation,
    partNumber: error.partNumber,
    status,
    serviceCode: serviceCode === null ? null : cleanText(serviceCode, MAX_ID_LENGTH),
    requestId: requestId === null ? null : cleanText(requestId, MAX_ID_LENGTH),
    cause: describeCause(error.cause),
    checkpoint: error.checkpoint,
  };
}

const unexpected: Omit<UploadErrorInfo, 'message' | 'cause'> = {
  name: 'Error',
  code: 'unexpected',
  retryable: false,
  resumable: false,
  operation: null,
  partNumber: null,
  status: null,
  serviceCode: null,
  requestId: null,
  checkpoint: null,
};
