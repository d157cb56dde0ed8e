import { forkJoin, from, lastValueFrom, type ObservableInput } from 'rxjs';
import type {
  CheckpointStore,
  CheckpointStoreOptions,
  FileHandle,
  StoredCheckpoint,
  UploadCheckpoint,
} from 'rx-obs-upload';
import { expectSame, failureOf, scenario, type Scenario } from './scenario.js';

/** A place for checkpoints, empty at first. */
export interface StoreWorld {
  open(options?: CheckpointStoreOptions): CheckpointStore;
  /** What can be done to a place from outside; null where there is none. */
  readonly place: {
    /** How many records lie there. */
    count(): Promise<number>;
    /** Writes what is no record at all over the one of that id. */
    damage(id: string): Promise<unknown>;
    /** Takes away all that lies there, as another tab or a user who clears the site's data does. */
    wipe(): Promise<unknown>;
  } | null;
  /** What can happen to the database under an open store; null where there is none. */
  readonly database: {
    /** The browser closes the connection without an event; the next transaction finds it so. */
    closeBeforeUse(): void;
    /** Another tab opens it with a higher version; rejects where it is blocked. */
    upgrade(): Promise<void>;
  } | null;
  /** Whether another store over the same place finds what this one has saved. */
  readonly isShared: boolean;
}

/** Ids are made of keys and names of files, so anything may be in them. */
const ID = JSON.stringify([
  'https://obs.test',
  'media',
  '../дом/\u{1F3E0} "x".mp4',
  'C:\\a|b?*',
  42,
  null,
  'f'.repeat(300),
]);

/** Real handles survive being stored; of this one only its data does. */
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
  scenario('gives nothing where nothing was saved', async ({ open }) => {
    const store = open();
    expectSame(await load(store, ID), null, 'load');
    expectSame(await listed(store), [], 'list');
  }),
  scenario('gives back what was saved, under any id', async ({ open }) => {
    const store = open();
    for (const id of [ID, 'a', 'A', '__proto__', '.', '/']) await done(store.save(id, checkpointFor(id)));
    for (const id of [ID, 'a', 'A', '__proto__', '.', '/']) expectSame(await load(store, id), checkpointFor(id), id);
  }),
  scenario('replaces what was saved under the id, and nothing else', ({ open }) =>
    atTimes(async (setTime) => {
      const store = open();
      setTime(1000);
      await done(store.save('a', checkpointFor('a', [1])));
      await done(store.save('b', checkpointFor('b', [1])));
      setTime(2000);
      await done(store.save('a', checkpointFor('a', [1, 2, 3])));
      expectSame(
        await listed(store),
        [
          { id: 'a', savedAt: 2000, checkpoint: checkpointFor('a', [1, 2, 3]) },
          { id: 'b', savedAt: 1000, checkpoint: checkpointFor('b', [1]) },
        ],
        'list',
      );
    }),
  ),
  scenario('removes one, as often as it should', async ({ open }) => {
    const store = open();
    await done(store.save('a', checkpointFor('a')));
    await done(store.save('b', checkpointFor('b')));
    await done(store.remove('a'));
    await done(store.remove('a'));
    expectSame(await load(store, 'a'), null, 'load');
    expectSame(
      (await listed(store)).map(({ id }) => id),
      ['b'],
      'list',
    );
  }),
  scenario('does nothing before it is subscribed to', async ({ open }) => {
    const store = open();
    await done(store.save('a', checkpointFor('a')));
    void store.save('b', checkpointFor('b'));
    void store.remove('a');
    expectSame(
      (await listed(store)).map(({ id }) => id),
      ['a'],
      'list',
    );
  }),
  scenario('is asked several things at once', async ({ open }) => {
    const store = open();
    const ids = Array.from({ length: 20 }, (_, i) => `file ${String(i).padStart(2, '0')}`);
    await lastValueFrom(forkJoin(ids.flatMap((id) => [1, 2].map(() => store.save(id, checkpointFor(id))))));
    expectSame(
      (await listed(store)).map(({ checkpoint }) => checkpoint.key),
      ids,
      'list',
    );
  }),
  scenario('neither loads nor lists what has expired, and gives its room back', ({ open, place }) =>
    atTimes(async (setTime) => {
      const store = open({ expiresAfterMs: 1000 });
      setTime(5000);
      for (const id of ['loaded', 'listed', 'saved']) await done(store.save(id, checkpointFor(id)));
      setTime(5999);
      expectSame((await listed(store)).length, 3, 'kept to the last millisecond');
      await done(store.save('saved', checkpointFor('saved', [1, 2, 3])));
      setTime(6000);
      expectSame(await load(store, 'loaded'), null, 'load');
      if (place !== null) expectSame(await place.count(), 2, 'records after load');
      expectSame(
        (await listed(store)).map(({ id }) => id),
        ['saved'],
        'list',
      );
      if (place !== null) expectSame(await place.count(), 1, 'records after list');
    }),
  ),
  scenario('keeps for seven days where nothing else is said, and for ever where that is', ({ open }) =>
    atTimes(async (setTime) => {
      const [week, ever] = [open(), open({ expiresAfterMs: Infinity })];
      setTime(0);
      await done(week.save('a', checkpointFor('a')));
      await done(ever.save('b', checkpointFor('b')));
      setTime(7 * 86_400_000 - 1);
      expectSame(await load(week, 'a'), checkpointFor('a'), 'after nearly seven days');
      setTime(7 * 86_400_000);
      expectSame(await load(week, 'a'), null, 'after seven days');
      setTime(1e15);
      expectSame(await load(ever, 'b'), checkpointFor('b'), 'after a long time');
    }),
  ),
  scenario('fails to load what is no checkpoint, leaves it out of the list, and saves over it', async ({ open }) => {
    const store = open();
    await done(store.save('good', checkpointFor('good')));
    await done(store.save('bad', { ...checkpointFor('bad'), partSize: -1 }));
    expectSame(await failureOf(() => load(store, 'bad')), 'CheckpointError', 'load');
    expectSame(
      (await listed(store)).map(({ id }) => id),
      ['good'],
      'list',
    );
    await done(store.save('bad', checkpointFor('bad')));
    expectSame(await load(store, 'bad'), checkpointFor('bad'), 'load of the new one');
  }),
  scenario('does the same with an invalid record', async ({ open, place }) => {
    if (place === null) return;
    const store = open();
    await done(store.save('good', checkpointFor('good')));
    await done(store.save('bad', checkpointFor('bad')));
    await place.damage('bad');
    expectSame(await failureOf(() => load(store, 'bad')), 'CheckpointError', 'load');
    expectSame(
      (await listed(store)).map(({ id }) => id),
      ['good'],
      'list',
    );
    await done(store.save('bad', checkpointFor('bad')));
    expectSame(await load(store, 'bad'), checkpointFor('bad'), 'load of the new one');
  }),
  scenario('saves again after its place was taken away', async ({ open, place }) => {
    if (place === null) return;
    const [store, other] = [open(), open()];
    await done(store.save('a', checkpointFor('a')));
    await done(other.list());
    await place.wipe();
    expectSame(await load(store, 'a'), null, 'load');
    await done(store.save('b', checkpointFor('b')));
    expectSame(await load(store, 'b'), checkpointFor('b'), 'load of the new one');
  }),
  ...(['load', 'save', 'list', 'remove', 'files'] as const).map((use) =>
    scenario<StoreWorld>(
      `opens its database again where the browser has closed it: ${use}`,
      async ({ open, database }) => {
        if (database === null) return;
        const store = open();
        await done(store.save('a', checkpointFor('a')));
        database.closeBeforeUse();
        if (use === 'load') expectSame(await load(store, 'a'), checkpointFor('a'), 'load');
        if (use === 'list') expectSame((await listed(store)).length, 1, 'list');
        if (use === 'remove') await done(store.remove('a'));
        if (use === 'save') await done(store.save('a', checkpointFor('a', [3])));
        if (use === 'files') await done(store.files?.keep('file', FILE_HANDLE) ?? []);
        const parts = { load: [1, 2], list: [1, 2], remove: null, save: [3], files: [1, 2] }[use];
        expectSame(await load(store, 'a'), parts === null ? null : checkpointFor('a', parts), 'load afterwards');
        if (use === 'files') expectSame(await done(store.files?.list() ?? []), ['file'], 'names of files');
      },
    ),
  ),
  scenario('blocks nobody who upgrades its database, and finds its records afterwards', async ({ open, database }) => {
    if (database === null) return;
    const [store, other] = [open(), open()];
    await done(store.save('a', checkpointFor('a')));
    await done(other.list());
    await database.upgrade();
    expectSame(await load(store, 'a'), checkpointFor('a'), 'load');
    expectSame((await listed(other)).length, 1, 'list');
    await database.upgrade();
  }),
  scenario('shares its place with another store', async ({ open, isShared }) => {
    await done(open().save('a', checkpointFor('a')));
    expectSame(await load(open(), 'a'), isShared ? checkpointFor('a') : null, 'load');
  }),
  scenario('refuses a nonsensical expiry at once', async ({ open }) => {
    for (const expiresAfterMs of [0, -1, NaN, -Infinity, '7', null]) {
      expectSame(
        await failureOf(() => open({ expiresAfterMs: expiresAfterMs as number })),
        'InvalidOptionsError',
        `expiresAfterMs ${String(expiresAfterMs)}`,
      );
    }
  }),
];

function done(input: ObservableInput<unknown>): Promise<unknown> {
  return lastValueFrom(from(input), { defaultValue: null });
}

function load(store: CheckpointStore, id: string): Promise<UploadCheckpoint | null> {
  return lastValueFrom(from(store.load(id)), { defaultValue: null });
}

async function listed(store: CheckpointStore): Promise<readonly StoredCheckpoint[]> {
  const list = await lastValueFrom(from(store.list()));
  return [...list].sort((a, b) => (a.id < b.id ? -1 : 1));
}

/** RxJS takes the time from `Date.now`: nobody waits here. */
async function atTimes(scenario: (setTime: (ms: number) => void) => Promise<void>): Promise<void> {
  const realNow = Date.now;
  try {
    await scenario((ms) => (Date.now = () => ms));
  } finally {
    Date.now = realNow;
  }
}
