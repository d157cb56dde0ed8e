import { DEFAULT_PART_SIZE, MAX_PART_COUNT, MAX_PART_SIZE, MIB } from './limits.js';

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
