import { toBase64 } from '../ports/hash/bytes.js';
import { hmacSha1 } from '../ports/hash/hmac-sha1.js';
import { urlExpiresAt } from './expiry.js';
import type { HmacSha1Scheme } from './hmac-sha1-scheme.js';
import { withParameters } from './query.js';
import type { SignableRequest, SignedRequest, UrlSigningContext } from './signer.js';
import { stringToSign } from './string-to-sign.js';

/**
 * `?AccessKeyId=…&Expires=…&Signature=…`: the header's text, with the expiry on its Date line (OBS REST reference,
 * "Authentication of Signature in a URL"). A security token is signed as a parameter, as OBS has it in both schemes;
 * AWS and Ceph expect it among the headers of version 2, so their temporary credentials need version 4 here.
 */
export function signQuery(
  request: SignableRequest,
  { credentials, date, resource, expiresInSeconds }: UrlSigningContext,
  { dialect: { headerPrefix: prefix }, accessKeyParameter }: HmacSha1Scheme,
): SignedRequest {
  const { accessKeyId, secretAccessKey, securityToken } = credentials;
  const expires = Math.floor(date / 1000) + expiresInSeconds;
  const url = withParameters(request.url, [
    [accessKeyParameter, accessKeyId],
    ['Expires', String(expires)],
    ...(securityToken ? [[`${prefix}security-token`, securityToken] as const] : []),
  ]);
  const text = stringToSign({ ...request, url }, prefix, resource, String(expires));
  return {
    url: withParameters(url, [['Signature', toBase64(hmacSha1(secretAccessKey, text))]]),
    headers: request.headers,
    expiresAt: urlExpiresAt(expires * 1000, credentials),
  };
}
