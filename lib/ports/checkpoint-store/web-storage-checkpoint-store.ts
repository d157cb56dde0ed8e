import { EMPTY, of } from 'rxjs';
import { requireObject } from '../../validation/check.js';
import type { CheckpointStore } from './checkpoint-store.js';
import { checkpointStoreOver, fromJson, ttlOf, type CheckpointStoreOptions } from './checkpoint-store-over.js';

/** The part of `Storage` that is used. */
export type KeyValueStorage = Pick<Storage, 'getItem' | 'setItem' | 'removeItem' | 'key' | 'length'>;

const PREFIX = 'rx-obs-upload:checkpoint:';

/**
 * Stores checkpoints in `localStorage` or `sessionStorage`, one entry each under names that begin with
 * `rx-obs-upload:checkpoint:`; other entries are not touched. Synchronous. A browser gives an origin about 5 MB, so
 * `save` fails with its QuotaExceededError at some 60,000 parts in all: `indexedDbCheckpointStore` has more room.
 *
 * @param storage - or a function that returns it, called on each use: if cookies are blocked, browsers throw on access
 * to `localStorage`; with a function `load` and `save` fail instead, and uploads continue
 * @throws InvalidOptionsError
 * @example
 * ```ts
 * const checkpointStore = webStorageCheckpointStore(() => localStorage);
 * uploadFile$(obs, { ...request, checkpointStore }).subscribe();
 * ```
 */
export function webStorageCheckpointStore(
  storage: KeyValueStorage | (() => KeyValueStorage),
  options?: CheckpointStoreOptions,
): CheckpointStore {
  if (typeof storage !== 'function') requireObject('storage', storage);
  const open = typeof storage === 'function' ? storage : (): KeyValueStorage => storage;
  return checkpointStoreOver(
    {
      get: (id) => {
        const text = open().getItem(PREFIX + id);
        return text === null ? EMPTY : of(fromJson(text));
      },
      put: (record) => of(open().setItem(PREFIX + record.id, JSON.stringify(record))),
      delete: (id) => of(open().removeItem(PREFIX + id)),
      all: () => of(entriesOf(open()).map(fromJson)),
    },
    ttlOf(options),
  );
}

function entriesOf(storage: KeyValueStorage): readonly string[] {
  return Array.from({ length: storage.length }, (_, i) => storage.key(i)).flatMap((key) =>
    key?.startsWith(PREFIX) === true ? (storage.getItem(key) ?? []) : [],
  );
}
