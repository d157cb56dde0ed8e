import { EMPTY, map, mergeMap, of } from 'rxjs';
import { wallNow } from '../../time.js';
import type { FileHandle, FileHandleStore } from './checkpoint-store.js';
import { allOf, keyOf, whenGot, type RecordDatabase } from './indexed-db.js';

interface StoredHandle {
  readonly fileKey: string;
  /** epoch milliseconds: when it was stored, then when its checkpoint was last saved */
  readonly savedAt: number;
  readonly handle: FileHandle;
}

/** Stores handles in the database of the checkpoints. */
export function storedHandles(database: RecordDatabase, lifetimeMs: number): FileHandleStore {
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
export function renewHandle(records: IDBObjectStore, fileKey: string, savedAt: number): void {
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
