import { promisifyRequest } from 'idb-keyval';
import type { KeyValueStorage } from 'rx-obs-upload';
import type { StoreWorld } from './checkpoint-store-scenarios.js';

type Place = NonNullable<StoreWorld['place']>;
type Database = NonNullable<StoreWorld['database']>;

export function webStoragePlace(storage: KeyValueStorage): Place {
  return {
    count: () => Promise.resolve(storage.length),
    damage: (id) => Promise.resolve(storage.setItem(`rx-obs-upload:checkpoint:${id}`, '{"id":"bad","savedAt":17')),
    wipe: () => {
      for (let i = storage.length - 1; i >= 0; i--) storage.removeItem(storage.key(i) ?? '');
      return Promise.resolve();
    },
  };
}

/** Opens a separate connection for each access and closes it again: an open one would block `wipe`. */
export function indexedDbPlace(databaseName: string): Place {
  const inStore = async <T>(mode: IDBTransactionMode, work: (records: IDBObjectStore) => IDBRequest<T>): Promise<T> => {
    const database = await promisifyRequest(indexedDB.open(databaseName));
    try {
      return await promisifyRequest(work(database.transaction('kept', mode).objectStore('kept')));
    } finally {
      database.close();
    }
  };
  return {
    count: () => inStore('readonly', (records) => records.count()),
    damage: (id) => inStore('readwrite', (records) => records.put('damaged', ['checkpoint', id])),
    wipe: () => unblocked(indexedDB.deleteDatabase(databaseName)),
  };
}

/** What browsers and other tabs do to a database that a store has open. */
export function indexedDbDatabase(databaseName: string): Database {
  return {
    closeBeforeUse: () => {
      const { prototype } = IDBDatabase;
      const transaction = Object.getOwnPropertyDescriptor(prototype, 'transaction');
      if (transaction === undefined) throw new Error('There are no transactions');
      const begin = transaction.value as IDBDatabase['transaction'];
      prototype.transaction = function (...args) {
        Object.defineProperty(prototype, 'transaction', transaction);
        this.close();
        return begin.apply(this, args);
      };
    },
    upgrade: async () => {
      const current = await promisifyRequest(indexedDB.open(databaseName));
      const { version } = current;
      current.close();
      (await unblocked(indexedDB.open(databaseName, version + 1))).close();
    },
  };
}

function unblocked<T>(request: IDBOpenDBRequest & IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onblocked = () => reject(new Error('Another connection blocks it'));
    promisifyRequest<T>(request).then(resolve, reject);
  });
}
