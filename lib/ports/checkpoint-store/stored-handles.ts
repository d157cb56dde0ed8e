import { EMPTY, map, mergeMap, of } from 'rxjs';
import { wallNow } from '../../time.js';
import type { FileHandle, FileHandleStore } from './checkpoint-store.js';
import { allOf, keyOf, whenGot, type RecordDatabase } from './indexed-db.js';

interface KeptHandle {
  readonly fileKey: string;
  /** epoch milliseconds: when it was kept, then when its checkpoint was last saved */
  readonly savedAt: number;
  readonly handle: FileHandle;
}

/** The handles in the database of the checkpoints. */
export function storedHandles(database: RecordDatabase, lifetimeMs: number): FileHandleStore {
  const isExpired = ({ savedAt }: KeptHandle): boolean => wallNow() - savedAt >= lifetimeMs;
  return {
    keep: (fileKey, handle) =>
      database.change$((records) => {
        const kept: KeptHandle = { fileKey, savedAt: wallNow(), handle };
        records.put(kept, keyOf('file', fileKey));
        whenGot(records.getAll(allOf('file')), (all) => {
          for (const old of handlesIn(all).filter(isExpired)) records.delete(keyOf('file', old.fileKey));
        });
      }),
    find: (fileKey) =>
      database
        .read$((records) => records.get(keyOf('file', fileKey)))
        .pipe(mergeMap((kept) => (isStoredHandle(kept) && !isExpired(kept) ? of(kept.handle) : EMPTY))),
    list: () =>
      database
        .read$((records) => records.getAll(allOf('file')))
        .pipe(map((all) => handlesIn(all).flatMap((kept) => (isExpired(kept) ? [] : kept.fileKey)))),
  };
}

/** A handle lives as long as its checkpoint, which was just saved. */
export function renewHandle(records: IDBObjectStore, fileKey: string, savedAt: number): void {
  const key = keyOf('file', fileKey);
  whenGot(records.get(key), (kept) => {
    if (isStoredHandle(kept)) records.put({ ...kept, savedAt }, key);
  });
}

function handlesIn(records: unknown): readonly KeptHandle[] {
  return Array.isArray(records) ? records.filter(isStoredHandle) : [];
}

/** Any script of the origin can write here. */
function isStoredHandle(value: unknown): value is KeptHandle {
  if (typeof value !== 'object' || value === null) return false;
  const { fileKey, savedAt, handle } = value as Readonly<Record<keyof KeptHandle, unknown>>;
  return typeof fileKey === 'string' && typeof savedAt === 'number' && typeof handle === 'object' && handle !== null;
}
