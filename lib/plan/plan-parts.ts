import { MAX_PART_COUNT } from './limits.js';

/** A piece of the file: bytes from `start` up to (not including) `end`. */
export interface PlannedPart {
  /** 1 to 10,000 */
  readonly partNumber: number;
  readonly start: number;
  readonly end: number;
}

/** An empty file has one empty part. */
export function partCountOf(size: number, partSize: number): number {
  return Math.max(1, Math.ceil(size / partSize));
}

export function partAt(size: number, partSize: number, partNumber: number): PlannedPart {
  return { partNumber, start: (partNumber - 1) * partSize, end: Math.min(size, partNumber * partSize) };
}

export function planParts(size: number, partSize: number): PlannedPart[] {
  return Array.from({ length: partCountOf(size, partSize) }, (_, i) => partAt(size, partSize, i + 1));
}

/** Raised so that 10,000 parts are enough. */
export function fitPartSize(size: number, partSize: number): number {
  return Math.max(partSize, Math.ceil(size / MAX_PART_COUNT));
}
