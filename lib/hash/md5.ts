import core from 'crypto-js/core.js';
import 'crypto-js/md5.js';
import { fromWords, toHex, toWords } from './bytes.js';

export interface Md5 {
  update(bytes: Uint8Array): Md5;
  /** The 16 bytes; the instance is spent afterwards. */
  digest(): Uint8Array;
}

/** An MD5 that is fed piece by piece (RFC 1321). */
export function createMd5(): Md5 {
  const hasher = core.algo.MD5.create();
  const md5: Md5 = {
    update(bytes) {
      hasher.update(toWords(bytes));
      return md5;
    },
    digest: () => fromWords(hasher.finalize()),
  };
  return md5;
}

export function md5Hex(bytes: Uint8Array): string {
  return toHex(createMd5().update(bytes).digest());
}
