import type { IncomingMessage } from 'node:http';
import { TLSSocket } from 'node:tls';
import type { RequestHead } from '../../fake-obs/request/request.js';

/** A request's head as the state machine takes it. */
export function headOf(request: IncomingMessage): RequestHead {
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(request.headers)) {
    if (value !== undefined) headers[name] = Array.isArray(value) ? value.join(',') : value;
  }
  return {
    method: request.method ?? 'GET',
    scheme: request.socket instanceof TLSSocket ? 'https' : 'http',
    host: request.headers.host ?? '',
    // Proxies send the absolute form.
    target: (request.url ?? '/').replace(/^https?:\/\/[^/?]*/i, ''),
    headers,
  };
}
