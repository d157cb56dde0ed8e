import { EMPTY, of } from 'rxjs';
import type { CheckpointRecord, RecordStorage } from './record-storage.js';

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
