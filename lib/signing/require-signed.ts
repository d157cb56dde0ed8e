import { SigningError } from '../model/errors/errors.js';
import type { Endpoint } from '../protocol/request/endpoint.js';
import type { SignedRequest, UnsignedRequest } from './signer.js';
import { isHeaderName, isPrintableAscii, twinOf } from '../validation/check.js';
import { readExpiry } from './expiry.js';
import { parseUrl } from '../protocol/request/url.js';

/** What a signer must return for each request, in words. */
export const SIGNED_FORM = '{ url: its absolute URL, headers: { name: text }, expiresAt: epoch milliseconds or null }';

/**
 * Makes sure that a signer or backend cannot redirect a request to a host that the connection does not allow, or turn
 * it into another request.
 * @throws SigningError
 */
export function requireSigned(
  value: unknown,
  unsigned: UnsignedRequest,
  endpoint: Endpoint,
  allowedHosts: readonly string[],
): SignedRequest {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw unusable(`${nameOf(value)} in place of an object, so there is no absolute URL in it`);
  }
  const response = value as Partial<Record<keyof SignedRequest | 'method', unknown>>;
  const { headers, expiresAt } = response;
  // A request signed by headers has the same URL: no need to parse it for each of thousands of parts.
  if (response.url !== unsigned.url) requireUrl(response.url, unsigned, endpoint, allowedHosts);
  if (response.method !== undefined && response.method !== unsigned.method) throw refused('another method');
  return {
    url: String(response.url),
    headers: readHeaders(headers, unsigned),
    expiresAt: readExpiry(expiresAt, 0) ?? null,
  };
}

function requireUrl(
  value: unknown,
  unsigned: UnsignedRequest,
  endpoint: Endpoint,
  allowedHosts: readonly string[],
): void {
  const url = typeof value === 'string' ? parseUrl(value) : null;
  if (url === null) throw unusable('no absolute URL in `url`');
  if (url.protocol !== endpoint.protocol || url.username !== '' || url.password !== '') {
    throw refused('a URL of another scheme, or with a user in it');
  }
  if (!isOfStore(url, endpoint, allowedHosts)) throw refused('a URL of a host that the connection does not name');
  if (!namesTarget(url, unsigned, endpoint, allowedHosts)) throw refused('a URL of another bucket or key');
  if (!hasQuery(url, unsigned)) throw refused('a URL without the query of the request');
}

function isOfStore({ host }: URL, endpoint: Endpoint, allowedHosts: readonly string[]): boolean {
  return [endpoint.host, ...allowedHosts].some((named) => host === named || host.endsWith(`.${named}`));
}

/** By the bucket's host, by a path that begins with the bucket, or by the bucket's own domain. */
function namesTarget(
  { host, pathname }: URL,
  { bucket, key }: UnsignedRequest,
  endpoint: Endpoint,
  allowedHosts: readonly string[],
): boolean {
  const path = decoded(pathname);
  const object = `/${key ?? ''}`;
  const mount = decoded(endpoint.path ?? '') ?? '';
  return [endpoint.host, ...allowedHosts].some((named) => {
    // Case-sensitive: host names are in lower case, so `Media` is a different bucket.
    if (host === `${bucket}.${named}`) return path === object;
    if (host !== named) return false;
    if (path === `${mount}/${bucket}${object}`) return true;
    const isOwnDomain = named !== endpoint.host || endpoint.addressing === 'cname';
    return isOwnDomain && (path === `/${bucket}${object}` || path === object);
  });
}

function decoded(path: string): string | null {
  try {
    return decodeURIComponent(path);
  } catch {
    return null;
  }
}

/** Without its part number or upload id it would be a different request. */
function hasQuery({ searchParams }: URL, unsigned: UnsignedRequest): boolean {
  return [...new URL(unsigned.url).searchParams].every(
    ([name, value]) => searchParams.getAll(name).length === 1 && searchParams.get(name) === value,
  );
}

/** Checked by name and value: omitted, joined or repeated headers would make it a different request. */
function readHeaders(value: unknown, { headers: asked }: UnsignedRequest): Readonly<Record<string, string>> {
  if (value === asked) return asked;
  if (value === undefined || value === null) {
    throw unusable('no headers. They are those that were signed, such as the headers of the request, or {} for none');
  }
  if (!isPlain(value)) throw unusable(`${nameOf(value)} in place of headers by their names`);
  for (const [name, text] of Object.entries(value)) {
    if (Array.isArray(text)) throw unusable(`headers with lists of values (${shown(name)}): each has one text`);
    if (!isHeaderName(name) || typeof text !== 'string' || !isPrintableAscii(text)) {
      throw unusable(`headers with an unusable name or value (${shown(name)})`);
    }
  }
  const twin = twinOf(Object.keys(value));
  if (twin !== undefined) throw unusable(`headers with ${shown(twin)} twice, in upper and lower case`);
  return value as Readonly<Record<string, string>>;
}

/** The entries of a Map or `Headers` are not properties: they would be lost silently. */
function isPlain(value: unknown): value is object {
  return (
    typeof value === 'object' &&
    value !== null &&
    !Array.isArray(value) &&
    typeof (value as Map<unknown, unknown>).get !== 'function'
  );
}

function nameOf(value: unknown): string {
  if (value === null || value === undefined) return String(value);
  if (typeof value === 'string') return 'text';
  if (Array.isArray(value)) return 'a list';
  return typeof value === 'object' ? `a ${Object.prototype.toString.call(value).slice(8, -1)}` : `a ${typeof value}`;
}

/** Never a value: it may be a secret. */
function shown(name: string): string {
  return JSON.stringify(name.slice(0, 60));
}

function unusable(what: string): SigningError {
  return new SigningError(
    'presign',
    `The signer, or presign, gave ${what}: nothing was sent. For each request it must give ${SIGNED_FORM}.`,
  );
}

function refused(what: string): SigningError {
  return new SigningError('presign', `The signer gave ${what}: nothing was sent. Check the signer.`);
}
