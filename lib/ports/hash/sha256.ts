import core from 'crypto-js/core.js';
import 'crypto-js/sha256.js';
import type { Digest } from './digest.js';
import { digestBy } from './words.js';

/** An incremental SHA-256 (FIPS 180-4). */
export function createSha256(): Digest {
  return digestBy(core.algo.SHA256.create());
}
