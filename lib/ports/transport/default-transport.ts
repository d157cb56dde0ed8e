import { fetchTransport } from './fetch-transport.js';
import type { Transport } from './transport.js';
import { xhrTransport } from './xhr-transport.js';

/** XHR tells how much of a body is sent; workers of some browsers and Node have only fetch. */
export function defaultTransport(): Transport {
  return typeof XMLHttpRequest === 'function' ? xhrTransport() : fetchTransport();
}
