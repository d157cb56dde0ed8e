import { requireMilliseconds } from '../../validation/check.js';

/** Options of every checkpoint store. */
export interface CheckpointStoreOptions {
  /**
   * How long a checkpoint is stored after it was last saved, in milliseconds from 1; Infinity: forever. Use at most the
   * time that the bucket keeps unfinished uploads: with a checkpoint of one that is gone the upload starts over.
   * @defaultValue 7 days
   */
  readonly expiresAfterMs?: number | undefined;
}

const DAY_MS = 86_400_000;

/** @throws InvalidOptionsError */
export function ttlOf({ expiresAfterMs = 7 * DAY_MS }: CheckpointStoreOptions = {}): number {
  return expiresAfterMs === Infinity ? Infinity : requireMilliseconds('expiresAfterMs', expiresAfterMs, 1);
}
