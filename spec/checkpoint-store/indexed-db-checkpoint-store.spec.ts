import { IDBFactory, IDBKeyRange } from 'fake-indexeddb';
import { from, lastValueFrom, type ObservableInput } from 'rxjs';
import { indexedDbCheckpointStore, type CheckpointStore, type FileHandle, type FileShelf } from 'rx-obs-upload';
import { checkpointFor } from '../conformance/checkpoint-store-scenarios.js';
import { indexedDbPlace } from '../conformance/checkpoint-store-places.js';

/** Real handles survive being stored; of one made here only its data does. */
const HANDLE = { kind: 'file', name: 'a.bin' } as FileHandle;
const FILE_KEY = JSON.stringify(['media', 'a', 'a.bin', 1000, 1_700_000_000_000]);
const DAY_MS = 86_400_000;

function done<T>(input: ObservableInput<T>): Promise<T | null> {
  return lastValueFrom(from(input), { defaultValue: null });
}

function open(): CheckpointStore & { readonly files: FileShelf } {
  const store = indexedDbCheckpointStore({ expiresAfterMs: DAY_MS });
  if (store.files === undefined) throw new Error('It keeps no handles');
  return { ...store, files: store.files };
}

describe('indexedDbCheckpointStore', () => {
  let now = 0;

  beforeEach(() => {
    now = 0;
    jest.spyOn(Date, 'now').mockImplementation(() => now);
    Object.assign(globalThis, { indexedDB: new IDBFactory(), IDBKeyRange });
  });

  afterEach(() => {
    jest.restoreAllMocks();
    Reflect.deleteProperty(globalThis, 'indexedDB');
  });

  it('opens nothing before it is used, and fails where there is no IndexedDB', async () => {
    Reflect.deleteProperty(globalThis, 'indexedDB');
    const store = open();
    const asked = [store.load('a'), store.save('a', checkpointFor('a')), store.list(), store.files.list()];
    for (const each of asked) await expect(done<unknown>(each)).rejects.toMatchObject({ name: 'ReferenceError' });
    Object.assign(globalThis, { indexedDB: new IDBFactory() });
    expect(await done(store.list())).toEqual([]);
  });

  it.each(['', 7])('refuses %p for the name of its database', (databaseName) => {
    expect(() => indexedDbCheckpointStore({ databaseName: databaseName as string })).toThrow(
      expect.objectContaining({ name: 'InvalidOptionsError', option: 'databaseName' }) as Error,
    );
  });

  it('lets a handle go with its checkpoint', async () => {
    const { files, ...store } = open();
    await done(files.keep(FILE_KEY, HANDLE));
    await done(store.save('a', checkpointFor('a')));
    await done(store.save('b', checkpointFor('b')));
    await done(store.remove('b'));
    expect(await done(files.list())).toEqual([FILE_KEY]);
    await done(store.remove('a'));
    expect(await done(files.list())).toEqual([]);
    expect(await done(files.find(FILE_KEY))).toBeNull();
  });

  it('lets a handle live as long as its checkpoint', async () => {
    const { files, ...store } = open();
    await done(files.keep(FILE_KEY, HANDLE));
    now = DAY_MS - 1;
    await done(store.save('a', checkpointFor('a')));
    now = 2 * DAY_MS - 2;
    expect(await done(files.find(FILE_KEY))).toEqual(HANDLE);
    now = 2 * DAY_MS - 1;
    expect(await done(files.find(FILE_KEY))).toBeNull();
    expect(await done(files.list())).toEqual([]);
    expect(await done(store.load('a'))).toBeNull();
    expect(await indexedDbPlace('rx-obs-upload').count()).toBe(0);
  });

  it('lets a handle that never got a checkpoint expire, and gives its room back', async () => {
    const { files } = open();
    await done(files.keep('first', HANDLE));
    now = DAY_MS;
    await done(files.keep('second', HANDLE));
    expect(await done(files.list())).toEqual(['second']);
    expect(await indexedDbPlace('rx-obs-upload').count()).toBe(1);
  });
});
