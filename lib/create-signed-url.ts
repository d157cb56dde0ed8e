import { wallNow } from './time.js';
import { InvalidOptionsError } from './model/errors/errors.js';
import {
  isHeaderName,
  isPrintableAscii,
  isWellFormed,
  parseRequestDate,
  requireHeaderText,
  requireInteger,
  requireOneOf,
  requireOneOfEach,
  requireText,
} from './validation/check.js';
import { resolveEndpoint } from './connection/resolve-endpoint.js';
import { requireBucket, requireKey } from './validation/target.js';
import type { ObsCredentials } from './model/credentials.js';
import { resourceOf, urlOf, type Addressing } from './protocol/request/endpoint.js';
import type { QueryParameter } from './protocol/obs-request.js';
import { withExpiry } from './signing/credentials.js';
import { obsSigner } from './signing/v2.js';
import type { SignableRequest, SignedRequest, UrlSigner } from './signing/signer.js';

/** One request that anyone with the URL may send. */
export interface SignedUrlOptions {
  /**
   * Address of the store, such as `https://obs.cn-north-4.myhuaweicloud.com`: without the bucket. A store that is
   * mounted below a path, as `https://example.com/storage/v1/s3`, needs `addressing: 'path'`.
   */
  readonly server: string;
  /** @defaultValue 'virtual-hosted', and 'path' for an IP address or a name without dots */
  readonly addressing?: Addressing | undefined;
  /**
   * Allows `http:` to hosts other than this machine.
   * @defaultValue false
   */
  readonly allowInsecure?: boolean | undefined;
  /** The token of temporary credentials becomes part of the URL, which expires with them. */
  readonly credentials: ObsCredentials;
  /**
   * `obsSigner()`, `v2Signer()` or `v4Signer({ region })`.
   * @defaultValue `obsSigner()`
   */
  readonly signer?: UrlSigner | undefined;
  /** What the URL is for: `GET` shows or downloads, `PUT` uploads. */
  readonly method: SignableRequest['method'];
  /** The bucket's name. */
  readonly bucket: string;
  /** null: a request to the bucket itself */
  readonly key: string | null;
  /** Such as `{ partNumber: 1, uploadId }`; null stands for a parameter without a value, as in `{ uploads: null }`. */
  readonly query?: Readonly<Record<string, string | number | null>> | undefined;
  /**
   * Headers that will be sent, in ASCII: `Content-Type`, `Content-MD5` and the store's own must be listed, otherwise the
   * store refuses them.
   */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** Seconds from 1; at most 604,800 (7 days) with signature version 4. */
  readonly expiresInSeconds: number;
  /**
   * Start of validity: a Date, ISO 8601 or RFC 822 text.
   * @defaultValue the machine's clock
   */
  readonly requestDate?: Date | string | undefined;
}

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
  const { requestDate, signer = obsSigner() } = options;
  const method = requireOneOf('method', options.method, METHODS);
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
      expiresInSeconds: requireInteger('expiresInSeconds', options.expiresInSeconds, 1),
    },
  );
}

/** In upper case: signatures cover the method as it is written. */
export const METHODS: readonly SignableRequest['method'][] = ['GET', 'PUT', 'POST', 'DELETE', 'HEAD'];

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
    if (value === null) return [name, value];
    if (typeof value === 'number' || (typeof value === 'string' && isWellFormed(value))) return [name, String(value)];
    throw new InvalidOptionsError(`query.${name}`, `query.${name} must be text, a number or null.`);
  });
}

function requireHeaders(headers: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  requireOneOfEach('headers', Object.keys(headers));
  for (const [name, value] of Object.entries(headers)) {
    if (!isHeaderName(name)) {
      throw new InvalidOptionsError('headers', 'headers must have header names: letters, digits and hyphens.');
    }
    // A browser would send other bytes than were signed, or refuse to.
    if (!isPrintableAscii(requireHeaderText(`headers.${name}`, value))) {
      throw new InvalidOptionsError(
        `headers.${name}`,
        `headers.${name} must be ASCII: percent-encode the other characters.`,
      );
    }
  }
  return headers;
}
