import type { ObservableInput } from 'rxjs';
import type { UploadCheckpoint } from '../model/checkpoint.js';

/**
 * Port: keeps checkpoints beyond the life of a page or process. Of `load` and `list` the first value counts and they
 * are unsubscribed from at once; of `save` and `remove` the end. What a store gives back is checked, never trusted.
 */
export interface CheckpointStore {
  /** @returns the checkpoint kept under the id; nothing where there is none, or none that has not expired */
  readonly load: (id: string) => ObservableInput<UploadCheckpoint>;
  /** Replaces what is kept under the id. */
  readonly save: (id: string, checkpoint: UploadCheckpoint) => ObservableInput<unknown>;
  readonly remove: (id: string) => ObservableInput<unknown>;
  /** @returns one array of all that has not expired */
  readonly list: () => ObservableInput<readonly StoredCheckpoint[]>;
}

export interface StoredCheckpoint {
  /** Made of server, bucket, key and the file's identity; plain text of at most a few hundred characters. */
  readonly id: string;
  /** epoch milliseconds */
  readonly savedAt: number;
  readonly checkpoint: UploadCheckpoint;
}
