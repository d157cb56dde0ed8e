import core from 'crypto-js/core.js';

export type WordArray = ReturnType<typeof core.lib.WordArray.create>;

/** How crypto-js creates its own arrays; `create` would derive a new type for each. */
const { init: Words } = core.lib.WordArray as unknown as { init: new (words: number[], bytes: number) => WordArray };

/** Packs bytes into the big-endian 32-bit words that crypto-js works on. */
export function toWords(bytes: Uint8Array): WordArray {
  const words = new Array<number>((bytes.length + 3) >>> 2).fill(0);
  for (let i = 0; i < bytes.length; i++) {
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

export function sameBytes(these: Uint8Array, those: Uint8Array | undefined): boolean {
  return these.length === those?.length && these.every((byte, i) => byte === those[i]);
}

export function toHex(bytes: Uint8Array): string {
  let hex = '';
  for (const byte of bytes) hex += byte.toString(16).padStart(2, '0');
  return hex;
}

/** @param hex - an even number of hexadecimal digits */
export function fromHex(hex: string): Uint8Array {
  const bytes = new Uint8Array(hex.length / 2);
  for (let i = 0; i < bytes.length; i++) bytes[i] = Number.parseInt(hex.slice(2 * i, 2 * i + 2), 16);
  return bytes;
}

export function toBase64(bytes: Uint8Array): string {
  let binary = '';
  for (const byte of bytes) binary += String.fromCharCode(byte);
  return btoa(binary);
}

export { utf8 } from '../../utf8.js';
