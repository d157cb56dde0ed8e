import HmacSHA256 from 'crypto-js/hmac-sha256.js';
import SHA256 from 'crypto-js/sha256.js';
import { fromWords, toWords } from './words.js';

/** HMAC-SHA256: 32 bytes (RFC 2104). */
export function hmacSha256(key: Uint8Array, message: Uint8Array): Uint8Array {
  return fromWords(HmacSHA256(toWords(message), toWords(key)));
}

/** SHA-256: 32 bytes (FIPS 180-4). */
export function sha256(bytes: Uint8Array): Uint8Array {
  return fromWords(SHA256(toWords(bytes)));
}
