import type { ServerResponse } from 'node:http';
import { isIP } from 'node:net';
import { hostNameOf } from '../../fake-obs/request/address.js';
import type { ObsServiceOptions } from '../../fake-obs/state/config.js';

/** Names under which a server on this machine is reached. */
export const localHosts: readonly string[] = ['localhost', '127.0.0.1', '[::1]'];

/**
 * Whether a Host header names this server. Any address does: a page of the web gets here by a name of its own that
 * points to this machine (DNS rebinding), never by an address.
 */
export function createHostCheck({
  serverHosts = [],
  cnames = {},
}: Pick<ObsServiceOptions, 'serverHosts' | 'cnames'>): (host: string | undefined) => boolean {
  const names = [...localHosts, ...serverHosts].map((name) => name.toLowerCase());
  const domains = Object.keys(cnames).map((name) => name.toLowerCase());
  return (host = '') => {
    const name = hostNameOf(host);
    return (
      isIP(name.replace(/^\[(.*)\]$/, '$1')) !== 0 ||
      domains.includes(name) ||
      names.some((own) => name === own || name.endsWith(`.${own}`))
    );
  };
}

/** Without CORS headers, and closed: no legitimate client sends this. */
export function refuseHost(response: ServerResponse): void {
  response.writeHead(421, { 'content-type': 'text/plain', connection: 'close' });
  response.end('This host name is not one of the local OBS. Name it in serverHosts or cnames if it is yours.\n');
}
