import core from 'crypto-js/core.js';
import type { Digest } from './digest.js';

type WordArray = ReturnType<typeof core.lib.WordArray.create>;

/** How crypto-js creates its own arrays; `create` would derive a new type for each. */
const { init: Words } = core.lib.WordArray as unknown as { init: new (words: number[], bytes: number) => WordArray };

/** Packs bytes into the big-endian 32-bit words that crypto-js works on. */
export function toWords(bytes: Uint8Array): WordArray {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const words = new Array<number>((bytes.length + 3) >>> 2).fill(0);
  const rest = bytes.length & ~3;
  for (let i = 0; i < rest; i += 4) words[i >>> 2] = view.getInt32(i);
  for (let i = rest; i < bytes.length; i++) {
    words[i >>> 2] = (words[i >>> 2] ?? 0) | ((bytes[i] ?? 0) << (24 - (i & 3) * 8));
  }
  return new Words(words, bytes.length);
}

export function fromWords(array: WordArray): Uint8Array {
  const bytes = new Uint8Array(array.sigBytes);
  for (let i = 0; i < bytes.length; i++) {
    bytes[i] = ((array.words[i >>> 2] ?? 0) >>> (24 - (i & 3) * 8)) & 0xff;
  }
  return bytes;
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
