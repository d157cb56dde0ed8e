import { toHex, utf8 } from '../ports/hash/bytes.js';
import { hmacSha256, sha256 } from '../ports/hash/hmac-sha256.js';

export const V4_ALGORITHM = 'AWS4-HMAC-SHA256';

/** Signs within a region and a service; the key is derived again only for another secret or day. */
export interface V4Scope {
  /** `{day}/{region}/{service}/aws4_request` @param date - `20240102T030405Z` */
  on(date: string): string;
  /** The signature of a canonical request: 64 hexadecimal digits. */
  sign(secret: string, date: string, canonicalRequest: string): string;
}

export function v4Scope(region: string, service: string): V4Scope {
  let cached: { readonly secret: string; readonly day: string; readonly key: Uint8Array } | null = null;
  const keyOf = (secret: string, day: string): Uint8Array => {
    if (cached?.secret !== secret || cached.day !== day) {
      const steps = [day, region, service, 'aws4_request'];
      cached = { secret, day, key: steps.reduce((key, step) => hmacSha256(key, utf8(step)), utf8(`AWS4${secret}`)) };
    }
    return cached.key;
  };
  const on = (date: string): string => `${date.slice(0, 8)}/${region}/${service}/aws4_request`;
  return {
    on,
    sign(secret, date, canonicalRequest) {
      const text = [V4_ALGORITHM, date, on(date), toHex(sha256(utf8(canonicalRequest)))].join('\n');
      return toHex(hmacSha256(keyOf(secret, date.slice(0, 8)), utf8(text)));
    },
  };
}

/** `20240102T030405Z` @param date - epoch milliseconds */
export function v4Date(date: number): string {
  return new Date(date).toISOString().replace(/[-:]|\.\d+/g, '');
}
