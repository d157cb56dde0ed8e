import { EMPTY, of } from 'rxjs';
import type { CheckpointRecord, Shelf } from './shelf.js';

/** A shelf in memory, synchronous. */
export function mapShelf(records: Map<string, CheckpointRecord>): Shelf {
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
