import type { Observable } from 'rxjs';
import { concurrency$ } from '../engine/parts/merge-map-at-most.js';
import type { CheckpointStore } from '../ports/checkpoint-store/checkpoint-store.js';
import type { AnyObservable } from '../ports/from-port.js';
import { defaultLock } from '../ports/lock/web-lock.js';
import type { UploadLock } from '../ports/lock/upload-lock.js';
import type { UploadOptions } from '../upload-request.js';

/** Options of an upload queue. */
export interface UploadQueueOptions {
  /**
   * Files in progress at once, a positive integer; the others wait in the order of the rows. The last value of an
   * Observable applies, and 1 until its first; a lower one stops nothing that is running.
   * @defaultValue 3
   */
  readonly filesAtOnce?: number | AnyObservable<number> | undefined;
  /** Stores the checkpoints of all rows, and is where `pending` uploads are found. */
  readonly checkpointStore?: CheckpointStore | undefined;
  /** Options of requests that do not set them. */
  readonly defaults?: QueueDefaults | undefined;
  /**
   * Stores the handles of requests that have one, so that after a reload `pick` finds the file by itself. Only
   * `indexedDbCheckpointStore()` can.
   * @defaultValue true
   */
  readonly rememberFiles?: boolean | undefined;
}

/** Options of every file of a queue that does not have its own. */
export type QueueDefaults = Partial<Omit<UploadOptions, 'sourceFile' | 'checkpointStore'>> & {
  readonly bucket?: string | undefined;
};

/** The options of a queue after validation. */
export interface ResolvedQueue {
  readonly filesAtOnce$: Observable<number>;
  readonly checkpointStore: CheckpointStore | null;
  readonly defaults: QueueDefaults;
  /** Tells whether another tab is uploading a `pending` file. */
  readonly lock: UploadLock | null;
  readonly rememberFiles: boolean;
}

export function resolveQueue({
  filesAtOnce = 3,
  checkpointStore,
  defaults = {},
  rememberFiles = true,
}: UploadQueueOptions): ResolvedQueue {
  return {
    filesAtOnce$: concurrency$(filesAtOnce, 'filesAtOnce'),
    checkpointStore: checkpointStore ?? null,
    defaults,
    lock: defaults.lock === undefined ? defaultLock() : defaults.lock,
    rememberFiles,
  };
}
