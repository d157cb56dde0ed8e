import { InvalidOptionsError } from '../model/errors/errors.js';
import { toHex, utf8 } from '../bytes.js';
import { hmacSha256, sha256 } from '../ports/hash/hmac-sha256.js';
import { s3Dialect } from '../protocol/s3-dialect.js';
import { encodeStrict } from '../protocol/request/url.js';
import { byName, HEADER_VALID_FOR_MS, parametersOf, urlExpiresAt, withParameters } from './signed-text.js';
import type {
  SignableRequest,
  SignedRequest,
  Signer,
  SigningContext,
  UnsignedRequest,
  UrlSigner,
  UrlSigningContext,
} from './signer.js';

/** Options of `v4Signer`. */
export interface V4SignerOptions {
  /** Of the bucket, such as `eu-west-1`; many S3-compatible stores take any, Cloudflare R2 wants `auto`. */
  readonly region: string;
  /** @defaultValue 's3' */
  readonly service?: string | undefined;
}

/**
 * Signs as AWS Signature Version 4, which nearly every S3-compatible store takes. Bodies of up to 64 KiB that are in
 * memory are covered by their SHA-256, others go as UNSIGNED-PAYLOAD.
 * @throws InvalidOptionsError
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html
 *
 * @example
 * ```ts
 * const obs = createObsConnection({ server, credentials, signer: v4Signer({ region: 'eu-west-1' }) });
 * ```
 */
export function v4Signer({ region, service = 's3' }: V4SignerOptions): Signer & UrlSigner {
  const scope = scopeOf(requireName('region', region), requireName('service', service));
  return {
    dialect: s3Dialect,
    sign: (request, context) => [signHeader(request, context, scope)],
    presign: (request, context) => signQuery(request, context, scope),
  };
}

/** It stands between slashes in the scope. */
function requireName(option: string, value: unknown): string {
  if (typeof value === 'string' && /^[\w.-]+$/.test(value)) return value;
  throw new InvalidOptionsError(option, `${option} must be a name of letters, digits and hyphens, such as us-east-1.`);
}

/** Hashing more would block the page: a MiB takes tens of milliseconds. */
const MAX_HASHED_BYTES = 64 * 1024;

/** `Authorization: AWS4-HMAC-SHA256 Credential=…, SignedHeaders=…, Signature=…` */
function signHeader(
  request: UnsignedRequest,
  { credentials, date, body }: SigningContext,
  scope: Scope,
): SignedRequest {
  const { accessKeyId, secretAccessKey, securityToken } = credentials;
  const time = dateOf(date);
  const payloadHash = payloadHashOf(request, body ?? null);
  const headers: Record<string, string> = {
    ...request.headers,
    'x-amz-date': time,
    'x-amz-content-sha256': payloadHash,
    ...(securityToken ? { 'x-amz-security-token': securityToken } : {}),
  };
  const signed = signedHeadersOf({ ...request, headers });
  const signature = scope.sign(secretAccessKey, time, canonicalRequestOf(request, signed, payloadHash));
  headers.Authorization =
    `${ALGORITHM} Credential=${accessKeyId}/${scope.on(time)}, ` +
    `SignedHeaders=${namesOf(signed)}, Signature=${signature}`;
  return { url: request.url, headers, expiresAt: date + HEADER_VALID_FOR_MS };
}

/** Over https TLS protects the body; over http it is hashed if possible. */
function payloadHashOf({ url, size }: UnsignedRequest, body: Uint8Array | null): string {
  const isEmpty = size === null || size === 0;
  const bytes = body ?? (isEmpty && url.startsWith('http:') ? new Uint8Array() : null);
  return bytes !== null && bytes.length <= MAX_HASHED_BYTES ? toHex(sha256(bytes)) : UNSIGNED_PAYLOAD;
}

const MAX_SECONDS = 7 * 24 * 60 * 60;

/**
 * `?X-Amz-Algorithm=…&X-Amz-Signature=…`; the body is not covered (AWS, "Authenticating requests: using query
 * parameters").
 */
function signQuery(
  request: SignableRequest,
  { credentials, date, expiresInSeconds }: UrlSigningContext,
  scope: Scope,
): SignedRequest {
  if (expiresInSeconds > MAX_SECONDS) {
    throw new InvalidOptionsError(
      'expiresInSeconds',
      `expiresInSeconds must be at most ${MAX_SECONDS} (7 days) with signature version 4.`,
    );
  }
  const { accessKeyId, secretAccessKey, securityToken } = credentials;
  const time = dateOf(date);
  const signed = signedHeadersOf(request);
  const url = withParameters(request.url, [
    ['X-Amz-Algorithm', ALGORITHM],
    ['X-Amz-Credential', `${accessKeyId}/${scope.on(time)}`],
    ['X-Amz-Date', time],
    ['X-Amz-Expires', String(expiresInSeconds)],
    ...(securityToken ? [['X-Amz-Security-Token', securityToken] as const] : []),
    ['X-Amz-SignedHeaders', namesOf(signed)],
  ]);
  const canonicalRequest = canonicalRequestOf({ ...request, url }, signed, UNSIGNED_PAYLOAD);
  return {
    url: withParameters(url, [['X-Amz-Signature', scope.sign(secretAccessKey, time, canonicalRequest)]]),
    headers: request.headers,
    expiresAt: urlExpiresAt((Math.floor(date / 1000) + expiresInSeconds) * 1000, credentials),
  };
}

export const UNSIGNED_PAYLOAD = 'UNSIGNED-PAYLOAD';

type Header = readonly [name: string, value: string];

/** All headers and the host of the URL: sorted, in lower case, runs of spaces as one. */
export function signedHeadersOf({ url, headers }: SignableRequest): readonly Header[] {
  const signed = Object.entries(headers)
    .map(([name, value]): Header => [name.toLowerCase(), value.trim().replace(/ +/g, ' ')])
    .filter(([name]) => arrivesUnchanged(name));
  return [...new Map([...signed, ['host', new URL(url).host] as const])].sort(byName);
}

function namesOf(headers: readonly Header[]): string {
  return headers.map(([name]) => name).join(';');
}

/**
 * The text that an AWS v4 signature covers. The path is the same as in the URL: S3 is the only AWS service that does
 * not encode it again.
 */
export function canonicalRequestOf(
  { method, url }: SignableRequest,
  headers: readonly Header[],
  payloadHash: string,
): string {
  const query = parametersOf(url)
    .map(([name, value]) => [encodeStrict(name), encodeStrict(value ?? '')] as const)
    .sort((a, b) => byName(a, b) || byName([a[1]], [b[1]]))
    .map(([name, value]) => `${name}=${value}`);
  return [
    method,
    new URL(url).pathname,
    query.join('&'),
    ...headers.map(([name, value]) => `${name}:${value}`),
    '',
    namesOf(headers),
    payloadHash,
  ].join('\n');
}

/** Browsers and proxies may write their own Cache-Control; AWS's SDKs leave it unsigned as well. */
function arrivesUnchanged(name: string): boolean {
  return name !== 'cache-control';
}

const ALGORITHM = 'AWS4-HMAC-SHA256';

/** Signs within a region and a service; the key is derived again only for another secret or day. */
interface Scope {
  /** `{day}/{region}/{service}/aws4_request` @param date - `20240102T030405Z` */
  on(date: string): string;
  /** The signature of a canonical request: 64 hexadecimal digits. */
  sign(secret: string, date: string, canonicalRequest: string): string;
}

function scopeOf(region: string, service: string): Scope {
  let cached: { readonly secret: string; readonly day: string; readonly key: Uint8Array } | null = null;
  const keyOf = (secret: string, day: string): Uint8Array => {
    if (cached?.secret !== secret || cached.day !== day) {
      const steps = [day, region, service, 'aws4_request'];
      cached = { secret, day, key: steps.reduce((key, step) => hmacSha256(key, utf8(step)), utf8(`AWS4${secret}`)) };
    }
    return cached.key;
  };
  const on = (date: string): string => `${date.slice(0, 8)}/${region}/${service}/aws4_request`;
  return {
    on,
    sign(secret, date, canonicalRequest) {
      const text = [ALGORITHM, date, on(date), toHex(sha256(utf8(canonicalRequest)))].join('\n');
      return toHex(hmacSha256(keyOf(secret, date.slice(0, 8)), utf8(text)));
    },
  };
}

/** `20240102T030405Z` @param date - epoch milliseconds */
function dateOf(date: number): string {
  return new Date(date).toISOString().replace(/[-:]|\.\d+/g, '');
}
