import { InvalidOptionsError } from '../model/errors/invalid-options-error.js';
import { SigningError } from '../model/errors/signing-error.js';

/** The backend responded with something unusable. */
export class UnusableResponse extends Error {}

export function presignError(cause: unknown): SigningError {
  if (cause instanceof UnusableResponse || cause instanceof InvalidOptionsError)
    return new SigningError('presign', cause.message);
  if (isRefusal(cause)) {
    return new SigningError('presign', 'The backend refuses to sign, so nothing was sent. See the cause.', { cause });
  }
  const message = 'presign failed, so nothing could be sent.';
  return new SigningError('presign', message, { retryable: true, cause });
}

/** Errors of HTTP clients have a status: a backend that refuses once will refuse again. */
function isRefusal(cause: unknown): boolean {
  const { status } = (cause ?? {}) as { readonly status?: unknown };
  return typeof status === 'number' && status >= 400 && status < 500 && status !== 408 && status !== 429;
}
