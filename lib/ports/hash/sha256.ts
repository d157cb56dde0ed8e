import core from 'crypto-js/core.js';
import 'crypto-js/sha256.js';
import { fromWords, toWords } from './bytes.js';
import type { Digest } from './digest.js';

/** As with MD5, crypto-js is much slower with larger pieces. */
const PIECE_BYTES: number = 16 * 1024;

/** An incremental SHA-256 (FIPS 180-4). */
export function createSha256(): Digest {
  const hasher = core.algo.SHA256.create();
  const sha256: Digest = {
    update(bytes) {
      for (let at = 0; at < bytes.length; at += PIECE_BYTES) {
        hasher.update(toWords(bytes.subarray(at, at + PIECE_BYTES)));
      }
      return sha256;
    },
    digest: () => fromWords(hasher.finalize()),
  };
  return sha256;
}
