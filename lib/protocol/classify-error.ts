import { ServiceError } from '../model/errors/service-error.js';

const keyCodes = new Set([
  'InvalidAccessKeyId',
  'ExpiredToken',
  'InvalidToken',
  'TokenRefreshRequired',
  'SignatureDoesNotMatch',
  'InvalidSecurity',
]);

/** The date of the signature, not the request, was refused. */
export function refusesClock(error: unknown): error is ServiceError {
  return error instanceof ServiceError && error.serviceCode === 'RequestTimeTooSkewed';
}

/** The keys are expired, unknown or wrong: nothing more should be sent with them. */
export function refusesKeys(error: unknown): boolean {
  if (!(error instanceof ServiceError)) return false;
  return error.status === 401 || (error.serviceCode !== null && keyCodes.has(error.serviceCode));
}

/**
 * It may be the keys: some stores say no more of an expired token than that a part is denied, and HEAD has no body to
 * say anything. A denied list is policy.
 */
export function mayRefuseKeys(error: unknown): boolean {
  if (!(error instanceof ServiceError) || error.status !== 403) return false;
  if (error.operation === 'headObject') return error.serviceCode === null;
  return error.operation === 'uploadPart' && error.serviceCode === 'AccessDenied';
}

/** A signed URL may be too old: of that stores say no more than AccessDenied. It says nothing of the clock. */
export function mayRefuseExpiredUrl(error: unknown): boolean {
  return refusesClock(error) || isForbidden(error);
}

/** The service asks for fewer requests. */
export function asksForLess(error: unknown): boolean {
  return error instanceof ServiceError && (error.status === 429 || error.serviceCode === 'SlowDown');
}

/** The upload is not on the server (any more). Ceph says NoSuchKey to list parts. */
export function isUploadGone(error: unknown): boolean {
  if (!(error instanceof ServiceError) || error.status !== 404) return false;
  return error.serviceCode === 'NoSuchUpload' || (error.serviceCode === 'NoSuchKey' && error.operation === 'listParts');
}

/** The keys may not do this; that says nothing about the upload. */
export function isForbidden(error: unknown): boolean {
  return error instanceof ServiceError && error.status === 403 && error.serviceCode === 'AccessDenied';
}
