import { patternBytes, patternPieces } from './pattern.js';
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
