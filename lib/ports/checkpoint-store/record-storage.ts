import type { ObservableInput } from 'rxjs';
import type { StoredCheckpoint } from './checkpoint-store.js';

/** Where records lie: what one store has that another has not. What it gives is checked by `checkpointStoreOver`. */
export interface RecordStorage {
  /** @returns what was put under the id; nothing where there is none */
  readonly get: (id: string) => ObservableInput<unknown>;
  /** Replaces that record and touches no other. */
  readonly put: (record: StoredCheckpoint) => ObservableInput<unknown>;
  readonly delete: (id: string) => ObservableInput<unknown>;
  /** @returns one array of all records; what cannot be read at all is left out */
  readonly all: () => ObservableInput<readonly unknown[]>;
}

/**
 * A record as it lies there: only its head has been looked at.
 * @inline
 */
export interface CheckpointRecord {
  readonly id: string;
  /** epoch milliseconds */
  readonly savedAt: number;
  readonly checkpoint: unknown;
}
