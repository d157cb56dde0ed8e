import { IDBDatabase, IDBFactory, IDBKeyRange } from 'fake-indexeddb';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { lastValueFrom, merge } from 'rxjs';
import { indexedDbCheckpointStore, memoryCheckpointStore, webStorageCheckpointStore } from 'rx-obs-upload';
import { directoryCheckpointStore } from 'rx-obs-upload/node';
import { fakeCheckpointStore } from 'rx-obs-upload/testing';
import { createMemoryStorage } from '../unit/ports/checkpoint-store/memory-storage.js';
import { checkpointStoreScenarios, type StoreWorld } from './checkpoint-store-scenarios.js';
import { scenariosFor } from './scenario.js';
import { indexedDbDatabase, indexedDbPlace, webStoragePlace } from './checkpoint-store-places.js';

const directories: string[] = [];

afterEach(() => {
  for (const path of directories.splice(0)) rmSync(path, { recursive: true, force: true });
});

const worlds: Readonly<Record<string, () => StoreWorld>> = {
  memoryCheckpointStore: () => ({ open: memoryCheckpointStore, place: null, database: null, isShared: false }),
  webStorageCheckpointStore: () => {
    const storage = createMemoryStorage();
    return {
      open: (options) => webStorageCheckpointStore(storage, options),
      place: webStoragePlace(storage),
      database: null,
      isShared: true,
    };
  },
  indexedDbCheckpointStore: () => {
    Object.assign(globalThis, { indexedDB: new IDBFactory(), IDBDatabase, IDBKeyRange });
    return {
      open: indexedDbCheckpointStore,
      place: indexedDbPlace('rx-obs-upload'),
      database: indexedDbDatabase('rx-obs-upload'),
      isShared: true,
    };
  },
  directoryCheckpointStore: () => {
    const path = mkdtempSync(join(tmpdir(), 'rx-obs-upload-'));
    directories.push(path);
    return {
      open: (options) => directoryCheckpointStore(join(path, 'not', 'there', 'yet'), options),
      place: directoryPlace(join(path, 'not', 'there', 'yet')),
      database: null,
      isShared: true,
    };
  },
  fakeCheckpointStore: () => {
    const stores: ReturnType<typeof fakeCheckpointStore>[] = [];
    return {
      open: (options) => {
        const store = fakeCheckpointStore(options);
        stores.push(store);
        return store;
      },
      place: {
        count: () => Promise.resolve(stores[0]?.entries.size ?? 0),
        damage: (id) => Promise.resolve(stores[0]?.put(id, 'damaged')),
        wipe: async () => {
          const ids = stores.flatMap((store) => [...store.entries.keys()].map((id) => store.remove(id)));
          await lastValueFrom(merge(...ids), { defaultValue: null });
        },
      },
      database: null,
      isShared: false,
    };
  },
};

function directoryPlace(path: string): StoreWorld['place'] {
  return {
    count: () => Promise.resolve(readdirSync(path).length),
    damage: (id) => {
      const file = readdirSync(path).find((name) => readFileSync(join(path, name), 'utf8').includes(`"id":"${id}"`));
      writeFileSync(join(path, String(file)), '{"id":"bad","savedAt":17');
      return Promise.resolve();
    },
    wipe: () => Promise.resolve(rmSync(path, { recursive: true })),
  };
}

describe.each(Object.entries(worlds))('%s', (_, createWorld) => {
  const scenarios = scenariosFor(checkpointStoreScenarios, createWorld());
  it.each(scenarios.map(({ name, run }) => [name, run] as const))('%s', (__, run) => run(createWorld()));
});
