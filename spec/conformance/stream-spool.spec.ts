import { IDBDatabase, IDBFactory, IDBKeyRange } from 'fake-indexeddb';
import { from, lastValueFrom, toArray, type ObservableInput } from 'rxjs';
import { indexedDbSpool, type StreamSpool } from 'rx-obs-upload';
import { memorySpool } from 'rx-obs-upload/testing';

const part = { partNumber: 1, size: 3, etag: 'e' };
const stream = { id: 'a', name: 'a.webm', type: 'video/webm', size: null };

async function valuesOf<T>(input: ObservableInput<T>): Promise<T[]> {
  return lastValueFrom(from(input).pipe(toArray()));
}

describe.each<[string, () => StreamSpool]>([
  ['memory', memorySpool],
  ['IndexedDB', indexedDbSpool],
])('a spool in %s', (_, open) => {
  beforeEach(() => Object.assign(globalThis, { indexedDB: new IDBFactory(), IDBDatabase, IDBKeyRange }));

  it('gives back what was stored, in order', async () => {
    const spool = open();
    await valuesOf(spool.save(stream));
    await valuesOf(spool.append('a', 0, Uint8Array.of(1, 2)));
    await valuesOf(spool.append('a', 2, Uint8Array.of(3)));
    await valuesOf(spool.append('a', 300, Uint8Array.of(4)));
    const [recording] = await valuesOf(spool.load('a'));
    expect(recording).toMatchObject({ ...stream, acknowledged: [] });
    expect(recording?.chunks.map(({ start, chunk }) => [start, ...(chunk as Uint8Array)])).toEqual([
      [0, 1, 2],
      [2, 3],
      [300, 4],
    ]);
  });

  it('forgets the chunks that are released, and remembers the part', async () => {
    const spool = open();
    await valuesOf(spool.save(stream));
    await valuesOf(spool.append('a', 0, Uint8Array.of(1, 2)));
    await valuesOf(spool.append('a', 2, Uint8Array.of(3)));
    await valuesOf(spool.acknowledge('a', part, [0]));
    const [recording] = await valuesOf(spool.load('a'));
    expect(recording?.chunks.map(({ start }) => start)).toEqual([2]);
    expect(recording?.acknowledged).toEqual([part]);
  });

  it('replaces a description, lists streams, and removes one without the others', async () => {
    const spool = open();
    await valuesOf(spool.save(stream));
    await valuesOf(spool.save({ ...stream, size: 3 }));
    await valuesOf(spool.save({ ...stream, id: 'b' }));
    await valuesOf(spool.append('b', 0, Uint8Array.of(1)));
    expect((await valuesOf(spool.load('a')))[0]?.size).toBe(3);
    expect(await valuesOf(spool.list())).toEqual([['a', 'b']]);
    await valuesOf(spool.remove('a'));
    expect(await valuesOf(spool.list())).toEqual([['b']]);
    expect(await valuesOf(spool.load('a'))).toEqual([]);
    expect((await valuesOf(spool.load('b')))[0]?.chunks).toHaveLength(1);
  });
});

describe('a spool in IndexedDB', () => {
  it('forgets streams that have expired', async () => {
    Object.assign(globalThis, { indexedDB: new IDBFactory(), IDBDatabase, IDBKeyRange });
    await valuesOf(indexedDbSpool().save(stream));
    const now = Date.now();
    jest.spyOn(Date, 'now').mockReturnValue(now + 8 * 86_400_000);
    expect(await valuesOf(indexedDbSpool().list())).toEqual([[]]);
    jest.restoreAllMocks();
  });
});
