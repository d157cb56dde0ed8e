import HmacSHA1 from 'crypto-js/hmac-sha1.js';
import { fromWords, toWords, utf8 } from './bytes.js';

/** HMAC-SHA1 of UTF-8 text under a UTF-8 key: 20 bytes (RFC 2104). */
export function hmacSha1(key: string, text: string): Uint8Array {
  return fromWords(HmacSHA1(toWords(utf8(text)), toWords(utf8(key))));
}
