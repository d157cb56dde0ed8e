import { ServiceError } from '../errors/service-error.js';

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

/**
 * Other keys may be taken: these are expired or unknown. A denied part counts, as some stores say no more than that of
 * an expired token; a denied list is policy.
 */
export function refusesKeys(error: unknown): boolean {
  if (!(error instanceof ServiceError)) return false;
  if (error.serviceCode === null) return error.status === 401;
  return keyCodes.has(error.serviceCode) || (error.serviceCode === 'AccessDenied' && error.operation === 'uploadPart');
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
