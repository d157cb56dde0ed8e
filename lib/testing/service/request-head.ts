import type { RequestHead } from '../../fake-obs/request/request.js';
import type { TransportRequest } from '../../ports/transport/transport.js';

/**
 * What goes over the wire: the URL as browsers parse it, so dot segments are gone, and headers that clients add.
 * @param size - bytes of the body
 * @param origin - of the page that sends; null: no page
 * @throws TypeError for header values that no client can send
 */
export function headOf(
  { method, url, headers, body, bypassCache }: TransportRequest,
  size: number,
  origin: string | null,
): RequestHead {
  const { host, pathname, search } = new URL(url);
  // As HTTP does: the blanks around a value are not part of it (RFC 9110, 5.5).
  const lower = Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name.toLowerCase(), asReceived(value.trim())]),
  );
  const hasBody = body !== null || method === 'PUT' || method === 'POST';
  const type = body !== null && 'type' in body ? body.type : '';
  return {
    method,
    host,
    target: pathname + search,
    headers: {
      ...(type === '' ? {} : { 'content-type': type }),
      ...lower,
      ...(hasBody ? { 'content-length': String(size) } : {}),
      ...(origin === null ? {} : { origin }),
      ...(bypassCache === true ? { 'cache-control': 'no-cache', pragma: 'no-cache' } : {}),
    },
  };
}

/** Clients send a byte for each character, where there is one (Fetch, "ByteString"); the service reads UTF-8. */
function asReceived(value: string): string {
  if (/[^\0-\u00ff]/.test(value)) throw new TypeError('A header value must not have characters above U+00FF.');
  return value.replace(/[\u0080-\u00ff]/g, '\ufffd');
}
