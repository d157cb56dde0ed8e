import { forkJoin, from, lastValueFrom, type ObservableInput } from 'rxjs';
import type {
  CheckpointStore,
  CheckpointStoreOptions,
  FileHandle,
  StoredCheckpoint,
  UploadCheckpoint,
} from 'rx-obs-upload';
import { expectSame, failureOf, required, scenario, type Scenario } from './scenario.js';

/** Storage for checkpoints, initially empty. */
export interface StoreWorld {
  open(options?: CheckpointStoreOptions): CheckpointStore;
  /** Access to the storage behind the store's back; null if there is none. */
  readonly place: {
    /** The number of stored records. */
    count(): Promise<number>;
    /** Overwrites the record of that id with something that is not a record. */
    damage(id: string): Promise<unknown>;
    /** Deletes everything, as another tab or a user who clears the site's data does. */
    wipe(): Promise<unknown>;
  } | null;
  /** What can happen to the database while a store has it open; null if there is none. */
  readonly database: {
    /** Closes the connection without an event, as browsers do; the next transaction finds it closed. */
    closeBeforeUse(): void;
    /** Opens it with a higher version, as another tab does; rejects if that is blocked. */
    upgrade(): Promise<void>;
  } | null;
  /** Whether another store over the same storage finds what this one has saved. */
  readonly isShared: boolean;
}

/** Ids contain object keys and file names, so they may contain anything. */
const ID = JSON.stringify([
  'https://obs.test',
  'media',
  '../дом/\u{1F3E0} "x".mp4',
  'C:\\a|b?*',
  42,
  null,
  'f'.repeat(300),
]);

/** Real handles can be stored; of this one only the data survives. */
const FILE_HANDLE = { kind: 'file', name: 'a.bin' } as FileHandle;

export function checkpointFor(key: string, parts: readonly number[] = [1, 2]): UploadCheckpoint {
  return {
    version: 1,
    server: 'https://obs.test',
    bucket: 'media',
    key,
    uploadId: '0001',
    partSize: 100,
    file: { name: 'a.bin', size: 1000, lastModified: 1_700_000_000_000, sample: 'c0ffee' },
    object: { metadata: { title: 'Grüße' } },
    sseCustomerKeyMd5: null,
    parts: parts.map((partNumber) => ({ partNumber, size: 100, etag: `e${partNumber}` })),
  };
}

export const checkpointStoreScenarios: readonly Scenario<StoreWorld>[] = [
  scenario('is empty at first', async ({ open }) => {
    const store = open();
    expectSame(await load(store, ID), null, 'load');
    expectSame(await sortedList(store), [], 'list');
  }),
  scenario('loads what was saved, under any id', async ({ open }) => {
    const store = open();
    for (const id of [ID, 'a', 'A', '__proto__', '.', '/']) await run(store.save(id, checkpointFor(id)));
    for (const id of [ID, 'a', 'A', '__proto__', '.', '/']) expectSame(await load(store, id), checkpointFor(id), id);
  }),
  scenario('replaces what was saved under the id, and nothing else', ({ open }) =>
    atTimes(async (setTime) => {
      const store = open();
      setTime(1000);
      await run(store.save('a', checkpointFor('a', [1])));
      await run(store.save('b', checkpointFor('b', [1])));
      setTime(2000);
      await run(store.save('a', checkpointFor('a', [1, 2, 3])));
      expectSame(
        await sortedList(store),
        [
          { id: 'a', savedAt: 2000, checkpoint: checkpointFor('a', [1, 2, 3]) },
          { id: 'b', savedAt: 1000, checkpoint: checkpointFor('b', [1]) },
        ],
        'list',
      );
    }),
  ),
  scenario('removes one checkpoint, and ignores a repeated remove', async ({ open }) => {
    const store = open();
    await run(store.save('a', checkpointFor('a')));
    await run(store.save('b', checkpointFor('b')));
    await run(store.remove('a'));
    await run(store.remove('a'));
    expectSame(await load(store, 'a'), null, 'load');
    expectSame(
      (await sortedList(store)).map(({ id }) => id),
      ['b'],
      'list',
    );
  }),
  scenario('does nothing until it is subscribed to', async ({ open }) => {
    const store = open();
    await run(store.save('a', checkpointFor('a')));
    void store.save('b', checkpointFor('b'));
    void store.remove('a');
    expectSame(
      (await sortedList(store)).map(({ id }) => id),
      ['a'],
      'list',
    );
  }),
  scenario('handles concurrent saves', async ({ open }) => {
    const store = open();
    const ids = Array.from({ length: 20 }, (_, i) => `file ${String(i).padStart(2, '0')}`);
    await lastValueFrom(forkJoin(ids.flatMap((id) => [1, 2].map(() => store.save(id, checkpointFor(id))))));
    expectSame(
      (await sortedList(store)).map(({ checkpoint }) => checkpoint.key),
      ids,
      'list',
    );
  }),
  scenario('neither loads nor lists expired checkpoints, and deletes them', ({ open, place }) =>
    atTimes(async (setTime) => {
      const store = open({ expiresAfterMs: 1000 });
      setTime(5000);
      for (const id of ['loaded', 'listed', 'saved']) await run(store.save(id, checkpointFor(id)));
      setTime(5999);
      expectSame((await sortedList(store)).length, 3, 'kept to the last millisecond');
      await run(store.save('saved', checkpointFor('saved', [1, 2, 3])));
      setTime(6000);
      expectSame(await load(store, 'loaded'), null, 'load');
      if (place !== null) expectSame(await place.count(), 2, 'records after load');
      expectSame(
        (await sortedList(store)).map(({ id }) => id),
        ['saved'],
        'list',
      );
      if (place !== null) expectSame(await place.count(), 1, 'records after list');
    }),
  ),
  scenario('expires after seven days by default, and never with Infinity', ({ open }) =>
    atTimes(async (setTime) => {
      const [byDefault, forever] = [open(), open({ expiresAfterMs: Infinity })];
      setTime(0);
      await run(byDefault.save('a', checkpointFor('a')));
      await run(forever.save('b', checkpointFor('b')));
      setTime(7 * 86_400_000 - 1);
      expectSame(await load(byDefault, 'a'), checkpointFor('a'), 'after nearly seven days');
      setTime(7 * 86_400_000);
      expectSame(await load(byDefault, 'a'), null, 'after seven days');
      setTime(1e15);
      expectSame(await load(forever, 'b'), checkpointFor('b'), 'after a long time');
    }),
  ),
  scenario('fails to load an invalid checkpoint, does not list it, and overwrites it', ({ open }) => {
    const store = open();
    return expectInvalid(store, () => run(store.save('bad', { ...checkpointFor('bad'), partSize: -1 })));
  }),
  scenario(
    'fails to load an invalid record, does not list it, and overwrites it',
    ({ open, place }) => {
      const store = open();
      return expectInvalid(store, async () => {
        await run(store.save('bad', checkpointFor('bad')));
        await required(place).damage('bad');
      });
    },
    'place',
  ),
  scenario(
    'saves again after its storage was wiped',
    async ({ open, place }) => {
      const [store, other] = [open(), open()];
      await run(store.save('a', checkpointFor('a')));
      await run(other.list());
      await required(place).wipe();
      expectSame(await load(store, 'a'), null, 'load');
      await run(store.save('b', checkpointFor('b')));
      expectSame(await load(store, 'b'), checkpointFor('b'), 'load of the new one');
    },
    'place',
  ),
  ...(['load', 'save', 'list', 'remove', 'files'] as const).map((use) =>
    scenario<StoreWorld>(
      `reopens its database after the browser has closed it: ${use}`,
      async ({ open, database }) => {
        const store = open();
        await run(store.save('a', checkpointFor('a')));
        required(database).closeBeforeUse();
        if (use === 'load') expectSame(await load(store, 'a'), checkpointFor('a'), 'load');
        if (use === 'list') expectSame((await sortedList(store)).length, 1, 'list');
        if (use === 'remove') await run(store.remove('a'));
        if (use === 'save') await run(store.save('a', checkpointFor('a', [3])));
        if (use === 'files') await run(store.files?.keep('file', FILE_HANDLE) ?? []);
        const parts = { load: [1, 2], list: [1, 2], remove: null, save: [3], files: [1, 2] }[use];
        expectSame(await load(store, 'a'), parts === null ? null : checkpointFor('a', parts), 'load afterwards');
        if (use === 'files') expectSame(await run(store.files?.list() ?? []), ['file'], 'names of files');
      },
      'database',
    ),
  ),
  scenario(
    'does not block an upgrade of its database, and finds its records afterwards',
    async ({ open, database }) => {
      const { upgrade } = required(database);
      const [store, other] = [open(), open()];
      await run(store.save('a', checkpointFor('a')));
      await run(other.list());
      await upgrade();
      expectSame(await load(store, 'a'), checkpointFor('a'), 'load');
      expectSame((await sortedList(other)).length, 1, 'list');
      await upgrade();
    },
    'database',
  ),
  scenario('shares its storage with another store if isShared', async ({ open, isShared }) => {
    await run(open().save('a', checkpointFor('a')));
    expectSame(await load(open(), 'a'), isShared ? checkpointFor('a') : null, 'load');
  }),
  scenario('throws at once for an invalid expiresAfterMs', async ({ open }) => {
    for (const expiresAfterMs of [0, -1, NaN, -Infinity, '7', null]) {
      expectSame(
        await failureOf(() => open({ expiresAfterMs: expiresAfterMs as number })),
        'InvalidOptionsError',
        `expiresAfterMs ${String(expiresAfterMs)}`,
      );
    }
  }),
];

/** @param makeInvalid - leaves something in the store that is not a checkpoint, under the id `bad` */
async function expectInvalid(store: CheckpointStore, makeInvalid: () => Promise<unknown>): Promise<void> {
  await run(store.save('good', checkpointFor('good')));
  await makeInvalid();
  expectSame(await failureOf(() => load(store, 'bad')), 'CheckpointError', 'load');
  expectSame(
    (await sortedList(store)).map(({ id }) => id),
    ['good'],
    'list',
  );
  await run(store.save('bad', checkpointFor('bad')));
  expectSame(await load(store, 'bad'), checkpointFor('bad'), 'load of the new one');
}

function run(input: ObservableInput<unknown>): Promise<unknown> {
  return lastValueFrom(from(input), { defaultValue: null });
}

function load(store: CheckpointStore, id: string): Promise<UploadCheckpoint | null> {
  return lastValueFrom(from(store.load(id)), { defaultValue: null });
}

async function sortedList(store: CheckpointStore): Promise<readonly StoredCheckpoint[]> {
  const list = await lastValueFrom(from(store.list()));
  return [...list].sort((a, b) => (a.id < b.id ? -1 : 1));
}

/** RxJS takes the time from `Date.now`, so nothing has to wait. */
async function atTimes(scenario: (setTime: (ms: number) => void) => Promise<void>): Promise<void> {
  const realNow = Date.now;
  try {
    await scenario((ms) => (Date.now = () => ms));
  } finally {
    Date.now = realNow;
  }
}
