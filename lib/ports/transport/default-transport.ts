import { browserTransport } from './browser-transport.js';
import { fetchTransport } from './fetch-transport.js';
import { isNode } from './runtime.js';
import type { Transport } from './transport.js';
import { xhrTransport } from './xhr-transport.js';

/**
 * Service workers and Node have only fetch. An XMLHttpRequest in Node emulates a page (jsdom, a polyfill), which fetch
 * does not.
 */
export function defaultTransport(): Transport {
  if (typeof XMLHttpRequest !== 'function') return fetchTransport();
  return isNode() ? xhrTransport() : browserTransport();
}
