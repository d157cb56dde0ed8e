import { EMPTY, NEVER, of, takeUntil, throwError, timer } from 'rxjs';
import type { UploadCheckpoint, UploadEvent, UploadOptions } from 'rx-obs-upload';
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
function fourParts(options: FakeObsOptions = {}): UploadWorld {
  return uploadWorld(options, {}, fakeSource({ name: 'film.mp4', size: 4 * PART }));
}

/** Runs until that moment, then everything is gone but the store. */
function leave(world: UploadWorld, ms: number, options: Partial<UploadOptions>): Recording<UploadEvent> {
  return runVirtually(() => record(world.upload(options).pipe(takeUntil(timer(ms)))));
}

function finish(world: UploadWorld, options: Partial<UploadOptions>): Recording<UploadEvent> {
  const events = runVirtually(() => record(world.upload(options)));
  expect(events.error).toBeUndefined();
  expectLaws(events);
  expectObject(world.fake, 'film.mp4', world.file);
  return events;
}

function sentOnce({ fake }: UploadWorld): void {
  const parts = fake.arrivals('uploadPart').filter(({ status }) => status === 200);
  expect(parts.map(({ partNumber }) => partNumber).sort()).toEqual([1, 2, 3, 4]);
}

describe('an upload with a checkpoint store', () => {
  it('resumes by itself where it stood, sends only what is missing, and is forgotten when it is done', () => {
    const world = fourParts();
    const checkpointStore = fakeCheckpointStore();
    leave(world, 125, { checkpointStore });
    const [entry] = checkpointStore.entries.values();
    expect(entry?.checkpoint).toMatchObject({ bucket: 'media', key: 'film.mp4' });
    const events = finish(world.reconnect(), { checkpointStore });
    sentOnce(world);
    expect(world.fake.arrivals('initiateMultipartUpload')).toHaveLength(1);
    expect(eventsOf(events, 'started')[0]?.resumedBytes).toBe(2 * PART);
    expect(checkpointStore.entries.size).toBe(0);
  });

  it('has forgotten it before it says that it is done', () => {
    const checkpointStore = fakeCheckpointStore({ latencyMs: 20 });
    const sizes: number[] = [];
    runVirtually(() => {
      const upload$ = fourParts().upload({ checkpointStore });
      upload$.subscribe(({ type }) => type === 'completed' && sizes.push(checkpointStore.entries.size));
      return record(EMPTY);
    });
    expect(sizes).toEqual([0]);
  });

  it('keeps it under an id of place and file: another key, another file, another server starts over', () => {
    const world = fourParts();
    const checkpointStore = fakeCheckpointStore();
    leave(world, 125, { checkpointStore });
    const other = fakeSource({ name: 'film.mp4', size: world.file.size, seed: 7 });
    const events = runVirtually(() => record(world.upload({ checkpointStore, sourceFile: other })));
    expect(eventsOf(events, 'started')[0]?.resumedBytes).toBe(0);
    expect(events.completed).toBe(true);
    expect(checkpointStore.entries.size).toBe(1);
    leave(world, 125, { checkpointStore, ...{ key: 'other.mp4' } });
    expect(checkpointStore.entries.size).toBe(2);
  });

  it('continues with the part size that it began with', () => {
    const world = fourParts();
    const checkpointStore = fakeCheckpointStore();
    leave(world, 125, { checkpointStore });
    const events = finish(world.reconnect(), { checkpointStore, partSize: 150 * KIB });
    expect(eventsOf(events, 'started')[0]).toMatchObject({ partSize: PART, resumedBytes: 2 * PART });
  });

  it('writes what is not yet written when it is unsubscribed from, though the store is slow', () => {
    const world = fourParts();
    const checkpointStore = fakeCheckpointStore({ latencyMs: 300 });
    const events = leave(world, 425, { checkpointStore });
    const [entry] = checkpointStore.entries.values();
    const last = eventsOf(events, 'checkpoint').at(-1)?.checkpoint;
    expect(last?.parts).toHaveLength(2);
    expect(entry?.checkpoint).toEqual(last);
  });

  it('prefers the checkpoint that it is given', () => {
    const world = fourParts();
    const checkpointStore = fakeCheckpointStore();
    const given = eventsOf(leave(world, 125, {}), 'checkpoint').at(-1)?.checkpoint ?? null;
    const events = runVirtually(() => record(world.resume(given, { checkpointStore })));
    expect(events.completed).toBe(true);
    expect(checkpointStore.counts.load).toBe(0);
    expect(checkpointStore.counts).toMatchObject({ remove: 1 });
  });

  it('is not asked about a file of one PUT', () => {
    const checkpointStore = fakeCheckpointStore();
    const lock = fakeLock();
    finish(uploadWorld({}, {}, fakeSource({ size: 1000 })), { checkpointStore, lock });
    expect(checkpointStore.counts).toEqual({ load: 0, save: 0, remove: 0, list: 0 });
    expect(lock.asked).toEqual([]);
  });

  it('finds the object where the last page was closed before it knew that it was done', () => {
    const world = fourParts({ faults: [on('completeMultipartUpload').delay(60_000)] });
    const checkpointStore = fakeCheckpointStore();
    leave(world, 5000, { checkpointStore });
    expect(world.fake.object('film.mp4')).not.toBeNull();
    finish(world.reconnect(), { checkpointStore });
    sentOnce(world);
    expect(checkpointStore.entries.size).toBe(0);
  });

  it('carries what the store knew in an error that comes before anything else', () => {
    const world = fourParts();
    const checkpointStore = fakeCheckpointStore();
    const kept = eventsOf(leave(world, 125, { checkpointStore }), 'checkpoint').at(-1)?.checkpoint;
    world.fake.addFaults(on('listParts', { times: Infinity }).reset());
    const events = runVirtually(() => record(world.reconnect().upload({ checkpointStore })));
    expect(events.error).toMatchObject({ name: 'NetworkError', checkpoint: kept });
  });

  it('reports what is lost when the stored upload is gone from the server', () => {
    const world = fourParts();
    const checkpointStore = fakeCheckpointStore();
    leave(world, 125, { checkpointStore });
    world.fake.addFaults(on('listParts').respond(404, 'NoSuchUpload'));
    const events = finish(world.reconnect(), { checkpointStore });
    expect(eventsOf(events, 'restarted')).toEqual([{ type: 'restarted', reason: 'upload-gone', lostBytes: 2 * PART }]);
    expect(checkpointStore.entries.size).toBe(0);
  });

  it('starts over where the SSE-C key is another one than that of the stored upload, and says so', () => {
    const world = fourParts();
    const checkpointStore = fakeCheckpointStore();
    leave(world, 125, { checkpointStore, sse: { type: 'customer', key: new Uint8Array(32).fill(1) } });
    const sse = { type: 'customer', key: new Uint8Array(32).fill(2) } as const;
    const events = finish(world.reconnect(), { checkpointStore, sse });
    expect(eventsOf(events, 'warning').map(({ error }) => error.code)).toEqual(['store']);
    expect(eventsOf(events, 'started')[0]?.resumedBytes).toBe(0);
  });

  describe('that fails never fails the upload, and is reported once', () => {
    const failures = [
      ['quota when saving', { on: 'save', as: 'quota' }],
      ['quota after a while', { on: 'save', as: 'quota', after: 1 }],
      ['blocked when loading', { on: 'load', as: 'blocked' }],
      ['a corrupt entry', { on: 'load', as: 'corrupt' }],
      ['blocked when removing', { on: 'remove', as: 'blocked' }],
      ['silence when loading', { on: 'load', as: 'silence' }],
      ['silence when saving', { on: 'save', as: 'silence' }],
      ['silence when removing', { on: 'remove', as: 'silence' }],
    ] as const;

    it.each(failures)('%s', (_, failure) => {
      const checkpointStore = fakeCheckpointStore({ failures: [failure] });
      const world = fourParts({ bytesPerSecond: 30 * 1024 });
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
    ])('and one that gives %s leads nowhere else', (_, given) => {
      const world = fourParts();
      const begun = eventsOf(leave(world, 125, {}), 'checkpoint').at(-1)?.checkpoint;
      const found = typeof given === 'object' && given !== null ? { ...begun, ...given } : given;
      const checkpointStore = { ...fakeCheckpointStore(), load: () => of(found as UploadCheckpoint) };
      const events = finish(world.reconnect(), { checkpointStore });
      expect(eventsOf(events, 'started')[0]?.resumedBytes).toBe(0);
      expect(eventsOf(events, 'warning')).toHaveLength(given === undefined || given === null ? 0 : 1);
      for (const { key } of world.fake.log) expect(key).toBe('film.mp4');
    });
  });

  describe('costs little', () => {
    function cost(parts: number): FakeCheckpointStore {
      const checkpointStore = fakeCheckpointStore();
      const file = fakeSource({ size: parts * PART });
      const world = uploadWorld({ latencyMs: 100, bytesPerSecond: null, progressSteps: 0, etags: 'fast' }, {}, file);
      const events = runVirtually(() => record(world.upload({ checkpointStore, taskNum: 1 })));
      expect(events.completed).toBe(true);
      return checkpointStore;
    }

    it('few writes, and bytes in proportion to the parts', () => {
      const hundred = cost(100);
      const thousand = cost(1000);
      expect(hundred.counts.save).toBeLessThan(40);
      expect(thousand.counts.save).toBeLessThan(100);
      expect(thousand.bytesWritten / hundred.bytesWritten).toBeLessThan(20);
    });
  });
});

describe('a lock', () => {
  it('lets the second subscriber wait, and take over where the first one stopped', () => {
    const world = fourParts();
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
    sentOnce(world);
    expect(world.fake.arrivals('initiateMultipartUpload')).toHaveLength(1);
    expect(lock).toMatchObject({ held: [], waiting: [] });
  });

  it('finds the object that the first one has made', () => {
    const world = fourParts();
    const [checkpointStore, lock] = [fakeCheckpointStore(), fakeLock()];
    let second: Recording<UploadEvent> | null = null;
    runVirtually(() => {
      const first = record(world.upload({ checkpointStore, lock }));
      at(50, () => (second = record(world.upload({ checkpointStore, lock }))));
      return first;
    });
    const events = second as Recording<UploadEvent> | null;
    expect(events?.values.at(-1)).toMatchObject({ type: 'completed', result: { totalBytes: world.file.size } });
    sentOnce(world);
  });

  it('finds that object though it began to wait before the first one had saved anything', () => {
    const world = fourParts({ bytesPerSecond: 100 * KIB });
    const [checkpointStore, lock] = [fakeCheckpointStore(), fakeLock()];
    const events = runVirtually(() => {
      world.upload({ checkpointStore, lock }).subscribe();
      return record(world.upload({ checkpointStore, lock }));
    });
    expect(typesOf(events)[0]).toBe('waiting');
    expect(events.completed).toBe(true);
    sentOnce(world);
    expect(world.fake.arrivals('initiateMultipartUpload')).toHaveLength(1);
  });

  it('is given back when it is unsubscribed from while waiting, and when the upload fails', () => {
    const world = fourParts();
    const [checkpointStore, lock] = [fakeCheckpointStore(), fakeLock()];
    lock.holdElsewhere();
    const waiting = leave(world, 50, { checkpointStore, lock });
    expect(typesOf(waiting)).toEqual(['waiting']);
    expect(world.fake.log).toEqual([]);
    lock.releaseElsewhere();
    world.fake.addFaults(on('uploadPart').respond(403, 'AccessDenied'));
    const failed = runVirtually(() => record(world.upload({ checkpointStore, lock })));
    expect(failed.error).toMatchObject({ serviceCode: 'AccessDenied' });
    expect(lock).toMatchObject({ held: [], waiting: [] });
  });

  it('that cannot be had is reported, and the upload continues', () => {
    const world = fourParts();
    const lock = { hold: () => throwError(() => Object.assign(new Error('no'), { name: 'SecurityError' })) };
    const events = finish(world, { checkpointStore: fakeCheckpointStore(), lock });
    expect(eventsOf(events, 'warning').map(({ error }) => error.message)).toEqual([
      'The lock is not available (SecurityError), so another tab could upload the same file at the same time.',
    ]);
  });

  it('is not asked without a store', () => {
    const lock = { hold: () => NEVER };
    finish(fourParts(), { lock });
  });
});
