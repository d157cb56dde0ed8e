import core from 'crypto-js/core.js';
import 'crypto-js/md5.js';
import { toHex } from '../../bytes.js';
import type { Digest } from './digest.js';
import { digestBy } from './words.js';

/** An incremental MD5 (RFC 1321). */
export function createMd5(): Digest {
  return digestBy(core.algo.MD5.create());
}

export function md5Hex(bytes: Uint8Array): string {
  return toHex(createMd5().update(bytes).digest());
}
