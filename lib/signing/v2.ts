import { toBase64 } from '../bytes.js';
import { hmacSha1, type HmacSha1 } from '../ports/hash/hmac-sha1.js';
import { obsDialect, type Dialect } from '../protocol/dialect.js';
import { v2Dialect } from '../protocol/s3-dialect.js';
import { byName, HEADER_VALID_FOR_MS, parametersOf, urlExpiresAt, withParameters } from './signed-text.js';
import type { SignableRequest, SignedRequest, Signer, SigningContext, UrlSigner, UrlSigningContext } from './signer.js';

/**
 * Signs as OBS does: `Authorization: OBS …` (OBS REST reference, "Authentication of Signature in a Header").
 *
 * @example
 * ```ts
 * const obs = createObsConnection({ server, credentials, signer: obsSigner() });
 * ```
 */
export function obsSigner(): Signer & UrlSigner {
  return hmacSha1Signer({ name: 'OBS', dialect: obsDialect, accessKeyParameter: 'AccessKeyId' });
}

/**
 * Signs as S3's version 2: `Authorization: AWS …` with `x-amz-` headers, for stores that support nothing newer (AWS,
 * "Signing and authenticating REST requests").
 *
 * @example
 * ```ts
 * const obs = createObsConnection({ server, credentials, signer: v2Signer() });
 * ```
 */
export function v2Signer(): Signer & UrlSigner {
  return hmacSha1Signer({ name: 'AWS', dialect: v2Dialect, accessKeyParameter: 'AWSAccessKeyId' });
}

/** Where OBS's signature and AWS's version 2 differ. */
interface Scheme {
  /** First word of `Authorization`. */
  readonly name: 'OBS' | 'AWS';
  readonly dialect: Dialect;
  /** Query parameter that names the access key. */
  readonly accessKeyParameter: 'AccessKeyId' | 'AWSAccessKeyId';
}

/** What `obsSigner` and `v2Signer` share: they differ only in names. */
function hmacSha1Signer(scheme: Scheme): Signer & UrlSigner {
  const hmacOf = lastHmac();
  return {
    dialect: scheme.dialect,
    sign: (request, context) => [signHeader(request, context, scheme, hmacOf)],
    presign: (request, context) => signQuery(request, context, scheme, hmacOf),
  };
}

/** An upload signs thousands of texts with one secret, and preparing a key costs more than a text. */
function lastHmac(): (secret: string) => HmacSha1 {
  let last: { readonly secret: string; readonly hmac: HmacSha1 } | null = null;
  return (secret) => {
    if (last?.secret !== secret) last = { secret, hmac: hmacSha1(secret) };
    return last.hmac;
  };
}

/**
 * `Authorization: {scheme} {AK}:{base64(HMAC-SHA1(SK, text))}`. The date goes into a header of its own, because a page
 * may not set `Date`.
 */
function signHeader(
  request: SignableRequest,
  { credentials, date, resource }: SigningContext,
  { name, dialect: { headerPrefix: prefix } }: Scheme,
  hmacOf: (secret: string) => HmacSha1,
): SignedRequest {
  const headers: Record<string, string> = { ...request.headers, [`${prefix}date`]: new Date(date).toUTCString() };
  if (credentials.securityToken) headers[`${prefix}security-token`] = credentials.securityToken;
  const text = stringToSign({ ...request, headers }, prefix, resource, '');
  const signature = toBase64(hmacOf(credentials.secretAccessKey)(text));
  headers.Authorization = `${name} ${credentials.accessKeyId}:${signature}`;
  return { url: request.url, headers, expiresAt: date + HEADER_VALID_FOR_MS };
}

/**
 * `?AccessKeyId=…&Expires=…&Signature=…`: the header's text, with the expiry on its Date line (OBS REST reference,
 * "Authentication of Signature in a URL"). A security token is signed as a parameter, as OBS has it in both schemes;
 * AWS and Ceph expect it among the headers of version 2, so their temporary credentials need version 4 here.
 */
function signQuery(
  request: SignableRequest,
  { credentials, date, resource, expiresInSeconds }: UrlSigningContext,
  { dialect: { headerPrefix: prefix }, accessKeyParameter }: Scheme,
  hmacOf: (secret: string) => HmacSha1,
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
    url: withParameters(url, [['Signature', toBase64(hmacOf(secretAccessKey)(text))]]),
    headers: request.headers,
    expiresAt: urlExpiresAt(expires * 1000, credentials),
  };
}

/**
 * The text that OBS and AWS v2 signatures cover.
 * @param date - the Date line: empty if `x-obs-date` is sent, or the expiry of a signed URL
 */
export function stringToSign(request: SignableRequest, prefix: string, resource: string, date: string): string {
  const headers = Object.entries(request.headers).map(([name, value]) => [name.toLowerCase(), value.trim()] as const);
  const valueOf = (name: string): string => headers.find(([header]) => header === name)?.[1] ?? '';
  const canonicalHeaders = headers
    .filter(([name]) => name.startsWith(prefix))
    .sort(byName)
    .map(([name, value]) => `${name}:${value}\n`)
    .join('');
  return [
    request.method,
    valueOf('content-md5'),
    valueOf('content-type'),
    date,
    canonicalHeaders + resource + canonicalQuery(request.url, prefix),
  ].join('\n');
}

/** Only sub-resources and the store's own parameters, sorted, their values decoded. */
function canonicalQuery(url: string, prefix: string): string {
  const signed = parametersOf(url)
    .filter(([name]) => subResources.has(name) || name.startsWith(prefix))
    .sort(byName)
    .map(([name, value]) => (value ? `${name}=${value}` : name));
  return signed.length === 0 ? '' : `?${signed.join('&')}`;
}

/** Query parameters that belong to the resource and are signed (OBS REST reference, "Authentication"). */
const subResources: ReadonlySet<string> = new Set(
  (
    'acl append attname cors customdomain delete deletebucket encryption inventory length lifecycle location logging ' +
    'metadata mirrorBackToSource modify name notification obscompresspolicy object-lock partNumber policy position ' +
    'quota rename replication requestPayment response-cache-control response-content-disposition ' +
    'response-content-encoding response-content-language response-content-type response-expires restore retention ' +
    'storageClass storagePolicy storageinfo tagging torrent truncate uploadId uploads versionId versioning versions ' +
    'website x-image-process x-image-save-bucket x-image-save-object'
  ).split(' '),
);
