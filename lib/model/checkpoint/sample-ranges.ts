import { KIB } from './limits.js';

const SLICES = 4;
const SLICE_BYTES: number = 64 * KIB;

/**
 * Which bytes identify a file without reading all of it: up to four slices of 64 KiB, including the first and the last
 * bytes; all of a small file, even an empty one.
 */
export function sampleRanges(size: number): (readonly [start: number, end: number])[] {
  if (size === 0) return [[0, 0]];
  const step = Math.max(SLICE_BYTES, (size - SLICE_BYTES) / (SLICES - 1));
  return Array.from({ length: SLICES }, (_, i) => Math.floor(i * step))
    .filter((start) => start < size)
    .map((start) => [start, Math.min(size, start + SLICE_BYTES)] as const);
}
