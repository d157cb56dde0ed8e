import { NetworkError, SigningError, type ServiceError } from 'rx-obs-upload';
import type { Operation } from '../../../../lib/model/operation.js';
import {
  isClockSkew,
  isCredentialsError,
  isForbidden,
  isThrottling,
  isUploadGone,
  mayBeCredentialsError,
  mayBeExpiredUrl,
  mayHaveTakenEffect,
} from '../../../../lib/protocol/errors/classify-error.js';
import { serviceErrorOf, unexpectedResponse } from '../../../../lib/protocol/response/response.js';

function refused(status: number, code: string | null, operation: Operation = 'uploadPart', message = ''): ServiceError {
  const body = code === null ? '' : `<Error><Code>${code}</Code><Message>${message}</Message></Error>`;
  return serviceErrorOf({ status, headers: {}, body }, { operation, partNumber: null, now: 0 });
}

describe('an error of the service', () => {
  it.each([
    [403, 'ExpiredRequest'],
    [400, 'ExpiredRequest'],
    [403, 'RequestExpired'],
    [400, 'RequestExpired'],
    [403, 'RequestTimeTooSkewed'],
    [403, 'AccessDenied'],
    [403, 'SignatureExpired'],
    [400, 'ExpiredPresignedUrl'],
    [403, null],
  ])('may be the expiry of a signed URL: %i %s', (status, code) => {
    expect(mayBeExpiredUrl(refused(status, code))).toBe(true);
    expect(isCredentialsError(refused(status, code))).toBe(false);
  });

  it('may be the expiry of a signed URL by its message alone', () => {
    expect(mayBeExpiredUrl(refused(400, 'InvalidRequest', 'uploadPart', 'Request has expired'))).toBe(true);
    expect(mayBeExpiredUrl(refused(400, 'InvalidRequest', 'uploadPart', 'The part is too small'))).toBe(false);
    expect(mayBeExpiredUrl(refused(503, null))).toBe(false);
    expect(mayBeExpiredUrl(refused(404, 'NoSuchUpload'))).toBe(false);
  });

  it.each([
    [400, 'ExpiredToken'],
    [403, 'ExpiredTokenException'],
    [403, 'SecurityTokenExpired'],
    [403, 'InvalidAccessKeyId'],
    [403, 'SignatureDoesNotMatch'],
    [401, null],
  ])('is about the credentials: %i %s', (status, code) => {
    expect(isCredentialsError(refused(status, code))).toBe(true);
    expect(mayBeExpiredUrl(refused(status, code))).toBe(false);
  });

  it.each(['RequestTimeTooSkewed', 'RequestInTheFuture', 'RequestExpired', 'ExpiredRequest'])(
    'is about the clock: %s',
    (code) => {
      expect(isClockSkew(refused(403, code))).toBe(true);
      expect(isClockSkew(refused(401, code)) && !isCredentialsError(refused(401, code))).toBe(true);
    },
  );

  it.each([
    [503, 'SlowDown'],
    [503, 'SlowDownWrite'],
    [429, null],
    [400, 'ThrottlingException'],
    [400, 'RequestLimitExceeded'],
    [503, 'UploadTrafficRateLimitExceeded'],
    [503, 'TotalQpsLimitExceeded'],
    [509, 'BandwidthLimitExceeded'],
  ])('is throttling: %i %s', (status, code) => {
    expect(isThrottling(refused(status, code))).toBe(true);
    expect(refused(status, code).retryable).toBe(true);
  });

  it.each([
    [403, 'TooManyWrongSignature'],
    [503, null],
    [400, 'TooManyParts'],
  ])('is not throttling: %i %s', (status, code) => {
    expect(isThrottling(refused(status, code))).toBe(false);
  });

  it('distinguishes a denied part, which may be the credentials, from a denied list, which is policy', () => {
    expect(mayBeCredentialsError(refused(403, 'AccessDenied'))).toBe(true);
    expect(mayBeCredentialsError(refused(403, 'AccessDenied', 'listParts'))).toBe(false);
    expect(mayBeCredentialsError(refused(403, null, 'headObject'))).toBe(true);
    expect(isForbidden(refused(403, 'AccessDenied', 'listParts'))).toBe(true);
  });

  it('may mean that the upload does not exist', () => {
    expect(isUploadGone(refused(404, 'NoSuchUpload'))).toBe(true);
    expect(isUploadGone(refused(404, 'NoSuchKey', 'listParts'))).toBe(true);
    expect(isUploadGone(refused(404, 'NoSuchKey', 'headObject'))).toBe(false);
  });
});

describe('a write', () => {
  const context = { operation: 'putObject', partNumber: null, now: 0 } as const;

  it.each<[string, unknown]>([
    ['network', new NetworkError('network', 'x', { retryable: true })],
    ['stalled', new NetworkError('stalled', 'x', { retryable: true })],
    ['bad-response', unexpectedResponse({ status: 200, headers: {}, body: '<html/>' }, context)],
    ['500', refused(500, 'InternalError')],
    ['503', refused(503, 'SlowDown')],
    ['a status of a CDN', refused(524, null)],
    ['a 5xx with a vendor-specific code', refused(507, 'XMinioStorageFull')],
    ['408', refused(408, null)],
    ['RequestTimeout as a 400', refused(400, 'RequestTimeout')],
    ['409 of OBS', refused(409, 'FileAlreadyExist')],
    ['412 of S3', refused(412, 'PreconditionFailed')],
    ['NoSuchUpload', refused(404, 'NoSuchUpload')],
    ['a 4xx without a code', refused(400, null)],
    ['404 without a code', refused(404, null)],
  ])('may have taken effect despite the error: %s', (_, error) => {
    expect(mayHaveTakenEffect(error)).toBe(true);
  });

  it.each<[string, unknown]>([
    ['AccessDenied', refused(403, 'AccessDenied')],
    ['EntityTooSmall', refused(400, 'EntityTooSmall')],
    ['InvalidPart', refused(400, 'InvalidPart')],
    ['InvalidPart in a 200', refused(200, 'InvalidPart')],
    ['NotImplemented', refused(501, 'NotImplemented')],
    ['no signature', new SigningError('credentials', 'x', { retryable: true })],
    ['an error from outside this library', new Error('x')],
  ])('has not taken effect: %s', (_, error) => {
    expect(mayHaveTakenEffect(error)).toBe(false);
  });
});
