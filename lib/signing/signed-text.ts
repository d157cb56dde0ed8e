import type { ObsCredentials } from '../model/credentials.js';
import { encodeStrict } from '../protocol/request/url.js';
import type { QueryParameter } from '../protocol/obs-request.js';

/** The parameters of a URL, decoded, in their order. */
export function parametersOf(url: string): readonly QueryParameter[] {
  const query = /\?([^#]*)/.exec(url)?.[1];
  if (!query) return [];
  return query.split('&').map((parameter): QueryParameter => {
    const [, name = '', value] = /^([^=]*)(?:=(.*))?$/s.exec(parameter) ?? [];
    return [decodeURIComponent(name), value === undefined ? null : decodeURIComponent(value)];
  });
}

/** The URL with parameters appended. */
export function withParameters(url: string, parameters: readonly (readonly [name: string, value: string])[]): string {
  const query = parameters.map(([name, value]) => `${name}=${encodeStrict(value)}`).join('&');
  return url + (url.includes('?') ? '&' : '?') + query;
}

/** By code units, as all signatures sort. */
export function byName([a]: readonly [string, ...unknown[]], [b]: readonly [string, ...unknown[]]): number {
  return a < b ? -1 : Number(a > b);
}

/** The services refuse a signature in a header that is 15 minutes old. */
export const HEADER_VALID_FOR_MS: number = 15 * 60_000;

/**
 * When a signed URL expires: at the latest with temporary credentials.
 * @returns epoch milliseconds
 */
export function urlExpiresAt(expiresAt: number, credentials: ObsCredentials): number {
  return Math.min(expiresAt, credentials.expiresAt ?? expiresAt);
}
