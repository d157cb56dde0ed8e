import { InvalidOptionsError } from '../model/errors/invalid-options-error.js';
import { SigningError } from '../model/errors/signing-error.js';

/** The backend answered, with something that nothing can be sent with. */
export class UnusableAnswer extends Error {}

export function presignError(cause: unknown): SigningError {
  if (cause instanceof UnusableAnswer || cause instanceof InvalidOptionsError)
    return new SigningError('presign', cause.message);
  if (isRefusal(cause)) {
    return new SigningError('presign', 'The backend refuses to sign, so nothing was sent. See the cause.', { cause });
  }
  const message = 'presign failed, so nothing could be sent.';
  return new SigningError('presign', message, { retryable: true, cause });
}

/** Errors of HTTP clients tell the status: a backend that has said no says it again. */
function isRefusal(cause: unknown): boolean {
  const { status } = (cause ?? {}) as { readonly status?: unknown };
  return typeof status === 'number' && status >= 400 && status < 500 && status !== 408 && status !== 429;
}
