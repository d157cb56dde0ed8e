import { SigningError } from '../model/errors/signing-error.js';
import type { Endpoint } from '../protocol/endpoint.js';
import type { SignedRequest, UnsignedRequest } from './signer.js';
import { parseUrl } from '../protocol/parse-url.js';

/**
 * Nothing is sent to a host that the connection does not name, and nothing but what was to be signed, whatever a signer
 * or a backend says.
 * @throws SigningError
 */
export function requireSigned(
  value: unknown,
  unsigned: UnsignedRequest,
  endpoint: Endpoint,
  allowedHosts: readonly string[],
): SignedRequest {
  const answer = (value ?? {}) as Partial<Record<keyof SignedRequest | 'method', unknown>>;
  const { headers, expiresAt } = answer;
  // What is signed by headers comes back under its own URL: nothing to parse, for each of thousands of parts.
  if (answer.url !== unsigned.url) requireUrl(answer.url, unsigned, endpoint, allowedHosts);
  if (answer.method !== undefined && answer.method !== unsigned.method) throw refused('another method');
  if (!areHeaders(headers)) throw refused('headers that are none');
  return {
    url: String(answer.url),
    headers,
    expiresAt: typeof expiresAt === 'number' && !Number.isNaN(expiresAt) ? expiresAt : null,
  };
}

function requireUrl(
  value: unknown,
  unsigned: UnsignedRequest,
  endpoint: Endpoint,
  allowedHosts: readonly string[],
): void {
  const url = typeof value === 'string' ? parseUrl(value) : null;
  if (url === null) throw refused('no absolute URL');
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

/** By the bucket's host, by a path that begins with the bucket, or by a domain of the bucket's own. */
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
    // With its case: a host name has none, so `media` is another bucket than `Media`.
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

/** A part number or an upload id left out of what is signed makes another request of it. */
function hasQuery({ searchParams }: URL, unsigned: UnsignedRequest): boolean {
  return [...new URL(unsigned.url).searchParams].every(
    ([name, value]) => searchParams.getAll(name).length === 1 && searchParams.get(name) === value,
  );
}

function areHeaders(value: unknown): value is Readonly<Record<string, string>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  return Object.entries(value).every(
    ([name, text]) => /^[\w!#$%&'*+.^`|~-]+$/.test(name) && typeof text === 'string' && /^[\u0020-\u007e]*$/.test(text),
  );
}

function refused(what: string): SigningError {
  return new SigningError('presign', `The signer gave ${what}: nothing was sent. Check the signer.`);
}
