import { toBase64 } from '../hash/bytes.js';
import { hmacSha1 } from '../hash/hmac-sha1.js';
import { stringToSign } from './string-to-sign.js';
import type { SignedRequest, SigningContext, UnsignedRequest } from './signer.js';

/** The service refuses a signature that is 15 minutes old. */
const validForMs = 15 * 60_000;

/**
 * `Authorization: {scheme} {AK}:{base64(HMAC-SHA1(SK, text))}`. The date goes into a header of its own, because a page
 * may not set `Date`.
 */
export function signHeader(
  request: UnsignedRequest,
  { credentials, date, resource }: SigningContext,
  { scheme, prefix }: { readonly scheme: 'OBS' | 'AWS'; readonly prefix: 'x-obs-' | 'x-amz-' },
): SignedRequest {
  const headers: Record<string, string> = { ...request.headers, [`${prefix}date`]: new Date(date).toUTCString() };
  if (credentials.securityToken) headers[`${prefix}security-token`] = credentials.securityToken;
  const text = stringToSign({ ...request, headers }, prefix, resource, '');
  const signature = toBase64(hmacSha1(credentials.secretAccessKey, text));
  headers.Authorization = `${scheme} ${credentials.accessKeyId}:${signature}`;
  return { url: request.url, headers, expiresAt: date + validForMs };
}
