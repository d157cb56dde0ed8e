import { encodeStrict } from '../protocol/encode.js';
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
