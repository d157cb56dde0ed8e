import { createStore, keys, set } from 'idb-keyval';
import type { KeyValueStorage } from 'rx-obs-upload';
import type { StoreWorld } from './checkpoint-store-scenarios.js';

type Place = NonNullable<StoreWorld['place']>;

export function webStoragePlace(storage: KeyValueStorage): Place {
  return {
    count: () => Promise.resolve(storage.length),
    damage: (id) => Promise.resolve(storage.setItem(`rx-obs-upload:checkpoint:${id}`, '{"id":"bad","savedAt":17')),
  };
}

export function indexedDbPlace(databaseName: string): Place {
  const kept = createStore(databaseName, 'kept');
  return {
    count: async () => (await keys(kept)).length,
    damage: (id) => set(['checkpoint', id], 'damaged', kept),
  };
}
