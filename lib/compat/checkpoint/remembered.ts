import type { ObjectOptions } from '../../model/object-options.js';
import type { RightOption } from '../../model/checkpoint/rights.js';
import type { ObsUploadCheckpoint } from '../model/checkpoint.js';

/** What a resume needs but a record must not contain. */
export interface Remembered extends Pick<ObjectOptions, RightOption> {
  /** 32 bytes, of SSE-C */
  readonly customerKey: Uint8Array | null;
}

/**
 * By the record object itself, so that it can be resumed on the same page without further parameters. Changing or
 * forging a record changes nothing here.
 */
const remembered = new WeakMap<ObsUploadCheckpoint, Remembered>();

export function remember(record: ObsUploadCheckpoint, secret: Remembered): void {
  remembered.set(record, secret);
}

export function rememberedOf(record: ObsUploadCheckpoint | null): Remembered {
  return (record === null ? undefined : remembered.get(record)) ?? { customerKey: null };
}
