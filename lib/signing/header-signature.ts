import { toBase64 } from '../ports/hash/bytes.js';
import { hmacSha1 } from '../ports/hash/hmac-sha1.js';
import { HEADER_VALID_FOR_MS } from './expiry.js';
import type { HmacSha1Scheme } from './hmac-sha1-scheme.js';
import type { SignableRequest, SignedRequest, SigningContext } from './signer.js';
import { stringToSign } from './string-to-sign.js';

/**
 * `Authorization: {scheme} {AK}:{base64(HMAC-SHA1(SK, text))}`. The date goes into a header of its own, because a page
 * may not set `Date`.
 */
export function signHeader(
  request: SignableRequest,
  { credentials, date, resource }: SigningContext,
  { name, dialect: { headerPrefix: prefix } }: HmacSha1Scheme,
): SignedRequest {
  const headers: Record<string, string> = { ...request.headers, [`${prefix}date`]: new Date(date).toUTCString() };
  if (credentials.securityToken) headers[`${prefix}security-token`] = credentials.securityToken;
  const text = stringToSign({ ...request, headers }, prefix, resource, '');
  const signature = toBase64(hmacSha1(credentials.secretAccessKey, text));
  headers.Authorization = `${name} ${credentials.accessKeyId}:${signature}`;
  return { url: request.url, headers, expiresAt: date + HEADER_VALID_FOR_MS };
}
