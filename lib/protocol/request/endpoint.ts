import { encodeKey, encodeStrict } from './url.js';
import type { QueryParameter } from '../obs-request.js';

/** Where a bucket stands in an address: see `addressing` of `ObsConnectionOptions`. */
export type Addressing = 'virtual-hosted' | 'path' | 'cname';

/** Where the store is and how buckets are addressed there. */
export interface Endpoint {
  readonly protocol: 'https:' | 'http:';
  /** with port, unless it is the protocol's default */
  readonly host: string;
  /** Path that the store is mounted below, without a slash at its end; goes with path addressing. @defaultValue '' */
  readonly path?: string;
  readonly addressing: Addressing;
}

export interface Target {
  readonly bucket: string;
  readonly key: string | null;
}

/** An object's or a bucket's place in every request to it. */
export interface Address {
  /** Without a query. */
  readonly url: string;
  /** As signatures name it. */
  readonly resource: string;
}

/** For all requests to one target: it costs more than the rest of a URL. */
export function addressOf(endpoint: Endpoint, target: Target): Address {
  return { url: urlOf(endpoint, target, []), resource: resourceOf(endpoint, target) };
}

/**
 * - virtual-hosted: `https://{bucket}.{host}/{key}`
 * - path: `https://{host}{path}/{bucket}/{key}`
 * - cname: `https://{host}/{key}`, the host being the bucket's own domain
 */
export function urlOf(endpoint: Endpoint, target: Target, query: readonly QueryParameter[]): string {
  const { protocol, host, path = '', addressing } = endpoint;
  const origin = addressing === 'virtual-hosted' ? `${protocol}//${target.bucket}.${host}` : `${protocol}//${host}`;
  const bucketPath = addressing === 'path' ? `${path}/${target.bucket}` : '';
  return withQuery(`${origin}${bucketPath}/${encodeKey(target.key ?? '')}`, query);
}

/**
 * The resource in OBS and AWS v2 signatures: by bucket, or by domain if the domain is the bucket's own. The path that a
 * store is mounted below is not included: the resource identifies the object, not its address (both addressing styles
 * have the same one), and a gateway that removes the path leaves the store nothing else. Version 4 signs the path of
 * the URL, including the mount path.
 */
export function resourceOf(endpoint: Endpoint, target: Target): string {
  const owner = endpoint.addressing === 'cname' ? endpoint.host : target.bucket;
  return `/${owner}/${encodeKey(target.key ?? '')}`;
}

export function withQuery(url: string, query: readonly QueryParameter[]): string {
  if (query.length === 0) return url;
  return `${url}?${query.map(([name, value]) => (value === null ? name : `${name}=${encodeStrict(value)}`)).join('&')}`;
}

/** The store's address, without a slash at its end: how checkpoints name it. */
export function serverOf({ protocol, host, path = '' }: Endpoint): string {
  return `${protocol}//${host}${path}`;
}
