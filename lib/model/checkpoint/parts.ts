export const KIB = 1024;
export const MIB: number = 1024 * KIB;
export const GIB: number = 1024 * MIB;

/** Limits of OBS ("Multipart Upload" in its REST reference). */
export const MIN_PART_SIZE: number = 100 * KIB;
export const MAX_PART_SIZE: number = 5 * GIB;
export const MAX_PART_COUNT = 10_000;
export const MAX_SINGLE_PUT_SIZE: number = 5 * GIB;
export const MAX_OBJECT_SIZE: number = MAX_PART_COUNT * MAX_PART_SIZE;
export const MAX_KEY_BYTES = 1024;
export const MAX_METADATA_BYTES: number = 8 * KIB;

export const DEFAULT_PART_SIZE: number = 9 * MIB;

/** More parts cost more requests and a longer checkpoint; with fewer, more is sent again after a failure. */
const PLENTY_OF_PARTS = 1000;

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

/** 9 MiB; for more than 1,000 such parts the number of MiB that makes 1,000. Only files over 4.8 TiB have more. */
export function defaultPartSize(size: number): number {
  const grown = Math.ceil(size / PLENTY_OF_PARTS / MIB) * MIB;
  return Math.min(MAX_PART_SIZE, Math.max(DEFAULT_PART_SIZE, grown));
}

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
