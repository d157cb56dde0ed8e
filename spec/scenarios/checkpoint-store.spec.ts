import {
  concat,
  concatMap,
  defer,
  EMPTY,
  firstValueFrom,
  NEVER,
  of,
  takeUntil,
  throwError,
  timer,
  type Observable,
  type ObservableInput,
} from 'rxjs';
import type { CheckpointStore, UploadCheckpoint, UploadEvent, UploadOptions } from 'rx-obs-upload';
import {
  fakeCheckpointStore,
  fakeLock,
  fakeSource,
  on,
  type FakeCheckpointStore,
  type FakeObsOptions,
} from 'rx-obs-upload/testing';
import { expectLaws } from '../support/laws.js';
import { eventsOf, expectObject, KIB, PART, typesOf, uploadWorld, type UploadWorld } from '../support/upload-world.js';
import { at, record, runVirtually, type Recording } from '../support/virtual-time.js';

/** Four parts, two at once: the first two are acknowledged at 120 ms, the others at 230 ms. */
function fourPartWorld(options: FakeObsOptions = {}): UploadWorld {
  return uploadWorld(options, {}, fakeSource({ name: 'film.mp4', size: 4 * PART }));
}

/** Runs until that moment, after which only the store is left. */
function runUntil(world: UploadWorld, ms: number, options: Partial<UploadOptions>): Recording<UploadEvent> {
  return runVirtually(() => record(world.upload(options).pipe(takeUntil(timer(ms)))));
}

function finish(world: UploadWorld, options: Partial<UploadOptions>): Recording<UploadEvent> {
  const events = runVirtually(() => record(world.upload(options)));
  expect(events.error).toBeUndefined();
  expectLaws(events);
  expectObject(world.fake, 'film.mp4', world.file);
  return events;
}

function expectPartsSentOnce({ fake }: UploadWorld): void {
  const parts = fake.arrivals('uploadPart').filter(({ status }) => status === 200);
  expect(parts.map(({ partNumber }) => partNumber).sort()).toEqual([1, 2, 3, 4]);
}

describe('an upload with a checkpoint store', () => {
  it('resumes where it stopped, sends only what is missing, and removes its entry when it completes', () => {
    const world = fourPartWorld();
    const checkpointStore = fakeCheckpointStore();
    runUntil(world, 125, { checkpointStore });
    const [entry] = checkpointStore.entries.values();
    expect(entry?.checkpoint).toMatchObject({ bucket: 'media', key: 'film.mp4' });
    const events = finish(world.reconnect(), { checkpointStore });
    expectPartsSentOnce(world);
    expect(world.fake.arrivals('initiateMultipartUpload')).toHaveLength(1);
    expect(eventsOf(events, 'started')[0]?.resumedBytes).toBe(2 * PART);
    expect(checkpointStore.entries.size).toBe(0);
  });

  it('has removed its entry before it emits `completed`', () => {
    const checkpointStore = fakeCheckpointStore({ latencyMs: 20 });
    const sizes: number[] = [];
    runVirtually(() => {
      const upload$ = fourPartWorld().upload({ checkpointStore });
      upload$.subscribe(({ type }) => type === 'completed' && sizes.push(checkpointStore.entries.size));
      return record(EMPTY);
    });
    expect(sizes).toEqual([0]);
  });

  it('lets a save and a remove complete that emit something before', () => {
    const world = fourPartWorld();
    const store = fakeCheckpointStore();
    const afterEvent = <T>(change: () => ObservableInput<T>): Observable<unknown> =>
      concat(of({ type: 'sent' }), timer(5), defer(change));
    const checkpointStore: CheckpointStore = {
      ...store,
      save: (id, checkpoint) => afterEvent(() => store.save(id, checkpoint)),
      remove: (id) => afterEvent(() => store.remove(id)),
    };
    runUntil(world, 125, { checkpointStore });
    expect(store.entries.size).toBe(1);
    finish(world.reconnect(), { checkpointStore });
    expectPartsSentOnce(world);
    expect(store.entries.size).toBe(0);
  });

  it('saves its checkpoint by place and file: another file or another key starts a new upload', () => {
    const world = fourPartWorld();
    const checkpointStore = fakeCheckpointStore();
    runUntil(world, 125, { checkpointStore });
    const other = fakeSource({ name: 'film.mp4', size: world.file.size, seed: 7 });
    const events = runVirtually(() => record(world.upload({ checkpointStore, sourceFile: other })));
    expect(eventsOf(events, 'started')[0]?.resumedBytes).toBe(0);
    expect(events.completed).toBe(true);
    expect(checkpointStore.entries.size).toBe(1);
    runUntil(world, 125, { checkpointStore, ...{ key: 'other.mp4' } });
    expect(checkpointStore.entries.size).toBe(2);
  });

  it('resumes with its original part size', () => {
    const world = fourPartWorld();
    const checkpointStore = fakeCheckpointStore();
    runUntil(world, 125, { checkpointStore });
    const events = finish(world.reconnect(), { checkpointStore, partSize: 150 * KIB });
    expect(eventsOf(events, 'started')[0]).toMatchObject({ partSize: PART, resumedBytes: 2 * PART });
  });

  it('saves its last checkpoint when it is unsubscribed, although the store is slow', () => {
    const world = fourPartWorld();
    const checkpointStore = fakeCheckpointStore({ latencyMs: 300 });
    const events = runUntil(world, 425, { checkpointStore });
    const [entry] = checkpointStore.entries.values();
    const last = eventsOf(events, 'checkpoint').at(-1)?.checkpoint;
    expect(last?.parts).toHaveLength(2);
    expect(entry?.checkpoint).toEqual(last);
  });

  it('prefers the checkpoint of the request', () => {
    const world = fourPartWorld();
    const checkpointStore = fakeCheckpointStore();
    const given = eventsOf(runUntil(world, 125, {}), 'checkpoint').at(-1)?.checkpoint ?? null;
    const events = runVirtually(() => record(world.resume(given, { checkpointStore })));
    expect(events.completed).toBe(true);
    expect(checkpointStore.counts.load).toBe(0);
    expect(checkpointStore.counts).toMatchObject({ remove: 1 });
  });

  it('does not use the store for a single PUT', () => {
    const checkpointStore = fakeCheckpointStore();
    const lock = fakeLock();
    finish(uploadWorld({}, {}, fakeSource({ size: 1000 })), { checkpointStore, lock });
    expect(checkpointStore.counts).toEqual({ load: 0, save: 0, remove: 0, list: 0 });
    expect(lock.asked).toEqual([]);
  });

  it('finds the object if the last page was closed before the response to complete', () => {
    const world = fourPartWorld({ faults: [on('completeMultipartUpload').delay(60_000)] });
    const checkpointStore = fakeCheckpointStore();
    runUntil(world, 5000, { checkpointStore });
    expect(world.fake.object('film.mp4')).not.toBeNull();
    finish(world.reconnect(), { checkpointStore });
    expectPartsSentOnce(world);
    expect(checkpointStore.entries.size).toBe(0);
  });

  it('fails with the stored checkpoint if the error comes first', () => {
    const world = fourPartWorld();
    const checkpointStore = fakeCheckpointStore();
    const stored = eventsOf(runUntil(world, 125, { checkpointStore }), 'checkpoint').at(-1)?.checkpoint;
    world.fake.addFaults(on('listParts', { times: Infinity }).reset());
    const events = runVirtually(() => record(world.reconnect().upload({ checkpointStore })));
    expect(events.error).toMatchObject({ name: 'NetworkError', checkpoint: stored });
  });

  it('reports what is lost if the stored upload no longer exists on the server', () => {
    const world = fourPartWorld();
    const checkpointStore = fakeCheckpointStore();
    runUntil(world, 125, { checkpointStore });
    world.fake.addFaults(on('listParts').respond(404, 'NoSuchUpload'));
    const events = finish(world.reconnect(), { checkpointStore });
    expect(eventsOf(events, 'restarted')).toEqual([{ type: 'restarted', reason: 'upload-gone', lostBytes: 2 * PART }]);
    expect(checkpointStore.entries.size).toBe(0);
  });

  it('starts a new upload with a warning if the SSE-C key differs from that of the stored one', () => {
    const world = fourPartWorld();
    const checkpointStore = fakeCheckpointStore();
    runUntil(world, 125, { checkpointStore, sse: { type: 'customer', key: new Uint8Array(32).fill(1) } });
    const sse = { type: 'customer', key: new Uint8Array(32).fill(2) } as const;
    const events = finish(world.reconnect(), { checkpointStore, sse });
    expect(eventsOf(events, 'warning').map(({ error }) => error.code)).toEqual(['store']);
    expect(eventsOf(events, 'started')[0]?.resumedBytes).toBe(0);
  });

  describe('completes if the store fails, with at most one warning', () => {
    const failures = [
      ['quota exceeded when saving', { on: 'save', as: 'quota' }],
      ['quota exceeded later', { on: 'save', as: 'quota', after: 1 }],
      ['blocked when loading', { on: 'load', as: 'blocked' }],
      ['a corrupt entry', { on: 'load', as: 'corrupt' }],
      ['blocked when removing', { on: 'remove', as: 'blocked' }],
      ['no response when loading', { on: 'load', as: 'silence' }],
      ['no response when saving', { on: 'save', as: 'silence' }],
      ['no response when removing', { on: 'remove', as: 'silence' }],
    ] as const;

    it.each(failures)('%s', (_, failure) => {
      const checkpointStore = fakeCheckpointStore({ failures: [failure] });
      const world = fourPartWorld({ bytesPerSecond: 30 * 1024 });
      const events = finish(world, { checkpointStore });
      const warnings = eventsOf(events, 'warning');
      expect(warnings).toHaveLength(1);
      expect(warnings[0]?.error).toMatchObject({ name: 'StoreError', code: 'store' });
    });

    it.each<[string, unknown]>([
      ['nothing', undefined],
      ['null', null],
      ['a string', 'checkpoint'],
      ['a checkpoint of another bucket', { bucket: 'theirs' }],
      ['a checkpoint of another key', { key: 'theirs.mp4' }],
      ['a checkpoint of another server', { server: 'https://evil.example' }],
    ])('or ignores the checkpoint if the store returns %s, and sends nothing elsewhere', (_, given) => {
      const world = fourPartWorld();
      const started = eventsOf(runUntil(world, 125, {}), 'checkpoint').at(-1)?.checkpoint;
      const found = typeof given === 'object' && given !== null ? { ...started, ...given } : given;
      const checkpointStore = { ...fakeCheckpointStore(), load: () => of(found as UploadCheckpoint) };
      const events = finish(world.reconnect(), { checkpointStore });
      expect(eventsOf(events, 'started')[0]?.resumedBytes).toBe(0);
      expect(eventsOf(events, 'warning')).toHaveLength(given === undefined || given === null ? 0 : 1);
      for (const { key } of world.fake.log) expect(key).toBe('film.mp4');
    });
  });

  describe('with a store that returns Promises', () => {
    beforeEach(() => jest.useFakeTimers());
    afterEach(() => jest.useRealTimers());

    it('leaves no entry where a save takes longer than it is waited for', async () => {
      const world = fourPartWorld();
      const store = fakeCheckpointStore();
      const save: CheckpointStore['save'] = (id, checkpoint) =>
        firstValueFrom(timer(8000).pipe(concatMap(() => store.save(id, checkpoint))));
      const events = record(world.upload({ checkpointStore: { ...store, save }, lock: null }));
      await jest.advanceTimersByTimeAsync(7000);
      expect(events.completed).toBe(true);
      await jest.advanceTimersByTimeAsync(20_000);
      expect(store.counts.save).toBeGreaterThan(0);
      expect(store.entries.size).toBe(0);
    });
  });

  describe('writes little', () => {
    function costOf(parts: number): FakeCheckpointStore {
      const checkpointStore = fakeCheckpointStore();
      const file = fakeSource({ size: parts * PART });
      const world = uploadWorld({ latencyMs: 100, bytesPerSecond: null, progressSteps: 0, etags: 'fast' }, {}, file);
      const events = runVirtually(() => record(world.upload({ checkpointStore, taskNum: 1 })));
      expect(events.completed).toBe(true);
      return checkpointStore;
    }

    it('in few writes, with bytes in proportion to the parts', () => {
      const hundred = costOf(100);
      const thousand = costOf(1000);
      expect(hundred.counts.save).toBeLessThan(40);
      expect(thousand.counts.save).toBeLessThan(100);
      expect(thousand.bytesWritten / hundred.bytesWritten).toBeLessThan(20);
    });
  });
});

describe('a lock', () => {
  it('lets the second subscriber wait and resume where the first one stopped', () => {
    const world = fourPartWorld();
    const [checkpointStore, lock] = [fakeCheckpointStore(), fakeLock()];
    let second: Recording<UploadEvent> | null = null;
    runVirtually(() => {
      const first = record(world.upload({ checkpointStore, lock }).pipe(takeUntil(timer(125))));
      second = record(world.upload({ checkpointStore, lock }));
      return first;
    });
    const events = second as Recording<UploadEvent> | null;
    expect(events?.completed).toBe(true);
    expect(events && typesOf(events).slice(0, 2)).toEqual(['waiting', 'started']);
    expect(events?.values[0]).toEqual({ type: 'waiting', reason: 'locked' });
    expectPartsSentOnce(world);
    expect(world.fake.arrivals('initiateMultipartUpload')).toHaveLength(1);
    expect(lock).toMatchObject({ held: [], waiting: [] });
  });

  it('lets the second subscriber find the object of the first one', () => {
    const world = fourPartWorld();
    const [checkpointStore, lock] = [fakeCheckpointStore(), fakeLock()];
    let second: Recording<UploadEvent> | null = null;
    runVirtually(() => {
      const first = record(world.upload({ checkpointStore, lock }));
      at(50, () => (second = record(world.upload({ checkpointStore, lock }))));
      return first;
    });
    const events = second as Recording<UploadEvent> | null;
    expect(events?.values.at(-1)).toMatchObject({ type: 'completed', result: { totalBytes: world.file.size } });
    expectPartsSentOnce(world);
  });

  it('lets it find that object even if it began to wait before the first checkpoint was saved', () => {
    const world = fourPartWorld({ bytesPerSecond: 100 * KIB });
    const [checkpointStore, lock] = [fakeCheckpointStore(), fakeLock()];
    const events = runVirtually(() => {
      world.upload({ checkpointStore, lock }).subscribe();
      return record(world.upload({ checkpointStore, lock }));
    });
    expect(typesOf(events)[0]).toBe('waiting');
    expect(events.completed).toBe(true);
    expectPartsSentOnce(world);
    expect(world.fake.arrivals('initiateMultipartUpload')).toHaveLength(1);
  });

  it('is released when the waiting upload is unsubscribed, and when an upload fails', () => {
    const world = fourPartWorld();
    const [checkpointStore, lock] = [fakeCheckpointStore(), fakeLock()];
    lock.holdElsewhere();
    const waiting = runUntil(world, 50, { checkpointStore, lock });
    expect(typesOf(waiting)).toEqual(['waiting']);
    expect(world.fake.log).toEqual([]);
    lock.releaseElsewhere();
    world.fake.addFaults(on('uploadPart').respond(403, 'AccessDenied'));
    const failed = runVirtually(() => record(world.upload({ checkpointStore, lock })));
    expect(failed.error).toMatchObject({ serviceCode: 'AccessDenied' });
    expect(lock).toMatchObject({ held: [], waiting: [] });
  });

  it('that is not available is reported, and the upload continues', () => {
    const world = fourPartWorld();
    const lock = { hold: () => throwError(() => Object.assign(new Error('no'), { name: 'SecurityError' })) };
    const events = finish(world, { checkpointStore: fakeCheckpointStore(), lock });
    expect(eventsOf(events, 'warning').map(({ error }) => error.message)).toEqual([
      'The lock is not available (SecurityError), so another tab could upload the same file at the same time.',
    ]);
  });

  it.each([
    ['at once', EMPTY],
    ['while it waits', of('waiting' as const)],
  ])('that completes %s without being held is reported, and the upload continues', (_, hold$) => {
    const lock = { hold: () => hold$ };
    const events = finish(fourPartWorld(), { checkpointStore: fakeCheckpointStore(), lock });
    expect(eventsOf(events, 'warning')).toMatchObject([{ error: { code: 'store' } }]);
  });

  it('that completes once it is held does not stop the upload', () => {
    const lock = { hold: () => of('held' as const) };
    const events = finish(fourPartWorld(), { checkpointStore: fakeCheckpointStore(), lock });
    expect(typesOf(events)).not.toContain('warning');
  });

  it('is not used without a store', () => {
    const lock = { hold: () => NEVER };
    finish(fourPartWorld(), { lock });
  });
});
