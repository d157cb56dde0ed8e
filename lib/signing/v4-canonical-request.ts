import { encodeStrict } from '../protocol/encode.js';
import { byName, parametersOf } from './query.js';
import type { SignableRequest } from './signer.js';

export const UNSIGNED_PAYLOAD = 'UNSIGNED-PAYLOAD';

type Header = readonly [name: string, value: string];

/** All headers and the host of the URL: sorted, in lower case, runs of spaces as one. */
export function v4Headers({ url, headers }: SignableRequest): readonly Header[] {
  const signed = Object.entries(headers)
    .map(([name, value]): Header => [name.toLowerCase(), value.trim().replace(/ +/g, ' ')])
    .filter(([name]) => isKeptOnTheWay(name));
  return [...new Map([...signed, ['host', new URL(url).host] as const])].sort(byName);
}

export function namesOf(headers: readonly Header[]): string {
  return headers.map(([name]) => name).join(';');
}

/**
 * The text that an AWS v4 signature covers. The path is the same as in the URL: S3 is the only AWS service that does
 * not encode it again.
 */
export function v4CanonicalRequest(
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
function isKeptOnTheWay(name: string): boolean {
  return name !== 'cache-control';
}
