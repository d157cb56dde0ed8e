import { DEFAULT_PART_SIZE, MAX_PART_SIZE, MIN_PART_SIZE } from '../../model/checkpoint/parts.js';

/** Corrected as in the official SDK, never refused. */
export function correctPartSize(partSize: unknown): number {
  const bytes = Number.parseInt(String(partSize), 10);
  return Number.isNaN(bytes) || bytes < MIN_PART_SIZE ? DEFAULT_PART_SIZE : Math.min(bytes, MAX_PART_SIZE);
}
