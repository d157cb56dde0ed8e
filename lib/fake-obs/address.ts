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
}

/** Finds bucket and key by Host and path: virtual-hosted, custom domain, else path-style. */
export function resolveAddress(hostName: string, rawPath: string, hosts: KnownHosts): Address {
  const cname = Object.hasOwn(hosts.cnames, hostName) ? hosts.cnames[hostName] : undefined;
  if (cname !== undefined) return address('cname', cname, rawPath.slice(1), `/${hostName}${rawPath}`);
  const server = hosts.serverHosts.find((known) => hostName.endsWith(`.${known}`));
  if (server !== undefined && !hosts.serverHosts.includes(hostName)) {
    const bucket = hostName.slice(0, -server.length - 1);
    return address('virtual-hosted', bucket, rawPath.slice(1), `/${bucket}${rawPath}`);
  }
  const slash = rawPath.indexOf('/', 1);
  const rawBucket = slash === -1 ? rawPath.slice(1) : rawPath.slice(1, slash);
  const bucket = rawBucket === '' ? null : (percentDecode(rawBucket) ?? rawBucket);
  const resource = slash === -1 && bucket !== null ? `${rawPath}/` : rawPath;
  return address('path', bucket, slash === -1 ? '' : rawPath.slice(slash + 1), resource);
}

function address(style: Address['style'], bucket: string | null, rawKey: string, resource: string): Address {
  return { style, bucket, rawKey, key: rawKey === '' ? null : percentDecode(rawKey), resource };
}

/** A Host header without its port, in lower case. */
export function hostNameOf(host: string): string {
  return host.replace(/:\d+$/, '').toLowerCase();
}
