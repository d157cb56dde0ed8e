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

/** Real handles can be stored; only the data of this fake one can. */
const HANDLE = { kind: 'file', name: 'a.bin' } as FileHandle;
const FILE_KEY = JSON.stringify(['media', 'a', 'a.bin', 1000, 1_700_000_000_000]);
const DAY_MS = 86_400_000;

function resultOf<T>(input: ObservableInput<T>): Promise<T | null> {
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

  it('opens no database before it is used, and fails if there is no IndexedDB', async () => {
    Reflect.deleteProperty(globalThis, 'indexedDB');
    const store = open();
    const results = [store.load('a'), store.save('a', checkpointFor('a')), store.list(), store.files.list()];
    for (const result of results)
      await expect(resultOf<unknown>(result)).rejects.toMatchObject({ name: 'ReferenceError' });
    Object.assign(globalThis, { indexedDB: new IDBFactory() });
    expect(await resultOf(store.list())).toEqual([]);
  });

  it.each(['', 7])('refuses %p as the name of its database', (databaseName) => {
    expect(() => indexedDbCheckpointStore({ databaseName: databaseName as string })).toThrow(
      expect.objectContaining({ name: 'InvalidOptionsError', option: 'databaseName' }) as Error,
    );
  });

  it('removes a handle with its checkpoint', async () => {
    const { files, ...store } = open();
    await resultOf(files.keep(FILE_KEY, HANDLE));
    await resultOf(store.save('a', checkpointFor('a')));
    await resultOf(store.save('b', checkpointFor('b')));
    await resultOf(store.remove('b'));
    expect(await resultOf(files.list())).toEqual([FILE_KEY]);
    await resultOf(store.remove('a'));
    expect(await resultOf(files.list())).toEqual([]);
    expect(await resultOf(files.find(FILE_KEY))).toBeNull();
  });

  it('expires a handle at the same time as its checkpoint', async () => {
    const { files, ...store } = open();
    await resultOf(files.keep(FILE_KEY, HANDLE));
    now = DAY_MS - 1;
    await resultOf(store.save('a', checkpointFor('a')));
    now = 2 * DAY_MS - 2;
    expect(await resultOf(files.find(FILE_KEY))).toEqual(HANDLE);
    now = 2 * DAY_MS - 1;
    expect(await resultOf(files.find(FILE_KEY))).toBeNull();
    expect(await resultOf(files.list())).toEqual([]);
    expect(await resultOf(store.load('a'))).toBeNull();
    expect(await indexedDbPlace('rx-obs-upload').count()).toBe(0);
  });

  it('expires a handle that never got a checkpoint, and frees its space', async () => {
    const { files } = open();
    await resultOf(files.keep('first', HANDLE));
    now = DAY_MS;
    await resultOf(files.keep('second', HANDLE));
    expect(await resultOf(files.list())).toEqual(['second']);
    expect(await indexedDbPlace('rx-obs-upload').count()).toBe(1);
  });

  describe('with a connection that the browser closes', () => {
    /** Calls `before` before each transaction, except those that create a database. */
    const onTransaction = (before: (connection: IDBDatabase) => void): jest.SpyInstance => {
      const { transaction } = IDBDatabase.prototype;
      return jest.spyOn(IDBDatabase.prototype, 'transaction').mockImplementation(function (this: IDBDatabase, ...args) {
        if (String(args[1]) !== 'versionchange') before(this);
        return transaction.apply(this, args);
      });
    };
    const countOpens = (): jest.SpyInstance => jest.spyOn(indexedDB, 'open');

    // Browsers use different names for this error.
    it.each(['InvalidStateError', 'UnknownError', 'AbortError'])(
      'opens the database once more, then fails with the %s, and starts over at the next use',
      async (name) => {
        const { files, ...store } = open();
        await resultOf(store.save('a', checkpointFor('a')));
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
          await expect(resultOf<unknown>(use())).rejects.toMatchObject({ name });
          expect(failing).toHaveBeenCalledTimes(2);
        }
        // The first use had an open connection, and left none.
        expect(opens).toHaveBeenCalledTimes(2 * uses.length - 1);
        failing.mockRestore();
        expect(await resultOf(store.load('a'))).toEqual(checkpointFor('a'));
      },
    );

    it('opens the database once for all operations in progress', async () => {
      const store = open();
      await resultOf(store.save('a', checkpointFor('a')));
      let isFirst = true;
      onTransaction((connection) => {
        if (isFirst) connection.close();
        isFirst = false;
      });
      const opens = countOpens();
      const ids = ['b', 'c', 'd', 'e'];
      await Promise.all(ids.map((id) => resultOf(store.save(id, checkpointFor(id)))));
      expect(await resultOf(store.list())).toHaveLength(5);
      expect(opens).toHaveBeenCalledTimes(1);
    });

    it('opens the database again after the close event, without a failed transaction', async () => {
      const store = open();
      const used: IDBDatabase[] = [];
      onTransaction((connection) => used.push(connection));
      await resultOf(store.save('a', checkpointFor('a')));
      const closed = new Promise((resolve) => used[0]?.addEventListener('close', resolve));
      // The type of the parameter is the class, not a connection.
      forceCloseDatabase(used[0] as unknown as Parameters<typeof forceCloseDatabase>[0]);
      await closed;
      expect(await resultOf(store.list())).toHaveLength(1);
      expect(used).toHaveLength(2);
      expect(used[1]).not.toBe(used[0]);
    });

    it('repeats a transaction that the browser aborts', async () => {
      const store = open();
      await resultOf(store.save('a', checkpointFor('a')));
      const { put } = IDBObjectStore.prototype;
      jest.spyOn(IDBObjectStore.prototype, 'put').mockImplementationOnce(function (this: IDBObjectStore, ...args) {
        const request = put.apply(this, args);
        this.transaction.abort();
        return request;
      });
      await resultOf(store.save('a', checkpointFor('a', [3])));
      expect(await resultOf(store.load('a'))).toEqual(checkpointFor('a', [3]));
    });

    it('opens the database again if the first use was unsubscribed', async () => {
      const store = open();
      const opens = countOpens().mockImplementationOnce(() => ({}) as IDBOpenDBRequest);
      from(store.load('a')).subscribe().unsubscribe();
      await resultOf(store.save('a', checkpointFor('a')));
      expect(opens).toHaveBeenCalledTimes(2);
      expect(await resultOf(store.load('a'))).toEqual(checkpointFor('a'));
    });

    it('creates its object store in a database that other code created', async () => {
      await new Promise((resolve) => {
        const request = indexedDB.open('rx-obs-upload', 3);
        request.onsuccess = () => resolve(request.result.close());
      });
      const store = open();
      await resultOf(store.save('a', checkpointFor('a')));
      expect(await resultOf(store.load('a'))).toEqual(checkpointFor('a'));
    });

    it.each([
      ['once', 'no warning', 1, []],
      ['always', 'warnings', Infinity, ['store']],
    ])('an upload whose transactions fail %s completes with %s', async (_, __, times, warnings) => {
      const { server, credentials, transport, bucket } = createFakeObs();
      let remaining = times;
      onTransaction(() => {
        if (remaining-- > 0) throw new DOMException('', 'InvalidStateError');
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
