import type { TransportResponse } from '../../ports/transport/transport.js';
import { MAX_ID_LENGTH, requestIdOf } from '../response/response-headers.js';
import { presentable, type SentRequest } from './sent-values.js';
import { parseXml, textOf, type XmlNode } from '../xml.js';

/** The contents of an error response, safe to show: short, without control characters or secrets of the request. */
export interface ErrorBody {
  readonly code: string | null;
  readonly message: string | null;
  readonly requestId: string | null;
  readonly hostId: string | null;
  /** As it stands; AWS gives it with RequestTimeTooSkewed. */
  readonly serverTime: string | null;
}

const MAX_MESSAGE_LENGTH = 300;

/** @param sent - the request that the response belongs to: its secrets are removed */
export function errorBodyOf(response: TransportResponse, sent?: SentRequest): ErrorBody {
  const node = errorNodeOf(response) ?? {};
  const shown = (text: string | null, length = MAX_ID_LENGTH): string | null =>
    text === null ? null : presentable(text, length, sent) || null;
  return {
    code: shown(textOf(node, 'Code')),
    message: shown(textOf(node, 'Message'), MAX_MESSAGE_LENGTH),
    requestId: shown(textOf(node, 'RequestId')) ?? shown(requestIdOf(response)),
    hostId: shown(textOf(node, 'HostId')),
    serverTime: textOf(node, 'ServerTime'),
  };
}

/** Whether the body is an error, regardless of the status. */
export function hasError(response: TransportResponse): boolean {
  return errorNodeOf(response) !== null;
}

/** Errors are parsed even with control characters in them: the code counts, however damaged the message is. */
function errorNodeOf({ body }: TransportResponse): XmlNode | null {
  if (!body.includes('Error')) return null;
  const xml = parseXml(body.replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, ' '));
  return xml?.root === 'Error' ? xml.node : null;
}

const adviceByCode: Readonly<Record<string, string>> = {
  AccessDenied: 'Check that the credentials permit this on this bucket and key.',
  SignatureDoesNotMatch: 'Check the secret key, and that nothing in between changes the request.',
  InvalidAccessKeyId: 'Check the access key; temporary credentials may have expired.',
  ExpiredToken: 'The temporary credentials have expired: get new ones.',
  RequestTimeTooSkewed: 'The clock of this machine is off, or a presigned URL has expired.',
  NoSuchBucket: 'Check the bucket name and the region of the server.',
  EntityTooSmall: 'All parts but the last must be larger: raise partSize (5 MiB on most S3-compatible stores).',
  PreconditionFailed:
    'The object under the key is not the one that `ifMatch` names, or there is one and `forbidOverwrite` is set.',
  ObjectAlreadyExists: 'There is an object under the key, and `forbidOverwrite` is set.',
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
  return Object.hasOwn(adviceByCode, code) ? (adviceByCode[code] ?? null) : null;
}

/** Headers of `checksum`. */
const OWN_DIGEST = /^(?:content-md5|x-(?:obs|amz)-checksum-(?:crc64ecma|crc64nvme|crc32c|sha256))$/i;

/** Whether the refused digest is not this library's: then sending the body again does not help. */
export function isForeignDigest(code: string | null, sent: SentRequest | undefined): boolean {
  if (sent === undefined || (code !== 'BadDigest' && code !== 'XAmzContentChecksumMismatch')) return false;
  return !Object.keys(sent.headers).some((name) => OWN_DIGEST.test(name));
}
