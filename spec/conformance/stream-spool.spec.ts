import { IDBDatabase, IDBFactory, IDBKeyRange } from 'fake-indexeddb';
import { indexedDbSpool } from 'rx-obs-upload';
import { memorySpool } from 'rx-obs-upload/testing';
import { streamSpoolScenarios, type SpoolWorld } from './stream-spool-scenarios.js';

const worlds: Readonly<Record<string, () => SpoolWorld>> = {
  memorySpool: () => ({ open: memorySpool, isShared: false, expires: false }),
  indexedDbSpool: () => {
    Object.assign(globalThis, { indexedDB: new IDBFactory(), IDBDatabase, IDBKeyRange });
    return { open: indexedDbSpool, isShared: true, expires: true };
  },
};

describe.each(Object.entries(worlds))('%s', (_, world) => {
  it.each(streamSpoolScenarios.map(({ name, run }) => [name, run] as const))('%s', (_name, run) => run(world()));
});
