import { s3Dialect } from '../protocol/dialect.js';
import { hmacSha1Signer } from './hmac-sha1-signer.js';
import type { Signer, UrlSigner } from './signer.js';

/**
 * Signs as S3's version 2: `Authorization: AWS …` with `x-amz-` headers, for stores that support nothing newer (AWS,
 * "Signing and authenticating REST requests").
 */
export function v2Signer(): Signer & UrlSigner {
  return hmacSha1Signer({ name: 'AWS', dialect: s3Dialect, accessKeyParameter: 'AWSAccessKeyId' });
}
