import core from 'crypto-js/core.js';
import 'crypto-js/hmac-sha1.js';
import { fromWords, toWords, utf8 } from './bytes.js';

type Hmac = ReturnType<typeof core.algo.HMAC.create>;

/** An upload signs thousands of texts with one key, and preparing a key costs more than a text. */
let lastKey = '';
let lastHmac: Hmac | null = null;

/** HMAC-SHA1 of UTF-8 text under a UTF-8 key: 20 bytes (RFC 2104). */
export function hmacSha1(key: string, text: string): Uint8Array {
  if (lastHmac === null || key !== lastKey) {
    lastHmac = core.algo.HMAC.create(core.algo.SHA1, toWords(utf8(key)));
    lastKey = key;
  }
  lastHmac.reset();
  return fromWords(lastHmac.finalize(toWords(utf8(text))));
}
