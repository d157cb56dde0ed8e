import { EMPTY, map, mergeMap, of } from 'rxjs';
import { requireText } from '../../validation/check.js';
import type { CheckpointStore } from './checkpoint-store.js';
import { fileKeyOf } from './file-key.js';
import { allOf, recordDatabase, keyOf, whenGot, type RecordDatabase } from './indexed-db.js';
import { storedHandles, renewHandle } from './stored-handles.js';
import { ttlOf, type CheckpointStoreOptions } from './ttl.js';
import type { RecordStorage } from './record-storage.js';
import { checkpointStoreOver } from './checkpoint-store-over.js';

/** Options of `indexedDbCheckpointStore`. */
export interface IndexedDbCheckpointStoreOptions extends CheckpointStoreOptions {
  /** The database, created if it does not exist. @defaultValue 'rx-obs-upload' */
  readonly databaseName?: string | undefined;
}

/**
 * Stores checkpoints in IndexedDB, one record each, and next to them the file handles of `rememberFile$`. All tabs and
 * workers of an origin share them. The database is opened on first use; if the browser blocks storage, `load` and
 * `save` fail and uploads continue.
 *
 * @throws InvalidOptionsError
 * @example
 * ```ts
 * const checkpointStore = indexedDbCheckpointStore({ expiresAfterMs: 24 * 3_600_000 });
 * uploadFile$(obs, { ...request, checkpointStore }).subscribe();
 * ```
 */
export function indexedDbCheckpointStore(options: IndexedDbCheckpointStoreOptions = {}): CheckpointStore {
  const lifetimeMs = ttlOf(options);
  const database = recordDatabase(requireText('databaseName', options.databaseName ?? 'rx-obs-upload'));
  return { ...checkpointStoreOver(storageIn(database), lifetimeMs), files: storedHandles(database, lifetimeMs) };
}

function storageIn(database: RecordDatabase): RecordStorage {
  return {
    get: (id) =>
      database
        .read$((records) => records.get(keyOf('checkpoint', id)))
        .pipe(mergeMap((record) => (record === undefined ? EMPTY : of(record)))),
    put: (record) =>
      database.change$((records) => {
        const fileKey = fileKeyOf(record.checkpoint);
        records.put({ ...record, fileKey }, keyOf('checkpoint', record.id));
        renewHandle(records, fileKey, record.savedAt);
      }),
    delete: (id) =>
      database.change$((records) => {
        const key = keyOf('checkpoint', id);
        whenGot(records.get(key), (record) => {
          records.delete(key);
          const { fileKey } = Object(record) as { readonly fileKey?: unknown };
          if (typeof fileKey === 'string') records.delete(keyOf('file', fileKey));
        });
      }),
    all: () =>
      database
        .read$((records) => records.getAll(allOf('checkpoint')))
        .pipe(map((records) => (Array.isArray(records) ? (records as readonly unknown[]) : []))),
  };
}
