import { InvalidOptionsError } from '../model/errors/errors.js';
import type { Addressing, Endpoint } from '../protocol/request/endpoint.js';
import { requireOneOf, requireText } from '../validation/check.js';
import { encodeKey, parseUrl, withoutTrailingSlashes } from '../protocol/request/url.js';

/** @throws InvalidOptionsError */
export function resolveEndpoint(server: unknown, addressing: Addressing | undefined, allowInsecure: boolean): Endpoint {
  const url = parseUrl(requireText('server', server));
  if (url === null) {
    throw new InvalidOptionsError('server', 'server must be a URL such as https://obs.cn-north-4.myhuaweicloud.com.');
  }
  const { protocol, host, hostname } = url;
  if (protocol !== 'https:' && protocol !== 'http:') {
    throw new InvalidOptionsError('server', 'server must begin with https:// (or http:// on this machine).');
  }
  if (url.username !== '' || url.password !== '' || url.search !== '' || url.hash !== '') {
    throw new InvalidOptionsError(
      'server',
      'server must be an address such as https://obs.cn-north-4.myhuaweicloud.com, without a user, a query or a #.',
    );
  }
  if (protocol === 'http:' && !allowInsecure && !isLoopback(hostname)) {
    throw new InvalidOptionsError(
      'server',
      'server is http: on another machine: anyone on the network can read the requests and the session token. ' +
        'Use https:, or set allowInsecure.',
    );
  }
  const resolved = requireOneOf('addressing', addressing ?? defaultAddressing(hostname), [
    'virtual-hosted',
    'path',
    'cname',
  ] as const);
  return { protocol, host, path: mountPathOf(url, resolved), addressing: resolved };
}

const MAX_PATH = 1024;

/** A path is nearly always a misplaced bucket or key, so it has to be confirmed. */
function mountPathOf({ pathname }: URL, addressing: Addressing): string {
  const path = withoutTrailingSlashes(pathname);
  if (path === '') return path;
  if (addressing !== 'path') {
    throw new InvalidOptionsError(
      'server',
      `server has a path (${path.slice(0, 80)}). Leave it out if it is the bucket or a key; if the store is mounted ` +
        "below that path, set addressing: 'path'.",
    );
  }
  if (path.includes('//') || path.length > MAX_PATH || /%2f|%(?![\da-f]{2})/i.test(path)) {
    throw new InvalidOptionsError(
      'server',
      `server has an unusable path: empty segments, an encoded slash, or over ${MAX_PATH} characters.`,
    );
  }
  return encodedPath(path);
}

/** Encoded as in signatures of version 4, where the server decodes the path and encodes it again. */
function encodedPath(path: string): string {
  try {
    return encodeKey(decodeURIComponent(path));
  } catch {
    throw new InvalidOptionsError('server', 'server has a path that is not percent-encoded UTF-8.');
  }
}

/** @throws InvalidOptionsError */
export function resolveAllowedHosts(hosts: unknown, { protocol }: Endpoint, allowInsecure: boolean): readonly string[] {
  if (!Array.isArray(hosts))
    throw new InvalidOptionsError('allowedHosts', 'allowedHosts must be a list of host names.');
  return hosts.map((host: unknown) => {
    const url = parseUrl(typeof host === 'string' ? `${protocol}//${host}` : '');
    // Anything but a plain host (a path, a user, a wildcard) changes when parsed.
    if (url?.href !== `${protocol}//${url?.host}/` || url.host.includes('*')) {
      throw new InvalidOptionsError(
        'allowedHosts',
        'allowedHosts must be host names such as cdn.example.com, each alone.',
      );
    }
    if (protocol === 'http:' && !allowInsecure && !isLoopback(url.hostname)) {
      throw new InvalidOptionsError(
        'allowedHosts',
        'allowedHosts has another machine, and server is http:. Use https:.',
      );
    }
    return url.host;
  });
}

/** IP addresses and names without dots (`localhost`) have no subdomains that name a bucket. */
function defaultAddressing(hostname: string): Addressing {
  return /^[\d.]+$/.test(hostname) || hostname.startsWith('[') || !hostname.includes('.') ? 'path' : 'virtual-hosted';
}

function isLoopback(hostname: string): boolean {
  return /^127\.\d+\.\d+\.\d+$/.test(hostname) || hostname === '[::1]' || /(?:^|\.)localhost$/.test(hostname);
}
