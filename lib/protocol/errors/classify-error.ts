import { isUploadError } from '../../model/errors/is-upload-error.js';
import { ServiceError } from '../../model/errors/errors.js';
import type { UploadError } from '../../model/errors/upload-error.js';
import { kindOfCode } from './service-codes.js';

/** The service refused the date of the signature. */
export function isClockSkew(error: unknown): error is ServiceError {
  return error instanceof ServiceError && kindOfCode(error.serviceCode) === 'clock';
}

/** The credentials are expired, unknown or wrong: nothing more should be sent with them. */
export function isCredentialsError(error: unknown): boolean {
  if (!(error instanceof ServiceError)) return false;
  return kindOfCode(error.serviceCode) === 'credentials' || (error.status === 401 && !isClockSkew(error));
}

/**
 * The credentials may be the cause: some stores report an expired token only as an access denial for a part, and HEAD
 * has no body with an error code. A denied list is a matter of policy.
 */
export function mayBeCredentialsError(error: unknown): boolean {
  if (!(error instanceof ServiceError) || error.status !== 403) return false;
  if (error.operation === 'headObject') return error.serviceCode === null;
  return error.operation === 'uploadPart' && error.serviceCode === 'AccessDenied';
}

/**
 * A signed URL may have expired. Stores report that as AccessDenied, as a skewed clock, with codes of their own, or
 * without a code in the response to HEAD. It says nothing about the clock.
 */
export function mayBeExpiredUrl(error: unknown): boolean {
  if (isClockSkew(error) || isForbidden(error)) return true;
  if (!(error instanceof ServiceError) || error.status < 400 || error.status >= 500) return false;
  if (isCredentialsError(error)) return false;
  return (error.status === 403 && error.serviceCode === null) || /\bexpired\b/i.test(error.message);
}

/** The service asks for fewer requests. */
export function isThrottling(error: unknown): boolean {
  if (!(error instanceof ServiceError)) return false;
  return error.status === 429 || kindOfCode(error.serviceCode) === 'throttling';
}

/** The upload is not, or no longer, on the server. Ceph reports NoSuchKey for list parts. */
export function isUploadGone(error: unknown): boolean {
  if (!(error instanceof ServiceError) || error.status !== 404) return false;
  return error.serviceCode === 'NoSuchUpload' || (error.serviceCode === 'NoSuchKey' && error.operation === 'listParts');
}

/** The credentials do not permit this; that says nothing about the upload. */
export function isForbidden(error: unknown): boolean {
  return error instanceof ServiceError && error.status === 403 && error.serviceCode === 'AccessDenied';
}

/**
 * Whether a write (complete, or a single PUT) that failed with this error may have taken effect anyway: there was no
 * response, or one that is not from the service, or an internal error, or one that shows the effect of an earlier copy
 * of the same request, as browsers and proxies resend requests (upload gone, 409, 412).
 */
export function mayHaveTakenEffect(error: unknown): error is UploadError {
  if (!isUploadError(error)) return false;
  if (!(error instanceof ServiceError)) return error.code === 'network' || error.code === 'stalled';
  const { status, serviceCode } = error;
  if (error.retryable || error.code === 'bad-response' || isUploadGone(error)) return true;
  if (status === 409 || status === 412) return true;
  return serviceCode === null ? status >= 400 : status >= 500 && serviceCode !== 'NotImplemented';
}
