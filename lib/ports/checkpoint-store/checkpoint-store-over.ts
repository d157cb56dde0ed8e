import {
  catchError,
  concat,
  defaultIfEmpty,
  defer,
  EMPTY,
  from,
  ignoreElements,
  map,
  mergeMap,
  of,
  take,
  type Observable,
} from 'rxjs';
import { wallNow } from '../../time.js';
import { CheckpointError } from '../../model/errors/checkpoint-error.js';
import { parseCheckpoint } from '../../validation/checkpoint.js';
import type { CheckpointStore, StoredCheckpoint } from './checkpoint-store.js';
import type { CheckpointRecord, RecordStorage } from './record-storage.js';

/**
 * A store over a shelf: it adds the time of saving, leaves out what has expired (and takes it off the shelf), and
 * lets nothing through that is no checkpoint.
 */
export function checkpointStoreOver(shelf: RecordStorage, lifetimeMs: number): CheckpointStore {
  const isExpired = (record: CheckpointRecord): boolean => wallNow() - record.savedAt >= lifetimeMs;
  // Room that was not given back now will be next time: nobody is kept from a checkpoint for that.
  const discard$ = ({ id }: CheckpointRecord): Observable<never> =>
    defer(() => shelf.delete(id)).pipe(
      ignoreElements(),
      catchError(() => EMPTY),
    );

  return {
    load: (id) =>
      defer(() => shelf.get(id)).pipe(
        take(1),
        map((value) => readRecord(value, id)),
        mergeMap((record) => (isExpired(record) ? discard$(record) : of(parseCheckpoint(record.checkpoint)))),
      ),
    save: (id, checkpoint) => defer(() => shelf.put({ id, savedAt: wallNow(), checkpoint })),
    remove: (id) => defer(() => shelf.delete(id)),
    list: () =>
      defer(() => shelf.all()).pipe(
        take(1),
        defaultIfEmpty([]),
        mergeMap((values) => {
          const records = values.flatMap((value) => attempt(() => readRecord(value)));
          const kept = records.flatMap((record) => (isExpired(record) ? [] : attempt(() => stored(record))));
          return concat(from(records.filter(isExpired)).pipe(mergeMap(discard$)), of(kept));
        }),
      ),
  };
}

function readRecord(value: unknown, id?: string): CheckpointRecord {
  const record: Partial<CheckpointRecord> = typeof value === 'object' && value !== null ? value : {};
  if (typeof record.id !== 'string' || (id !== undefined && record.id !== id)) return fail('id');
  if (typeof record.savedAt !== 'number' || !Number.isFinite(record.savedAt)) return fail('savedAt');
  return { id: record.id, savedAt: record.savedAt, checkpoint: record.checkpoint };
}

function stored({ id, savedAt, checkpoint }: CheckpointRecord): StoredCheckpoint {
  return { id, savedAt, checkpoint: parseCheckpoint(checkpoint) };
}

/** What a list leaves out when it is damaged. */
function attempt<T>(read: () => T): readonly T[] {
  try {
    return [read()];
  } catch {
    return [];
  }
}

function fail(field: string): never {
  throw new CheckpointError(field, `What the store keeps of this upload is damaged: ${field} is not as it was saved.`);
}
