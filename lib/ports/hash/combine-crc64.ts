import { polynomials } from './crc.js';

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
