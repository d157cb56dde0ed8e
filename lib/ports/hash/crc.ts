import type { Digest } from './digest.js';

/** Reflected, in two halves of 32 bits. */
interface Polynomial {
  readonly high: number;
  readonly low: number;
  /** of the checksum */
  readonly bytes: 4 | 8;
}

/** The CRC catalogue's CRC-64/XZ (OBS), CRC-64/NVME (S3) and CRC-32/ISCSI. */
export const polynomials = {
  crc64ecma: { high: 0xc96c5795, low: 0xd7870f42, bytes: 8 },
  crc64nvme: { high: 0x9a6c9329, low: 0xac4bc9b5, bytes: 8 },
  crc32c: { high: 0, low: 0x82f63b78, bytes: 4 },
} as const satisfies Record<string, Polynomial>;

/** Bytes a step ("slicing-by-8"). */
const STRIDE = 8;

/** An incremental CRC: it takes about a quarter of the time of an MD5. */
export function createCrc({ high, low, bytes }: Polynomial): Digest {
  const [highs, lows] = tablesOf(high, low);
  // A CRC of 32 bits leaves the upper half empty.
  let h = bytes === 8 ? -1 : 0;
  let l = -1;
  const crc: Digest = {
    update(data) {
      [h, l] = steps(highs, lows, h, l, data);
      return crc;
    },
    digest() {
      const view = new DataView(new ArrayBuffer(8));
      view.setInt32(0, ~h);
      view.setInt32(4, ~l);
      return new Uint8Array(view.buffer).subarray(8 - bytes);
    },
  };
  return crc;
}

function steps(
  highs: Int32Array,
  lows: Int32Array,
  startHigh: number,
  startLow: number,
  data: Uint8Array,
): [high: number, low: number] {
  let h = startHigh;
  let l = startLow;
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  let i = 0;
  for (; i + STRIDE <= data.length; i += STRIDE) {
    l ^= view.getInt32(i, true);
    h ^= view.getInt32(i + 4, true);
    // Arrays here would cost more than the arithmetic.
    const a = 1792 + (l & 255);
    const b = 1536 + ((l >>> 8) & 255);
    const c = 1280 + ((l >>> 16) & 255);
    const d = 1024 + (l >>> 24);
    const e = 768 + (h & 255);
    const f = 512 + ((h >>> 8) & 255);
    const g = 256 + ((h >>> 16) & 255);
    const k = h >>> 24;
    l = at(lows, a) ^ at(lows, b) ^ at(lows, c) ^ at(lows, d) ^ at(lows, e) ^ at(lows, f) ^ at(lows, g) ^ at(lows, k);
    h =
      at(highs, a) ^
      at(highs, b) ^
      at(highs, c) ^
      at(highs, d) ^
      at(highs, e) ^
      at(highs, f) ^
      at(highs, g) ^
      at(highs, k);
  }
  for (; i < data.length; i++) {
    const n = (l ^ (data[i] ?? 0)) & 255;
    l = ((l >>> 8) | (h << 24)) ^ at(lows, n);
    h = (h >>> 8) ^ at(highs, n);
  }
  return [h, l];
}

function at(table: Int32Array, n: number): number {
  return table[n] ?? 0;
}

/** Entry `256 n + b`: what the byte b leaves behind after n bytes of zero. */
function tablesOf(high: number, low: number): readonly [Int32Array, Int32Array] {
  const highs = new Int32Array(256 * STRIDE);
  const lows = new Int32Array(256 * STRIDE);
  for (let byte = 0; byte < 256; byte++) {
    let [h, l] = [0, byte];
    for (let bit = 0; bit < 8; bit++) {
      const isOdd = (l & 1) === 1;
      l = (l >>> 1) | (h << 31);
      h >>>= 1;
      if (isOdd) [h, l] = [h ^ high, l ^ low];
    }
    highs[byte] = h;
    lows[byte] = l;
  }
  for (let i = 256; i < lows.length; i++) {
    const [h, l] = [at(highs, i - 256), at(lows, i - 256)];
    highs[i] = (h >>> 8) ^ at(highs, l & 255);
    lows[i] = ((l >>> 8) | (h << 24)) ^ at(lows, l & 255);
  }
  return [highs, lows];
}

/** A polynomial over GF(2) of a degree below 64: the highest bit is the coefficient of x^0. */
interface Residue {
  readonly high: number;
  readonly low: number;
}

/** The CRC of bytes of which nothing else is known. */
export interface SizedCrc {
  /** 8 bytes, big-endian */
  readonly crc: Uint8Array;
  /** bytes that it covers */
  readonly size: number;
}

/**
 * The CRC of the concatenation of pieces from the CRCs of the pieces: appending n bytes multiplies by x^8n modulo the
 * polynomial (zlib: `crc32_combine`).
 */
export function combineCrc64(algorithm: 'crc64ecma' | 'crc64nvme', pieces: readonly SizedCrc[]): Uint8Array {
  const modulus = polynomials[algorithm];
  // Nearly all parts have one size.
  const shifts = new Map<number, Residue>();
  const shiftOf = (size: number): Residue => {
    const shift = shifts.get(size) ?? power(size, modulus);
    shifts.set(size, shift);
    return shift;
  };
  const total = pieces.reduce<Residue>(
    (sum, { crc, size }) => {
      const view = new DataView(crc.buffer, crc.byteOffset);
      const moved = multiply(sum, shiftOf(size), modulus);
      return { high: moved.high ^ view.getInt32(0), low: moved.low ^ view.getInt32(4) };
    },
    { high: 0, low: 0 },
  );
  const view = new DataView(new ArrayBuffer(8));
  view.setInt32(0, total.high);
  view.setInt32(4, total.low);
  return new Uint8Array(view.buffer);
}

const ONE: Residue = { high: 1 << 31, low: 0 };
const X_TO_THE_8: Residue = { high: 1 << 23, low: 0 };

/** x^8n by repeated squaring */
function power(n: number, modulus: Residue): Residue {
  let product = ONE;
  let square = X_TO_THE_8;
  // Sizes exceed 32 bits.
  for (let rest = n; rest > 0; rest = Math.floor(rest / 2)) {
    if (rest % 2 === 1) product = multiply(product, square, modulus);
    square = multiply(square, square, modulus);
  }
  return product;
}

function multiply(a: Residue, b: Residue, modulus: Residue): Residue {
  let high = 0;
  let low = 0;
  let h = b.high;
  let l = b.low;
  for (let i = 0; i < 64; i++) {
    const bit = i < 32 ? (a.high >>> (31 - i)) & 1 : (a.low >>> (63 - i)) & 1;
    if (bit === 1) {
      high ^= h;
      low ^= l;
    }
    const isOdd = (l & 1) === 1;
    l = (l >>> 1) | (h << 31);
    h >>>= 1;
    if (isOdd) {
      h ^= modulus.high;
      l ^= modulus.low;
    }
  }
  return { high, low };
}
