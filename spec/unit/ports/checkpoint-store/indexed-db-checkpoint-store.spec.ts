import { forceCloseDatabase, IDBDatabase, IDBFactory, IDBKeyRange, IDBObjectStore } from 'fake-indexeddb';
import { from, lastValueFrom, toArray, type ObservableInput } from 'rxjs';
import {
  createObsConnection,
  indexedDbCheckpointStore,
  uploadFile$,
  type CheckpointStore,
  type FileHandle,
  type FileHandleStore,
} from 'rx-obs-upload';
import { createFakeObs, fakeSource } from 'rx-obs-upload/testing';
import { checkpointFor } from '../../../conformance/checkpoint-store-scenarios.js';
import { indexedDbPlace } from '../../../conformance/checkpoint-store-places.js';

/** Real handles survive being stored; of one made here only its data does. */
const HANDLE = { kind: 'file', name: 'a.bin' } as FileHandle;
const FILE_KEY = JSON.stringify(['media', 'a', 'a.bin', 1000, 1_700_000_000_000]);
const DAY_MS = 86_400_000;

function done<T>(input: ObservableInput<T>): Promise<T | null> {
  return lastValueFrom(from(input), { defaultValue: null });
}

function open(): CheckpointStore & { readonly files: FileHandleStore } {
  const store = indexedDbCheckpointStore({ expiresAfterMs: DAY_MS });
  if (store.files === undefined) throw new Error('It keeps no handles');
  return { ...store, files: store.files };
}

describe('indexedDbCheckpointStore', () => {
  let now = 0;

  beforeEach(() => {
    now = 0;
    jest.spyOn(Date, 'now').mockImplementation(() => now);
    Object.assign(globalThis, { indexedDB: new IDBFactory(), IDBDatabase, IDBKeyRange });
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

  describe('with a connection that the browser takes away', () => {
    /** Calls `before` ahead of each transaction but those that make a new database. */
    const onTransaction = (before: (connection: IDBDatabase) => void): jest.SpyInstance => {
      const { transaction } = IDBDatabase.prototype;
      return jest.spyOn(IDBDatabase.prototype, 'transaction').mockImplementation(function (this: IDBDatabase, ...args) {
        if (String(args[1]) !== 'versionchange') before(this);
        return transaction.apply(this, args);
      });
    };
    const countOpens = (): jest.SpyInstance => jest.spyOn(indexedDB, 'open');

    // Browsers have several names for it.
    it.each(['InvalidStateError', 'UnknownError', 'AbortError'])(
      'opens once more, then fails with the %s, and begins again at the next use',
      async (name) => {
        const { files, ...store } = open();
        await done(store.save('a', checkpointFor('a')));
        const failing = onTransaction(() => {
          throw new DOMException('', name);
        });
        const opens = countOpens();
        const uses = [
          () => store.load('a'),
          () => store.save('a', checkpointFor('a', [])),
          () => store.remove('a'),
          () => store.list(),
          () => files.keep(FILE_KEY, HANDLE),
          () => files.find(FILE_KEY),
          () => files.list(),
        ];
        for (const use of uses) {
          failing.mockClear();
          await expect(done<unknown>(use())).rejects.toMatchObject({ name });
          expect(failing).toHaveBeenCalledTimes(2);
        }
        // The first use found an open connection, and leaves none.
        expect(opens).toHaveBeenCalledTimes(2 * uses.length - 1);
        failing.mockRestore();
        expect(await done(store.load('a'))).toEqual(checkpointFor('a'));
      },
    );

    it('opens once for all that are under way', async () => {
      const store = open();
      await done(store.save('a', checkpointFor('a')));
      let isFirst = true;
      onTransaction((connection) => {
        if (isFirst) connection.close();
        isFirst = false;
      });
      const opens = countOpens();
      const ids = ['b', 'c', 'd', 'e'];
      await Promise.all(ids.map((id) => done(store.save(id, checkpointFor(id)))));
      expect(await done(store.list())).toHaveLength(5);
      expect(opens).toHaveBeenCalledTimes(1);
    });

    it('opens again after the event, before it is used', async () => {
      const store = open();
      const used: IDBDatabase[] = [];
      onTransaction((connection) => used.push(connection));
      await done(store.save('a', checkpointFor('a')));
      const closed = new Promise((resolve) => used[0]?.addEventListener('close', resolve));
      // Its types take the class for a connection.
      forceCloseDatabase(used[0] as unknown as Parameters<typeof forceCloseDatabase>[0]);
      await closed;
      expect(await done(store.list())).toHaveLength(1);
      expect(used).toHaveLength(2);
      expect(used[1]).not.toBe(used[0]);
    });

    it('repeats the transaction that the browser ends', async () => {
      const store = open();
      await done(store.save('a', checkpointFor('a')));
      const { put } = IDBObjectStore.prototype;
      jest.spyOn(IDBObjectStore.prototype, 'put').mockImplementationOnce(function (this: IDBObjectStore, ...args) {
        const request = put.apply(this, args);
        this.transaction.abort();
        return request;
      });
      await done(store.save('a', checkpointFor('a', [3])));
      expect(await done(store.load('a'))).toEqual(checkpointFor('a', [3]));
    });

    it('opens again where the answer was not waited for', async () => {
      const store = open();
      const opens = countOpens().mockImplementationOnce(() => ({}) as IDBOpenDBRequest);
      from(store.load('a')).subscribe().unsubscribe();
      await done(store.save('a', checkpointFor('a')));
      expect(opens).toHaveBeenCalledTimes(2);
      expect(await done(store.load('a'))).toEqual(checkpointFor('a'));
    });

    it('makes its object store where somebody else made the database', async () => {
      await new Promise((resolve) => {
        const request = indexedDB.open('rx-obs-upload', 3);
        request.onsuccess = () => resolve(request.result.close());
      });
      const store = open();
      await done(store.save('a', checkpointFor('a')));
      expect(await done(store.load('a'))).toEqual(checkpointFor('a'));
    });

    it.each([
      ['once', 'no warning', 1, []],
      ['always', 'warnings', Infinity, ['store']],
    ])('an upload whose transactions fail %s completes with %s', async (_, __, times, warnings) => {
      const { server, credentials, transport, bucket } = createFakeObs();
      let left = times;
      onTransaction(() => {
        if (left-- > 0) throw new DOMException('', 'InvalidStateError');
      });
      const events = await lastValueFrom(
        uploadFile$(createObsConnection({ server, credentials, transport }), {
          bucket,
          key: 'a.bin',
          sourceFile: fakeSource({ size: 250_000 }),
          partSize: 102_400,
          checkpointStore: open(),
          lock: null,
        }).pipe(toArray()),
      );
      const codes = events.flatMap((event) => (event.type === 'warning' ? event.error.code : []));
      expect([...new Set(codes)]).toEqual(warnings);
      expect(events.at(-1)?.type).toBe('completed');
    });
  });
});
