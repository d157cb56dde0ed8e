import core from 'crypto-js/core.js';
import 'crypto-js/hmac-sha1.js';
import { utf8 } from '../../bytes.js';
import { fromWords, toWords } from './words.js';

/** HMAC-SHA1 of UTF-8 text under one key: 20 bytes (RFC 2104). */
export type HmacSha1 = (text: string) => Uint8Array;

/** @param key - UTF-8 */
export function hmacSha1(key: string): HmacSha1 {
  const hmac = core.algo.HMAC.create(core.algo.SHA1, toWords(utf8(key)));
  return (text) => {
    hmac.reset();
    return fromWords(hmac.finalize(toWords(utf8(text))));
  };
}
