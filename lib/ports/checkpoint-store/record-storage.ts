import type { ObservableInput } from 'rxjs';
import type { StoredCheckpoint } from './checkpoint-store.js';

/** Where a store puts its records. What it returns is validated by `checkpointStoreOver`. */
export interface RecordStorage {
  /** @returns the record of the id; empty if there is none */
  readonly get: (id: string) => ObservableInput<unknown>;
  /** Replaces only that record. */
  readonly put: (record: StoredCheckpoint) => ObservableInput<unknown>;
  readonly delete: (id: string) => ObservableInput<unknown>;
  /** @returns one array of all records; what cannot be read at all is left out */
  readonly all: () => ObservableInput<readonly unknown[]>;
}

/**
 * A stored record; its checkpoint is not validated yet.
 * @inline
 */
export interface CheckpointRecord {
  readonly id: string;
  /** epoch milliseconds */
  readonly savedAt: number;
  readonly checkpoint: unknown;
}

/** Parses JSON; undefined if it is invalid, which is not a valid record either. */
export function fromJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
