import { defer, tap } from 'rxjs';
import { fetchTransport, fetchWith } from './fetch-transport.js';
import { isNode } from './outcome.js';
import type { Transport, TransportRequest } from './transport.js';
import { xhrTransport } from './xhr-transport.js';

/**
 * Service workers and Node have only fetch. An XMLHttpRequest in Node emulates a page (jsdom, a polyfill), which fetch
 * does not.
 */
export function defaultTransport(): Transport {
  if (typeof XMLHttpRequest !== 'function') return fetchTransport();
  return isNode() ? xhrTransport() : browserTransport();
}

const CUSTOMER_KEY = /-server-side-encryption-customer-key$/i;
const SECURITY_TOKEN = /-security-token$/i;

/**
 * The default in pages. Only fetch can refuse a redirect, only XHR reports how much of a body has been sent. So only
 * parts and PUTs are sent by XHR, and not even those that carry a customer's encryption key, whose origin has
 * redirected before, or that carry a security token to an origin that has not responded yet.
 *
 * @example
 * ```ts
 * const obs = createObsConnection({ server, credentials, transport: browserTransport() });
 * ```
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
        const origin = originOf(request.url);
        return (mayGoByXhr(request, origin) ? byXhr : byFetch).send(request).pipe(
          tap((event) => {
            if (event.type === 'response') trustedOrigins.set(origin, event.response.redirected !== true);
          }),
        );
      }),
  };
}

/** Scheme, host and port, as they are written. */
function originOf(url: string): string {
  return /^\w+:\/\/[^/?#]*/.exec(url)?.[0] ?? '';
}

/** Parts and single PUTs: the body of complete is too short for progress. */
function hasBytes({ method, body }: TransportRequest): boolean {
  return method === 'PUT' && body !== null;
}

function has({ headers }: TransportRequest, name: RegExp): boolean {
  return Object.keys(headers).some((each) => name.test(each));
}
