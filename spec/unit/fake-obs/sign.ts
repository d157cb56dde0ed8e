import { createHash, createHmac } from 'node:crypto';

/** Credentials of this signer, which is independent of the library's: signers that share a mistake would agree. */
export interface Keys {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly securityToken?: string | null | undefined;
}

export interface Unsigned {
  readonly method: string;
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface SignOptions {
  /** epoch milliseconds */
  readonly now: number;
  /** Virtual-hosted or path-style addressing. */
  readonly style?: 'path' | 'virtual-hosted';
  /** The bucket, if it is part of the host. */
  readonly bucket?: string;
}

type Headers = Record<string, string>;

interface Located {
  readonly host: string;
  readonly pathname: string;
  readonly search: string;
}

/** Not `URL`, which removes dot segments: the URL must be signed as it is sent. */
function locate(url: string): Located {
  const [, host = '', pathname = '', search = ''] = /^https?:\/\/([^/?]+)([^?]*)(.*)$/.exec(url) ?? [];
  return { host, pathname: pathname === '' ? '/' : pathname, search };
}

const signedParameters =
  /^(uploads|uploadId|partNumber|acl|cors|delete|versionId|response-.*|x-(obs|amz)-security-token)$/;

function resource(url: Located, options: SignOptions): string {
  const path = options.bucket === undefined ? url.pathname : `/${options.bucket}${url.pathname}`;
  const rooted = options.bucket === undefined && /^\/[^/]+$/.test(path) ? `${path}/` : path;
  const pairs = url.search
    .slice(1)
    .split('&')
    .filter((pair) => pair !== '')
    .map((pair) => pair.split('=').map(decodeURIComponent))
    .filter(([name = '']) => signedParameters.test(name))
    .map(([name = '', ...value]) => (value.length === 0 ? name : `${name}=${value.join('=')}`))
    .sort();
  return pairs.length === 0 ? rooted : `${rooted}?${pairs.join('&')}`;
}

function canonical(
  request: Unsigned,
  url: Located,
  headers: Headers,
  prefix: string,
  date: string,
  options: SignOptions,
): string {
  const extension = Object.keys(headers)
    .filter((name) => name.startsWith(prefix))
    .sort();
  return [
    request.method,
    headers['content-md5'] ?? '',
    headers['content-type'] ?? '',
    date,
    ...extension.map((name) => `${name}:${(headers[name] ?? '').trim()}`),
    resource(url, options),
  ].join('\n');
}

function lower(headers: Readonly<Record<string, string>> = {}): Headers {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
}

function hmacSha1(key: string, text: string): string {
  return createHmac('sha1', key).update(text, 'utf8').digest('base64');
}

/** Signs as `OBS` (or, with `x-amz-`, as `AWS` version 2) by header. */
export function signHeader(
  request: Unsigned,
  credentials: Keys,
  options: SignOptions,
  prefix: 'x-obs-' | 'x-amz-' = 'x-obs-',
): Headers {
  const headers = lower(request.headers);
  headers[`${prefix}date`] ??= new Date(options.now).toUTCString();
  if (credentials.securityToken) headers[`${prefix}security-token`] = credentials.securityToken;
  const text = canonical(request, locate(request.url), headers, prefix, '', options);
  const scheme = prefix === 'x-obs-' ? 'OBS' : 'AWS';
  return {
    ...headers,
    authorization: `${scheme} ${credentials.accessKeyId}:${hmacSha1(credentials.secretAccessKey, text)}`,
  };
}

/** A presigned URL. @param expires - unix seconds */
export function signQuery(
  request: Unsigned,
  credentials: Keys,
  expires: number,
  options: SignOptions,
  prefix: 'x-obs-' | 'x-amz-' = 'x-obs-',
): string {
  const parameters = [
    `${prefix === 'x-obs-' ? '' : 'AWS'}AccessKeyId=${credentials.accessKeyId}`,
    `Expires=${expires}`,
  ];
  if (credentials.securityToken)
    parameters.push(`${prefix}security-token=${encodeURIComponent(credentials.securityToken)}`);
  const separator = request.url.includes('?') ? '&' : '?';
  const url = request.url + separator + parameters.join('&');
  const text = canonical(request, locate(url), lower(request.headers), prefix, String(expires), options);
  return `${url}&Signature=${encodeURIComponent(hmacSha1(credentials.secretAccessKey, text))}`;
}

/** AWS Signature Version 4 by header. */
export function signV4(request: Unsigned, credentials: Keys, options: SignOptions, region = 'eu-1'): Headers {
  const date = v4Date(options.now);
  const headers = lower(request.headers);
  headers['x-amz-date'] = date;
  headers['x-amz-content-sha256'] ??= 'UNSIGNED-PAYLOAD';
  if (credentials.securityToken) headers['x-amz-security-token'] = credentials.securityToken;
  const all: Headers = { ...headers, host: locate(request.url).host };
  const scope = `${date.slice(0, 8)}/${region}/s3/aws4_request`;
  const signature = v4Signature(request, all, headers['x-amz-content-sha256'], credentials, date, scope);
  const signedHeaders = Object.keys(all).sort().join(';');
  return {
    ...headers,
    authorization: `AWS4-HMAC-SHA256 Credential=${credentials.accessKeyId}/${scope}, SignedHeaders=${signedHeaders}, Signature=${signature}`,
  };
}

/** A presigned URL of AWS Signature Version 4. */
export function signV4Query(request: Unsigned, credentials: Keys, seconds: number, options: SignOptions): string {
  const date = v4Date(options.now);
  const all: Headers = { ...lower(request.headers), host: locate(request.url).host };
  const scope = `${date.slice(0, 8)}/eu-1/s3/aws4_request`;
  const parameters = {
    'X-Amz-Algorithm': 'AWS4-HMAC-SHA256',
    'X-Amz-Credential': `${credentials.accessKeyId}/${scope}`,
    'X-Amz-Date': date,
    'X-Amz-Expires': String(seconds),
    'X-Amz-SignedHeaders': Object.keys(all).sort().join(';'),
    ...(credentials.securityToken ? { 'X-Amz-Security-Token': credentials.securityToken } : {}),
  };
  const query = Object.entries(parameters).map(([name, value]) => `${name}=${encodeURIComponent(value)}`);
  const url = request.url + (request.url.includes('?') ? '&' : '?') + query.join('&');
  return `${url}&X-Amz-Signature=${v4Signature({ ...request, url }, all, 'UNSIGNED-PAYLOAD', credentials, date, scope)}`;
}

function v4Date(now: number): string {
  return new Date(now).toISOString().replace(/[-:]|\.\d+/g, '');
}

function v4Signature(
  request: Unsigned,
  headers: Headers,
  payloadHash: string,
  credentials: Keys,
  date: string,
  scope: string,
): string {
  const { pathname, search } = locate(request.url);
  const query = search
    .slice(1)
    .split('&')
    .filter((pair) => pair !== '')
    .map((pair) => (pair.includes('=') ? pair : `${pair}=`))
    .sort();
  const names = Object.keys(headers).sort();
  const canonicalRequest = [
    request.method,
    pathname,
    query.join('&'),
    ...names.map((name) => `${name}:${(headers[name] ?? '').trim()}`),
    '',
    names.join(';'),
    payloadHash,
  ].join('\n');
  const hash = createHash('sha256').update(canonicalRequest).digest('hex');
  let key: string | Buffer = `AWS4${credentials.secretAccessKey}`;
  for (const step of scope.split('/')) key = createHmac('sha256', key).update(step).digest();
  return createHmac('sha256', key).update(`AWS4-HMAC-SHA256\n${date}\n${scope}\n${hash}`).digest('hex');
}
