import { EMPTY, map, mergeMap, of } from 'rxjs';
import { requireText } from '../../validation/check.js';
import type { CheckpointStore, FileHandle, FileHandleStore } from './checkpoint-store.js';
import { fileKeyOf } from './file-handle.js';
import { allOf, keyOf, recordDatabase, whenGot, type RecordDatabase } from './indexed-db.js';
import {
  checkpointStoreOver,
  ttlOf,
  type CheckpointStoreOptions,
  type RecordStorage,
} from './checkpoint-store-over.js';
import { wallNow } from '../../time.js';

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

interface StoredHandle {
  readonly fileKey: string;
  /** epoch milliseconds: when it was stored, then when its checkpoint was last saved */
  readonly savedAt: number;
  readonly handle: FileHandle;
}

/** Stores handles in the database of the checkpoints. */
function storedHandles(database: RecordDatabase, lifetimeMs: number): FileHandleStore {
  const isExpired = ({ savedAt }: StoredHandle): boolean => wallNow() - savedAt >= lifetimeMs;
  return {
    keep: (fileKey, handle) =>
      database.change$((records) => {
        const stored: StoredHandle = { fileKey, savedAt: wallNow(), handle };
        records.put(stored, keyOf('file', fileKey));
        whenGot(records.getAll(allOf('file')), (all) => {
          for (const old of handlesIn(all).filter(isExpired)) records.delete(keyOf('file', old.fileKey));
        });
      }),
    find: (fileKey) =>
      database
        .read$((records) => records.get(keyOf('file', fileKey)))
        .pipe(mergeMap((stored) => (isStoredHandle(stored) && !isExpired(stored) ? of(stored.handle) : EMPTY))),
    list: () =>
      database
        .read$((records) => records.getAll(allOf('file')))
        .pipe(map((all) => handlesIn(all).flatMap((stored) => (isExpired(stored) ? [] : stored.fileKey)))),
  };
}

/** A handle lives as long as its checkpoint, which was just saved. */
function renewHandle(records: IDBObjectStore, fileKey: string, savedAt: number): void {
  const key = keyOf('file', fileKey);
  whenGot(records.get(key), (stored) => {
    if (isStoredHandle(stored)) records.put({ ...stored, savedAt }, key);
  });
}

function handlesIn(records: unknown): readonly StoredHandle[] {
  return Array.isArray(records) ? records.filter(isStoredHandle) : [];
}

/** Any script of the origin can write here. */
function isStoredHandle(value: unknown): value is StoredHandle {
  if (typeof value !== 'object' || value === null) return false;
  const { fileKey, savedAt, handle } = value as Readonly<Record<keyof StoredHandle, unknown>>;
  return typeof fileKey === 'string' && typeof savedAt === 'number' && typeof handle === 'object' && handle !== null;
}
