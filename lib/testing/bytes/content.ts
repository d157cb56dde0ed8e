import type { Pieces } from './pieces.js';

/** The bytes of a fake file. */
export interface Content {
  readonly size: number;
  pieces(start: number, end: number): Pieces;
}

/** The given bytes, or `size` bytes generated from `seed`. */
export function contentOf(
  { bytes, seed = 1 }: { readonly bytes?: Uint8Array | undefined; readonly seed?: number | undefined },
  size: number | undefined,
): Content {
  if (bytes !== undefined) {
    return {
      size: bytes.length,
      pieces: (start, end) => ({ size: end - start, chunks: () => [bytes.slice(start, end)] }),
    };
  }
  return {
    size: size ?? 0,
    pieces: (start, end) =>
      end - start <= 1024 * 1024
        ? { size: end - start, chunks: () => [patternBytes(seed, start, end)] }
        : patternPieces(seed, start, end),
  };
}

/**
 * A prime, so that parts of one source, and sources of different seeds, begin at different positions of the pattern.
 */
const period = 1_048_583;
const chunkBytes = 1024 * 1024;
let shared: Uint8Array | null = null;

/** The bytes from `start` up to (not including) `end` of an endless pattern that depends on `seed`. */
function patternPieces(seed: number, start: number, end: number): Pieces {
  return {
    size: end - start,
    *chunks() {
      for (let at = start; at < end; at += chunkBytes) yield patternBytes(seed, at, Math.min(at + chunkBytes, end));
    },
  };
}

function patternBytes(seed: number, start: number, end: number): Uint8Array {
  shared ??= noise(period);
  const bytes = new Uint8Array(end - start);
  // The multiplier is coprime to the period and spreads the seeds, so that adjacent ones do not overlap soon.
  let phase = ((((seed % period) * 7919 + start) % period) + period) % period;
  for (let at = 0; at < bytes.length;) {
    const run = shared.subarray(phase, phase + bytes.length - at);
    bytes.set(run, at);
    at += run.length;
    phase = 0;
  }
  return bytes;
}

/** xorshift32: the same bytes on every machine. */
function noise(length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  let x = 0x2545f491;
  for (let i = 0; i < length; i++) {
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    bytes[i] = x >>> 11;
  }
  return bytes;
}
