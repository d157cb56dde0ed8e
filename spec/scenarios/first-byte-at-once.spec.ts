import { BehaviorSubject, filter, map, NEVER, tap, timer } from 'rxjs';
import { abortUpload$, memoryCheckpointStore, type UploadEvent } from 'rx-obs-upload';
import { fakeSource, on } from 'rx-obs-upload/testing';
import { expectLaws } from '../support/laws.js';
import {
  eventsOf,
  lastCheckpoint,
  READ_MS,
  slowSource,
  withOverrides,
  typesOf,
  uploadWorld,
  type UploadWorld,
} from '../support/upload-world.js';
import { at, inVirtualTime, record, runVirtually, type Recording } from '../support/virtual-time.js';
import {
  expectFailed,
  expectCanResume,
  expectUploaded,
  expectEndedCleanly,
  expectFired,
  resumeAsJson,
  THREE_ATTEMPTS,
} from '../support/scenario-world.js';

function arrivedAt(world: UploadWorld): number[] {
  return world.fake.arrivals('uploadPart').map(({ at: ms }) => ms);
}

function run(world: UploadWorld, options: Parameters<UploadWorld['upload']>[0] = {}): Recording<UploadEvent> {
  return runVirtually(() =>
    record(world.upload({ sourceFile: slowSource(world.file), retry: THREE_ATTEMPTS, ...options })),
  );
}

describe('the first byte of a new upload', () => {
  it('is sent while the file is identified: initiate at once, the first parts with its response', () => {
    const world = uploadWorld();
    const order: string[] = [];
    const sourceFile = slowSource(world.file, READ_MS, () => order.push('read'));
    const events = runVirtually(() =>
      record(
        world.upload({ sourceFile }).pipe(
          filter(({ type }) => type !== 'progress'),
          tap(({ type }) => order.push(type)),
        ),
      ),
    );
    expect(events.error).toBeUndefined();
    expect(world.fake.arrivals('initiateMultipartUpload')[0]?.at).toBe(0);
    expect(arrivedAt(world).slice(0, 2)).toEqual([10, 10]);
    expect(order.slice(0, 8)).toEqual([
      'read',
      'started',
      'part-started',
      'part-started',
      'read',
      'read',
      'part-started',
      'part-started',
    ]);
    expect(order.filter((step) => step === 'read')).toHaveLength(8);
  });

  it('is sent before the sample is hashed, and the first checkpoint comes with the sample', () => {
    const world = uploadWorld();
    const events = run(world);
    const first = eventsOf(events, 'checkpoint')[0]?.checkpoint;
    expect(first).toMatchObject({ parts: [], file: { sample: expect.stringMatching(/^[0-9a-f]{32}$/) as string } });
    const quick = uploadWorld();
    const known = runVirtually(() => record(quick.upload()));
    expect(first?.file).toEqual(eventsOf(known, 'checkpoint')[0]?.checkpoint.file);
    const last = lastCheckpoint(events);
    expect(last).toMatchObject({ file: first?.file });
    expect(last.parts).toHaveLength(4);
    expect(Object.isFrozen(last)).toBe(true);
  });

  it.each([
    ['2 ms', 2],
    ['0.5 ms', 0.5],
    ['1000 ms, which is after all parts', 1000],
  ])('is followed by the same events however long reading takes: %s', (_, ms) => {
    const world = uploadWorld();
    const events = run(world, { sourceFile: slowSource(world.file, ms) });
    expectUploaded(world, events);
    expect(eventsOf(events, 'checkpoint').map(({ checkpoint }) => checkpoint.parts.length)).toEqual([0, 1, 2, 3, 4]);
    expect(eventsOf(events, 'part-completed')).toHaveLength(4);
    expect(Math.max(...arrivedAt(world))).toBeLessThan(250);
  });

  it('needs no read for a single PUT', () => {
    const world = uploadWorld({}, {}, fakeSource({ name: 'film.mp4', size: 1000 }));
    expectUploaded(world, run(world));
    expect(world.fake.log).toHaveLength(1);
    expect(world.fake.log[0]?.at).toBe(0);
    expect(world.file.reads).toEqual([]);
  });

  it('of an empty file waits until the file is known to be readable', () => {
    const world = uploadWorld({}, {}, fakeSource({ name: 'film.mp4', size: 0 }));
    world.file.failReads({ to: 1 });
    const unreadable = withOverrides(world.file, {
      read: () =>
        timer(READ_MS).pipe(
          map(() => {
            throw new Error('gone');
          }),
        ),
    });
    const events = run(world, { sourceFile: unreadable });
    expectFailed(world, events, { name: 'SourceError', code: 'source-unreadable' });
    expect(world.fake.log).toEqual([]);
  });

  it('of an empty file in parts makes no object before the file is known to be readable', () => {
    const world = uploadWorld({}, {}, fakeSource({ name: 'film.mp4', size: 0 }));
    const unreadable = withOverrides(world.file, {
      read: () =>
        timer(1000).pipe(
          map(() => {
            throw new Error('gone');
          }),
        ),
    });
    const events = run(world, { sourceFile: unreadable, multipart: 'always' });
    expectFailed(world, events, { name: 'SourceError', code: 'source-unreadable' });
    expect(world.fake.arrivals('completeMultipartUpload')).toEqual([]);
    expect(world.fake.object('film.mp4')).toBeNull();
  });
});

describe('the file is identified first', () => {
  it('with a store, whose entries are found by the identity', () => {
    const world = uploadWorld();
    const events = run(world, { checkpointStore: memoryCheckpointStore(), lock: null });
    expectUploaded(world, events);
    expect(world.fake.log[0]).toMatchObject({ operation: 'initiateMultipartUpload', at: 4 * READ_MS });
  });

  it('with a checkpoint, which is compared with the identity', () => {
    const world = uploadWorld();
    const cancelled = runVirtually(() => {
      const events = record(world.upload());
      at(150, () => events.unsubscribe());
      return events;
    });
    const sent = world.fake.log.length;
    const resumed = resumeAsJson(world, lastCheckpoint(cancelled), { sourceFile: slowSource(world.file) });
    expectUploaded(world, resumed);
    expect(world.fake.log[sent]).toMatchObject({ operation: 'listParts', at: 4 * READ_MS });
  });
});

describe('a file that can no longer be read while it is identified', () => {
  const FAILS_AT = 180;

  /** Two parts are acknowledged, two in flight, and the last slice of the sample cannot be read. */
  function failWhileIdentifying(world: UploadWorld): Recording<UploadEvent> {
    return runVirtually(() => {
      const events = record(world.upload({ sourceFile: slowSource(world.file), retry: THREE_ATTEMPTS }));
      at(FAILS_AT, () => world.file.failReads());
      return events;
    });
  }

  it('fails with a SourceError, and a resume does not send stored parts again', () => {
    const world = uploadWorld();
    const events = failWhileIdentifying(world);
    expect(events.endedAt).toBe(4 * READ_MS);
    expect(eventsOf(events, 'part-completed')).toEqual([]);
    expect(lastCheckpoint(events)).toMatchObject({ parts: [], file: { sample: '' } });
    world.file.heal();
    const { checkpoint } = expectCanResume(world, events, { name: 'SourceError', code: 'source-unreadable' });
    expect(world.fake.partsOf(checkpoint?.uploadId ?? '')).toEqual([]);
    expect(world.fake.arrivals('uploadPart')).toHaveLength(5);
  });

  it('can be aborted with the checkpoint of the error', () => {
    const world = uploadWorld();
    const { checkpoint } = expectFailed(world, failWhileIdentifying(world), { name: 'SourceError' });
    expect(world.fake.uploads()).toHaveLength(1);
    inVirtualTime(() => {
      if (checkpoint !== null) abortUpload$(world.obs, checkpoint).subscribe();
    });
    expect(world.fake.uploads()).toEqual([]);
  });

  it('is not mixed with another file when it can be read again', () => {
    const world = uploadWorld();
    const { checkpoint } = expectFailed(world, failWhileIdentifying(world), { name: 'SourceError' });
    world.file.heal();
    world.file.edit({ seed: 2 });
    expectUploaded(world, resumeAsJson(world, checkpoint));
    expect(world.fake.arrivals('initiateMultipartUpload')).toHaveLength(1);
  });

  it('is refused under another name when it can be read again', () => {
    const world = uploadWorld();
    const { checkpoint } = expectFailed(world, failWhileIdentifying(world), { name: 'SourceError' });
    world.file.heal();
    const renamed = { ...withOverrides(world.file, {}), name: 'other.mp4' };
    const resumed = resumeAsJson(world, checkpoint, { sourceFile: renamed });
    expectFailed(world, resumed, { name: 'SourceError', code: 'source-changed' }, checkpoint);
  });

  it('fails with a checkpoint to abort, once the response to initiate has arrived', () => {
    const world = uploadWorld({ latencyMs: 500 });
    const events = runVirtually(() => {
      world.file.failReads();
      return record(world.upload({ sourceFile: slowSource(world.file) }));
    });
    const { checkpoint } = expectFailed(world, events, { name: 'SourceError', code: 'source-unreadable' });
    expect(checkpoint).toMatchObject({ parts: [], file: { sample: '' } });
    expect(world.fake.uploads().map(({ uploadId }) => uploadId)).toEqual([checkpoint?.uploadId]);
    expect(world.fake.arrivals('uploadPart')).toEqual([]);
  });

  it('fails at once while initiate is retried, as nothing was started', () => {
    const fault = on('initiateMultipartUpload', { times: Infinity }).respond(503, 'ServiceUnavailable');
    const world = uploadWorld({ latencyMs: 500, faults: [fault] });
    const events = runVirtually(() => {
      world.file.failReads();
      return record(world.upload({ sourceFile: slowSource(world.file) }));
    });
    expect(expectFailed(world, events, { name: 'SourceError', code: 'source-unreadable' }).checkpoint).toBeNull();
    expect(world.fake.arrivals('initiateMultipartUpload')).toHaveLength(1);
  });

  describe('while initiate', () => {
    /** The third slice of the sample cannot be read. */
    const FAILS_AT_MS = 1200;

    function failLate(world: UploadWorld): Recording<UploadEvent> {
      return runVirtually(() => {
        const events = record(world.upload({ sourceFile: slowSource(world.file, 400), retry: THREE_ATTEMPTS }));
        at(900, () => world.file.failReads());
        return events;
      });
    }

    function expectNothingStarted(world: UploadWorld, attempts: number): void {
      const events = failLate(world);
      const error = { name: 'SourceError', code: 'source-unreadable' };
      expect(expectFailed(world, events, error).checkpoint).toBeNull();
      expect(events.endedAt).toBe(FAILS_AT_MS);
      expect(world.fake.log).toHaveLength(attempts);
      expect(world.fake.uploads()).toEqual([]);
    }

    it('backs off, fails at once', () => {
      const busy = on('initiateMultipartUpload').respond(503, 'SlowDown', { headers: { 'retry-after': '60' } });
      expectNothingStarted(uploadWorld({ faults: [busy] }), 1);
      expectFired(busy);
    });

    it('waits for the network, fails at once', () => {
      const broken = on('initiateMultipartUpload').reset();
      expectNothingStarted(uploadWorld({ faults: [broken] }, { online$: new BehaviorSubject(false) }), 1);
      expectFired(broken);
    });

    it('waits for its signature, fails at once', () => {
      expectNothingStarted(uploadWorld({}, { presign: () => NEVER }), 0);
    });

    it('is in flight again, fails with a checkpoint to abort', () => {
      const busy = on('initiateMultipartUpload').respond(503, 'SlowDown');
      const world = uploadWorld({ latencyMs: 500, faults: [busy] });
      const events = failLate(world);
      const { checkpoint } = expectFailed(world, events, { name: 'SourceError', code: 'source-unreadable' });
      expect(world.fake.arrivals('initiateMultipartUpload').map(({ at: ms }) => ms)).toEqual([0, 1000]);
      expect(events.endedAt).toBe(1500);
      expect(world.fake.uploads().map(({ uploadId }) => uploadId)).toEqual([checkpoint?.uploadId]);
    });
  });
});

describe('while the file is identified', () => {
  it('an error waits for the checkpoint that it carries', () => {
    const world = uploadWorld({
      faults: [on('uploadPart', { partNumber: 2, times: Infinity }).respond(403, 'AccessDenied')],
    });
    const events = run(world, { taskNum: 1, sourceFile: slowSource(world.file, 100) });
    expectCanResume(world, events, { name: 'ServiceError' });
    expect(events.endedAt).toBe(400);
    expect(lastCheckpoint(events).parts).toHaveLength(1);
  });

  it('an error without a started upload does not wait', () => {
    const world = uploadWorld({
      faults: [on('initiateMultipartUpload', { times: Infinity }).respond(403, 'AccessDenied')],
    });
    const events = run(world);
    expectFailed(world, events, { name: 'ServiceError' });
    expect(events.endedAt).toBe(10);
  });

  it('parts of an upload that was lost do not count for the next one', () => {
    const fault = on('uploadPart', { partNumber: 2 }).dropUpload();
    const world = uploadWorld({ faults: [fault] });
    const events = run(world, { taskNum: 1, sourceFile: slowSource(world.file, 200) });
    expectUploaded(world, events);
    expect(fault.fired).toBe(1);
    expect(eventsOf(events, 'restarted')).toHaveLength(1);
    expect(eventsOf(events, 'part-completed').map(({ partNumber }) => partNumber)).toEqual([1, 2, 3, 4]);
    expect(new Set(eventsOf(events, 'checkpoint').map(({ checkpoint }) => checkpoint.uploadId)).size).toBe(1);
  });

  it('cancelling in any event stops every request and every read', () => {
    const complete = run(uploadWorld(), { sourceFile: slowSource(uploadWorld().file, 100) });
    for (let n = 1; n < complete.values.length; n++) {
      const world = uploadWorld();
      const sent = (): number => world.fake.log.length + world.file.reads.length;
      let sentThen = -1;
      let reads = 0;
      let readsThen = 0;
      const events = runVirtually(() => {
        let seen = 0;
        const sourceFile = slowSource(world.file, 100, () => (reads += 1));
        const recording: Recording<UploadEvent> = record(
          world.upload({ sourceFile }).pipe(
            tap(() => {
              if (++seen !== n) return;
              recording.unsubscribe();
              [sentThen, readsThen] = [sent(), reads];
            }),
          ),
        );
        return recording;
      });
      expect([n, sent(), reads]).toEqual([n, sentThen, readsThen]);
      expect(world.fake.inFlight()).toBe(0);
      expectLaws(events);
    }
    expect(typesOf(complete)).toContain('completed');
  });

  it('a source that fails synchronously causes no request', () => {
    const world = uploadWorld();
    world.file.failReads();
    const events = runVirtually(() => record(world.upload()));
    expectEndedCleanly(world, events);
    expect(world.fake.log).toEqual([]);
  });
});
