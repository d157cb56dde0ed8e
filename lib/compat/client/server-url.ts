import { requireInteger, requireText } from '../../validation/check.js';
import { withoutTrailingSlashes } from '../../protocol/request/url.js';
import type { Addressing } from '../../protocol/request/endpoint.js';
import type { ObsClientOptions } from '../model/client.js';

const SERVER = /^(https?:\/\/)?(.*)$/is;

/** The origin that `server`, `is_secure` and `port` form together: `server` takes precedence. */
export function serverUrlOf({ server, is_secure, port }: ObsClientOptions): string {
  const text = requireText('server', typeof server === 'string' ? server.trim() : server);
  const [, scheme = is_secure === false ? 'http://' : 'https://', rest = ''] = SERVER.exec(text) ?? [];
  const host = withoutTrailingSlashes(rest);
  if (port === undefined || /:\d+$/.test(host)) return scheme + host;
  return `${scheme}${host}:${requireInteger('port', Number(port), 1, 65_535)}`;
}

/** An IP address has no subdomains, whatever `path_style` says. */
export function addressingOf({ is_cname, path_style }: ObsClientOptions, serverUrl: string): Addressing | undefined {
  if (is_cname === true) return 'cname';
  if (path_style === true) return 'path';
  return path_style === false && !/^\w+:\/\/(?:[\d.]+|\[.*\])(?::\d+)?$/.test(serverUrl) ? 'virtual-hosted' : undefined;
}
