import { percentDecode } from './percent.js';

/** How a request names its bucket and key. */
export interface Address {
  readonly bucket: string | null;
  readonly rawKey: string;
  /** null where there is none, or it cannot be decoded */
  readonly key: string | null;
  readonly style: 'path' | 'virtual-hosted' | 'cname';
  readonly resource: string;
}

/** Which hosts are the service's own: `{bucket}.{host}` is virtual-hosted, a name in `cnames` stands for a bucket. */
export interface KnownHosts {
  readonly serverHosts: readonly string[];
  readonly cnames: Readonly<Record<string, string>>;
  /** Path that path-style addresses begin with: a gateway in front takes it off. */
  readonly basePath: string;
}

/** Finds bucket and key by Host, in lower case, and path: virtual-hosted, custom domain, else path-style. */
export function resolveAddress(hostName: string, rawPath: string, hosts: KnownHosts): Address {
  const cname = Object.hasOwn(hosts.cnames, hostName) ? hosts.cnames[hostName] : undefined;
  if (cname !== undefined) return address('cname', cname, rawPath.slice(1), `/${hostName}${rawPath}`);
  // One name may end with another, as `obs.localhost` does.
  const server = Math.max(...hosts.serverHosts.map((known) => (hostName.endsWith(`.${known}`) ? known.length : 0)));
  if (server > 0 && !hosts.serverHosts.includes(hostName)) {
    const bucket = hostName.slice(0, -server - 1);
    return address('virtual-hosted', bucket, rawPath.slice(1), `/${bucket}${rawPath}`);
  }
  return resolvePath(rawPath.slice(hosts.basePath.length) || '/');
}

function resolvePath(path: string): Address {
  const slash = path.indexOf('/', 1);
  const rawBucket = slash === -1 ? path.slice(1) : path.slice(1, slash);
  const bucket = rawBucket === '' ? null : (percentDecode(rawBucket) ?? rawBucket);
  const resource = slash === -1 && bucket !== null ? `${path}/` : path;
  return address('path', bucket, slash === -1 ? '' : path.slice(slash + 1), resource);
}

/** Whether a gateway that serves the store below a path has nothing to do with a request. */
export function isElsewhere(rawPath: string, style: Address['style'], { basePath }: KnownHosts): boolean {
  return style === 'path' && rawPath !== basePath && !rawPath.startsWith(`${basePath}/`);
}

function address(style: Address['style'], bucket: string | null, rawKey: string, resource: string): Address {
  return { style, bucket, rawKey, key: rawKey === '' ? null : percentDecode(rawKey), resource };
}

/** A Host header without its port, in lower case. */
export function hostNameOf(host: string): string {
  return host.replace(/:\d+$/, '').toLowerCase();
}
