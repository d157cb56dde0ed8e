import core from 'crypto-js/core.js';
import 'crypto-js/md5.js';
import { fromWords, toHex, toWords } from './bytes.js';

export interface Md5 {
  update(bytes: Uint8Array): Md5;
  /** The 16 bytes; the instance cannot be used afterwards. */
  digest(): Uint8Array;
}

/** crypto-js splices hashed words off an array that holds the piece: four times as fast as with 64 KiB. */
const PIECE_BYTES: number = 16 * 1024;

/** An incremental MD5 (RFC 1321). */
export function createMd5(): Md5 {
  const hasher = core.algo.MD5.create();
  const md5: Md5 = {
    update(bytes) {
      for (let at = 0; at < bytes.length; at += PIECE_BYTES) {
        hasher.update(toWords(bytes.subarray(at, at + PIECE_BYTES)));
      }
      return md5;
    },
    digest: () => fromWords(hasher.finalize()),
  };
  return md5;
}

export function md5Hex(bytes: Uint8Array): string {
  return toHex(createMd5().update(bytes).digest());
}
