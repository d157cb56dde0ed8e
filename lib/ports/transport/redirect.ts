import type { TransportResponse } from './transport.js';

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
