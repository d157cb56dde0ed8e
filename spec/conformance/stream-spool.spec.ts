import { IDBDatabase, IDBFactory, IDBKeyRange, IDBObjectStore } from 'fake-indexeddb';
import { indexedDbSpool } from 'rx-obs-upload';
import { memorySpool } from 'rx-obs-upload/testing';
import { streamSpoolScenarios, type SpoolWorld } from './stream-spool-scenarios.js';

afterEach(() => jest.restoreAllMocks());

function indexedDbWorld(): SpoolWorld {
  Object.assign(globalThis, { indexedDB: new IDBFactory(), IDBDatabase, IDBKeyRange });
  return { open: indexedDbSpool, isShared: true, expires: true };
}

const worlds: Readonly<Record<string, () => SpoolWorld>> = {
  memorySpool: () => ({ open: memorySpool, isShared: false, expires: false }),
  indexedDbSpool: indexedDbWorld,
  'indexedDbSpool in a private window of Safari, whose IndexedDB refuses Blobs': () => {
    const { put } = IDBObjectStore.prototype;
    jest.spyOn(IDBObjectStore.prototype, 'put').mockImplementation(function (this: IDBObjectStore, value, key) {
      const { chunk } = value as { readonly chunk?: unknown };
      if (chunk instanceof Blob) throw new DOMException('Error preparing Blob/File data', 'UnknownError');
      return put.call(this, value, key);
    });
    return indexedDbWorld();
  },
};

describe.each(Object.entries(worlds))('%s', (_, world) => {
  it.each(streamSpoolScenarios.map(({ name, run }) => [name, run] as const))('%s', (_name, run) => run(world()));
});
