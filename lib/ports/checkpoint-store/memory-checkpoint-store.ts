import { EMPTY, of } from 'rxjs';
import type { CheckpointStore } from './checkpoint-store.js';
import {
  checkpointStoreOver,
  ttlOf,
  type CheckpointRecord,
  type CheckpointStoreOptions,
  type RecordStorage,
} from './checkpoint-store-over.js';

/**
 * Stores checkpoints in memory, synchronously: uploads can resume after an error or a change of view, but not after a
 * reload.
 *
 * @throws InvalidOptionsError
 * @example
 * ```ts
 * const checkpointStore = memoryCheckpointStore();
 * uploadFile$(obs, { ...request, checkpointStore }).pipe(retry(3)).subscribe();
 * ```
 */
export function memoryCheckpointStore(options?: CheckpointStoreOptions): CheckpointStore {
  return checkpointStoreOver(mapStorage(new Map()), ttlOf(options));
}

/** An in-memory storage, synchronous. */
export function mapStorage(records: Map<string, CheckpointRecord>): RecordStorage {
  return {
    get: (id) => {
      const record = records.get(id);
      return record === undefined ? EMPTY : of(record);
    },
    put: (record) => of(records.set(record.id, record)),
    delete: (id) => of(records.delete(id)),
    all: () => of([...records.values()]),
  };
}
