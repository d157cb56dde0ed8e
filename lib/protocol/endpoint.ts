import { encodeKey, encodeStrict } from './encode.js';
import type { QueryParameter } from './obs-request.js';

export type Addressing = 'virtual-hosted' | 'path' | 'cname';

/** Where the store is and how buckets are addressed there. */
export interface Endpoint {
  readonly protocol: 'https:' | 'http:';
  /** with port, where it is not the protocol's own */
  readonly host: string;
  readonly addressing: Addressing;
}

export interface Target {
  readonly bucket: string;
  readonly key: string | null;
}

/**
 * - virtual-hosted: `https://{bucket}.{host}/{key}`
 * - path: `https://{host}/{bucket}/{key}`
 * - cname: `https://{host}/{key}`, the host being the bucket's own domain
 */
export function urlOf(endpoint: Endpoint, target: Target, query: readonly QueryParameter[]): string {
  const { protocol, host, addressing } = endpoint;
  const origin = addressing === 'virtual-hosted' ? `${protocol}//${target.bucket}.${host}` : `${protocol}//${host}`;
  const bucketPath = addressing === 'path' ? `/${target.bucket}` : '';
  return `${origin}${bucketPath}/${encodeKey(target.key ?? '')}${queryString(query)}`;
}

/** The resource that OBS and AWS v2 signatures name: by bucket, or by domain where the domain is the bucket's own. */
export function resourceOf(endpoint: Endpoint, target: Target): string {
  const owner = endpoint.addressing === 'cname' ? endpoint.host : target.bucket;
  return `/${owner}/${encodeKey(target.key ?? '')}`;
}

function queryString(query: readonly QueryParameter[]): string {
  if (query.length === 0) return '';
  return `?${query.map(([name, value]) => (value === null ? name : `${name}=${encodeStrict(value)}`)).join('&')}`;
}

/** The store's origin: how checkpoints name it. */
export function serverOf({ protocol, host }: Endpoint): string {
  return `${protocol}//${host}`;
}
