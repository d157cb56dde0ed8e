import type { TransportResponse } from './transport.js';
import { NetworkError } from '../../model/errors/errors.js';

/** Nothing from another host's response is used, not even its status or date. */
export const REDIRECTED: TransportResponse = { status: 0, redirected: true, headers: {}, body: '' };

/** 300 to 399: the server itself redirects. */
export function isRedirectStatus(status: number): boolean {
  return status >= 300 && status < 400;
}

/**
 * Whether a response came from another address than the request's. A browser may go over to https on the same host by
 * itself (HSTS, `upgrade-insecure-requests`).
 *
 * @param responseUrl - empty if the engine does not know it
 */
export function isElsewhere(requestUrl: string, responseUrl: string | undefined): boolean {
  // Nearly always the same: no need to parse it for each of thousands of parts.
  if (responseUrl === undefined || responseUrl === '' || responseUrl === requestUrl) return false;
  const requested = addressOf(requestUrl);
  const responded = addressOf(responseUrl);
  return responded !== requested && responded !== requested.replace(/^http:/, 'https:');
}

function addressOf(url: string): string {
  const parsed = new URL(url);
  parsed.hash = '';
  return parsed.href;
}

/** A browser does not say whether the network failed or the store's CORS rule refuses the page. */
export function noResponseInBrowser(): NetworkError {
  return noResponse(
    'No response came: the network failed, the server is not reachable, or its CORS rule does not allow this page.',
  );
}

/** @param code - Node's, such as ` (ECONNREFUSED)`; empty if there is none */
export function noResponseInNode(code: string): NetworkError {
  return noResponse(`No response came${code}: the network failed or the server is not reachable.`);
}

function noResponse(message: string): NetworkError {
  return new NetworkError('network', message, { retryable: true });
}

export function isNode(): boolean {
  const { process } = globalThis as { readonly process?: { readonly versions?: { readonly node?: string } } };
  return typeof process?.versions?.node === 'string';
}
