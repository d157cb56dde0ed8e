import { fromWords, toWords, type WordArray } from './bytes.js';

/** An incremental hash. */
export interface Digest {
  update(bytes: Uint8Array): Digest;
  /** The digest, big-endian; the instance cannot be used afterwards. */
  digest(): Uint8Array;
}

/** crypto-js splices hashed words off an array that holds the piece: four times as fast as with 64 KiB. */
const PIECE_BYTES: number = 16 * 1024;

/** An incremental hash by a hasher of crypto-js. */
export function digestBy(hasher: { update(words: WordArray): unknown; finalize(): WordArray }): Digest {
  const digest: Digest = {
    update(bytes) {
      for (let at = 0; at < bytes.length; at += PIECE_BYTES) {
        hasher.update(toWords(bytes.subarray(at, at + PIECE_BYTES)));
      }
      return digest;
    },
    digest: () => fromWords(hasher.finalize()),
  };
  return digest;
}
