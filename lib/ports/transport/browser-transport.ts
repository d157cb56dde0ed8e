import { defer, tap } from 'rxjs';
import { fetchWith } from './fetch-transport.js';
import type { Transport, TransportRequest } from './transport.js';
import { xhrTransport } from './xhr-transport.js';

const CUSTOMER_KEY = /-server-side-encryption-customer-key$/i;
const SECURITY_TOKEN = /-security-token$/i;

/**
 * What a page sends by default. fetch alone can refuse a redirect, XHR alone reports how much of a body has been sent.
 * So only the bytes of parts go by XHR, and not even those where they carry a customer's encryption key, where the origin
 * has redirected before, or where they carry a security token and the origin has not responded yet.
 */
export function browserTransport(): Transport {
  const byXhr = xhrTransport();
  // As XHR does: a proxy on the page's own origin may ask for cookies.
  const byFetch = fetchWith('same-origin');
  const trustedOrigins = new Map<string, boolean>();

  const mayGoByXhr = (request: TransportRequest, origin: string): boolean =>
    hasBytes(request) && !has(request, CUSTOMER_KEY) && (trustedOrigins.get(origin) ?? !has(request, SECURITY_TOKEN));

  return {
    reportsProgress: true,
    hidesAnswers: true,
    send: (request) =>
      defer(() => {
        const { origin } = new URL(request.url);
        return (mayGoByXhr(request, origin) ? byXhr : byFetch).send(request).pipe(
          tap((event) => {
            if (event.type === 'response') trustedOrigins.set(origin, event.response.redirected !== true);
          }),
        );
      }),
  };
}

/** Parts and whole objects: what complete sends is over before progress could show. */
function hasBytes({ method, body }: TransportRequest): boolean {
  return method === 'PUT' && body !== null;
}

function has({ headers }: TransportRequest, name: RegExp): boolean {
  return Object.keys(headers).some((each) => name.test(each));
}
