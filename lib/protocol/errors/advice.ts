import type { SentRequest } from './sent-values.js';

const byCode: Readonly<Record<string, string>> = {
  AccessDenied: 'Check that the credentials permit this on this bucket and key.',
  SignatureDoesNotMatch: 'Check the secret key, and that nothing in between changes the request.',
  InvalidAccessKeyId: 'Check the access key; temporary credentials may have expired.',
  ExpiredToken: 'The temporary credentials have expired: get new ones.',
  RequestTimeTooSkewed: 'The clock of this machine is off, or a presigned URL has expired.',
  NoSuchBucket: 'Check the bucket name and the region of the server.',
  EntityTooSmall: 'All parts but the last must be larger: raise partSize (5 MiB on most S3-compatible stores).',
  PreconditionFailed:
    'Another object is under the key than `ifMatch` names, or one at all where `forbidOverwrite` is set.',
  ObjectAlreadyExists: 'An object is under the key, and `forbidOverwrite` is set.',
  AccessForbidden: "The bucket's CORS rule does not allow this origin, method or header.",
  VirtualHostDomainRequired: "Use addressing: 'virtual-hosted'.",
};

/** AWS SDK for JavaScript v3, "S3 data integrity protections": it signs a CRC32 of the body at hand, which is empty. */
const FOREIGN_DIGEST =
  'This library sent no Content-MD5, so the signed request names the digest of another body, and sending it again ' +
  "cannot help. Set the presigner's option: the AWS SDK v3 needs requestChecksumCalculation: 'WHEN_REQUIRED', because " +
  '@aws-sdk/s3-request-presigner otherwise signs x-amz-checksum-crc32 of an empty body.';

/** What to do about a refusal; null if unknown. */
export function adviceFor(code: string | null, sent: SentRequest | undefined): string | null {
  if (code === null) return null;
  if (isForeignDigest(code, sent)) return FOREIGN_DIGEST;
  return Object.hasOwn(byCode, code) ? (byCode[code] ?? null) : null;
}

/** Headers of `checksum`. */
const OWN_DIGEST = /^(?:content-md5|x-(?:obs|amz)-checksum-(?:crc64ecma|crc64nvme|crc32c|sha256))$/i;

/** Whether the refused digest is not this library's: then sending the body again does not help. */
export function isForeignDigest(code: string | null, sent: SentRequest | undefined): boolean {
  if (sent === undefined || (code !== 'BadDigest' && code !== 'XAmzContentChecksumMismatch')) return false;
  return !Object.keys(sent.headers).some((name) => OWN_DIGEST.test(name));
}
