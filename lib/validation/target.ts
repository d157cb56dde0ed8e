import { InvalidOptionsError } from '../model/errors/errors.js';
import { MAX_KEY_BYTES } from '../model/checkpoint/parts.js';
import type { Endpoint } from '../protocol/request/endpoint.js';
import { parseUrl } from '../protocol/request/url.js';
import { isWellFormed, requireText } from './check.js';
import { utf8 } from '../bytes.js';

/** @returns the bucket's name, safe as part of a host name and of a path */
export function requireBucket(value: unknown, endpoint: Endpoint): string {
  const bucket = requireText('bucket', value);
  if (!/^[A-Za-z0-9][A-Za-z0-9._-]{1,253}[A-Za-z0-9]$/.test(bucket) || bucket.includes('..')) {
    throw new InvalidOptionsError(
      'bucket',
      'bucket must be a bucket name: letters, digits, hyphens and dots, at least 3.',
    );
  }
  if (endpoint.addressing === 'virtual-hosted' && endpoint.host.startsWith(`${bucket}.`)) {
    throw new InvalidOptionsError(
      'server',
      `server already contains the bucket: use https://${endpoint.host.slice(bucket.length + 1)} ` +
        "(or addressing: 'cname', where the domain is the bucket's own).",
    );
  }
  if (endpoint.addressing === 'virtual-hosted') requireHostName(bucket, endpoint);
  return bucket;
}

const LABEL = /^(?!-)[a-z0-9-]{0,62}[a-z0-9]$/;
const MAX_HOST_NAME = 253;

/**
 * Host names are case-insensitive, so `Media` would reach the bucket `media`; an invalid host name reaches nothing
 * (RFC 1123, 2.1). Browsers refuse labels that start like punycode but are not.
 */
function requireHostName(bucket: string, { protocol, host }: Endpoint): void {
  const name = `${bucket}.${host}`;
  const isHostName =
    bucket.split('.').every((label) => LABEL.test(label)) &&
    name.replace(/:\d+$/, '').length <= MAX_HOST_NAME &&
    parseUrl(`${protocol}//${name}`)?.host === name;
  if (isHostName) return;
  throw new InvalidOptionsError(
    'bucket',
    `bucket ${JSON.stringify(bucket.slice(0, 80))} cannot be part of a host name: those hold lower-case letters, digits ` +
      "and hyphens, at most 63 between dots. Set addressing: 'path' for this bucket, if the store supports it.",
  );
}

/** @returns a key that reaches the service as it is */
export function requireKey(value: unknown): string {
  const key = requireText('key', value);
  if (!isWellFormed(key))
    throw new InvalidOptionsError('key', 'key has half of a surrogate pair: it is not valid Unicode.');
  const bytes = utf8(key).length;
  if (bytes > MAX_KEY_BYTES) {
    throw new InvalidOptionsError('key', `key must have at most ${MAX_KEY_BYTES} bytes in UTF-8; it has ${bytes}.`);
  }
  if (key.split('/').some((segment) => segment === '.' || segment === '..')) {
    throw new InvalidOptionsError(
      'key',
      'key must not have "." or ".." between slashes: browsers take them out of the URL.',
    );
  }
  return key;
}
