import { wallNow } from './time.js';
import { InvalidOptionsError } from './model/errors/invalid-options-error.js';
import { requireHeaderText, requireInteger, requireOneOfEach, requireText } from './validation/check.js';
import { parseRequestDate } from './validation/request-date.js';
import { resolveEndpoint } from './connection/resolve-endpoint.js';
import { requireBucket, requireKey } from './validation/target.js';
import type { ObsCredentials } from './model/credentials.js';
import { resourceOf, urlOf } from './protocol/endpoint.js';
import type { QueryParameter } from './protocol/obs-request.js';
import { withExpiry } from './signing/are-credentials.js';
import { obsSigner } from './signing/obs-signer.js';
import type { SignedUrlOptions } from './signing/signed-url-options.js';
import type { SignedRequest } from './signing/signer.js';

/**
 * Signs one request as a URL, synchronously, so that a backend can let a page upload without giving it credentials. The
 * signature covers the method, the key, the bucket and `uploadId`, `partNumber` and `uploads`, but no size and no body.
 * `headers` of the result must be sent unchanged, and no other `x-obs-` or `x-amz-` headers.
 *
 * @example
 * ```ts
 * const { url, headers } = createSignedUrl({
 *   server: 'https://obs.cn-north-4.myhuaweicloud.com',
 *   credentials,
 *   method: 'PUT',
 *   bucket: 'media',
 *   key: 'film.mp4',
 *   query: { partNumber: 1, uploadId },
 *   expiresInSeconds: 300,
 * });
 * ```
 * @throws InvalidOptionsError
 */
export function createSignedUrl(options: SignedUrlOptions): SignedRequest {
  const { method, requestDate, signer = obsSigner() } = options;
  const endpoint = resolveEndpoint(options.server, options.addressing, options.allowInsecure === true);
  const target = {
    bucket: requireBucket(options.bucket, endpoint),
    key: options.key === null ? null : requireKey(options.key),
  };
  const date = requestDate === undefined ? wallNow() : parseRequestDate(requestDate);
  const headers = requireHeaders(options.headers ?? {});
  const url = urlOf(endpoint, target, requireQuery(options.query ?? {}));
  return signer.presign(
    { method, url, headers },
    {
      credentials: withExpiry(requireCredentials(options.credentials), date),
      date,
      resource: resourceOf(endpoint, target),
      expiresInSeconds: requireInteger('expiresInSeconds', options.expiresInSeconds, 1, Number.POSITIVE_INFINITY),
    },
  );
}

function requireCredentials(credentials: unknown): ObsCredentials {
  const { accessKeyId, secretAccessKey } = (credentials ?? {}) as Partial<ObsCredentials>;
  requireText('credentials.accessKeyId', accessKeyId);
  requireText('credentials.secretAccessKey', secretAccessKey);
  return credentials as ObsCredentials;
}

/** The parameters of the signature itself: duplicates in the URL would contradict it. */
const signatureParameter =
  /^(?:(?:aws)?accesskeyid|expires|signature|x-(?:amz|obs)-(?:algorithm|credential|date|expires|signedheaders|signature|security-token))$/i;

function requireQuery(query: NonNullable<SignedUrlOptions['query']>): QueryParameter[] {
  return Object.entries(query).map(([name, value]) => {
    if (!/^[\w.-]+$/.test(name) || signatureParameter.test(name)) {
      throw new InvalidOptionsError('query', 'query must name parameters of the request, none of a signature.');
    }
    return [name, value === null ? null : String(value)];
  });
}

function requireHeaders(headers: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  requireOneOfEach('headers', Object.keys(headers));
  for (const [name, value] of Object.entries(headers)) {
    if (!/^[\w!#$%&'*+.^`|~-]+$/.test(name)) {
      throw new InvalidOptionsError('headers', 'headers must have header names: letters, digits and hyphens.');
    }
    requireHeaderText(`headers.${name}`, value);
  }
  return headers;
}
