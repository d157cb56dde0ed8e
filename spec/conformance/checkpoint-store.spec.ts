import { IDBFactory, IDBKeyRange } from 'fake-indexeddb';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { indexedDbCheckpointStore, memoryCheckpointStore, webStorageCheckpointStore } from 'rx-obs-upload';
import { directoryCheckpointStore } from 'rx-obs-upload/node';
import { fakeCheckpointStore } from 'rx-obs-upload/testing';
import { createMemoryStorage } from '../checkpoint-store/memory-storage.js';
import { checkpointStoreScenarios, type StoreWorld } from './checkpoint-store-scenarios.js';
import { indexedDbPlace, webStoragePlace } from './checkpoint-store-places.js';

const directories: string[] = [];

afterEach(() => {
  for (const path of directories.splice(0)) rmSync(path, { recursive: true, force: true });
});

const worlds: Readonly<Record<string, () => StoreWorld>> = {
  memoryCheckpointStore: () => ({ open: memoryCheckpointStore, place: null, isShared: false }),
  webStorageCheckpointStore: () => {
    const storage = createMemoryStorage();
    return {
      open: (options) => webStorageCheckpointStore(storage, options),
      place: webStoragePlace(storage),
      isShared: true,
    };
  },
  indexedDbCheckpointStore: () => {
    Object.assign(globalThis, { indexedDB: new IDBFactory(), IDBKeyRange });
    return { open: indexedDbCheckpointStore, place: indexedDbPlace('rx-obs-upload'), isShared: true };
  },
  directoryCheckpointStore: () => {
    const path = mkdtempSync(join(tmpdir(), 'rx-obs-upload-'));
    directories.push(path);
    return {
      open: (options) => directoryCheckpointStore(join(path, 'not', 'there', 'yet'), options),
      place: directoryPlace(join(path, 'not', 'there', 'yet')),
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
      },
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
  };
}

describe.each(Object.entries(worlds))('%s', (_, createWorld) => {
  it.each(checkpointStoreScenarios.map((scenario) => [scenario.name, scenario] as const))('%s', (__, { run }) =>
    run(createWorld()),
  );
});
