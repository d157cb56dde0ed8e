import { toHex } from '../ports/hash/bytes.js';
import { sha256 } from '../ports/hash/hmac-sha256.js';
import { HEADER_VALID_FOR_MS } from './expiry.js';
import type { SignedRequest, SigningContext, UnsignedRequest } from './signer.js';
import { namesOf, UNSIGNED_PAYLOAD, v4CanonicalRequest, v4Headers } from './v4-canonical-request.js';
import { V4_ALGORITHM, v4Date, type V4Scope } from './v4-scope.js';

/** Hashing more would block the page: a MiB takes tens of milliseconds. */
const MAX_HASHED_BYTES = 64 * 1024;

/** `Authorization: AWS4-HMAC-SHA256 Credential=…, SignedHeaders=…, Signature=…` */
export function signV4Header(
  request: UnsignedRequest,
  { credentials, date, body }: SigningContext,
  scope: V4Scope,
): SignedRequest {
  const { accessKeyId, secretAccessKey, securityToken } = credentials;
  const time = v4Date(date);
  const payloadHash = payloadHashOf(request, body ?? null);
  const headers: Record<string, string> = {
    ...request.headers,
    'x-amz-date': time,
    'x-amz-content-sha256': payloadHash,
    ...(securityToken ? { 'x-amz-security-token': securityToken } : {}),
  };
  const signed = v4Headers({ ...request, headers });
  const signature = scope.sign(secretAccessKey, time, v4CanonicalRequest(request, signed, payloadHash));
  headers.Authorization =
    `${V4_ALGORITHM} Credential=${accessKeyId}/${scope.on(time)}, ` +
    `SignedHeaders=${namesOf(signed)}, Signature=${signature}`;
  return { url: request.url, headers, expiresAt: date + HEADER_VALID_FOR_MS };
}

/** Over https TLS protects the body; over http it is hashed if possible. */
function payloadHashOf({ url, size }: UnsignedRequest, body: Uint8Array | null): string {
  const isEmpty = size === null || size === 0;
  const bytes = body ?? (isEmpty && url.startsWith('http:') ? new Uint8Array() : null);
  return bytes !== null && bytes.length <= MAX_HASHED_BYTES ? toHex(sha256(bytes)) : UNSIGNED_PAYLOAD;
}
