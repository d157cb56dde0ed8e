import { InvalidOptionsError } from '../model/errors/invalid-options-error.js';
import { urlExpiresAt } from './expiry.js';
import { withParameters } from './query.js';
import type { SignableRequest, SignedRequest, UrlSigningContext } from './signer.js';
import { namesOf, UNSIGNED_PAYLOAD, v4CanonicalRequest, v4Headers } from './v4-canonical-request.js';
import { V4_ALGORITHM, v4Date, type V4Scope } from './v4-scope.js';

const MAX_SECONDS = 7 * 24 * 60 * 60;

/**
 * `?X-Amz-Algorithm=…&X-Amz-Signature=…`; the body is not covered (AWS, "Authenticating requests: using query
 * parameters").
 */
export function signV4Query(
  request: SignableRequest,
  { credentials, date, expiresInSeconds }: UrlSigningContext,
  scope: V4Scope,
): SignedRequest {
  if (expiresInSeconds > MAX_SECONDS) {
    throw new InvalidOptionsError(
      'expiresInSeconds',
      `expiresInSeconds must be at most ${MAX_SECONDS} (7 days) with signature version 4.`,
    );
  }
  const { accessKeyId, secretAccessKey, securityToken } = credentials;
  const time = v4Date(date);
  const signed = v4Headers(request);
  const url = withParameters(request.url, [
    ['X-Amz-Algorithm', V4_ALGORITHM],
    ['X-Amz-Credential', `${accessKeyId}/${scope.on(time)}`],
    ['X-Amz-Date', time],
    ['X-Amz-Expires', String(expiresInSeconds)],
    ...(securityToken ? [['X-Amz-Security-Token', securityToken] as const] : []),
    ['X-Amz-SignedHeaders', namesOf(signed)],
  ]);
  const canonicalRequest = v4CanonicalRequest({ ...request, url }, signed, UNSIGNED_PAYLOAD);
  return {
    url: withParameters(url, [['X-Amz-Signature', scope.sign(secretAccessKey, time, canonicalRequest)]]),
    headers: request.headers,
    expiresAt: urlExpiresAt((Math.floor(date / 1000) + expiresInSeconds) * 1000, credentials),
  };
}
