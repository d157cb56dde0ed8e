import { filter, map, tap, timer } from 'rxjs';
import { abortUpload$, memoryCheckpointStore, type UploadEvent } from 'rx-obs-upload';
import { fakeSource, on } from 'rx-obs-upload/testing';
import { expectLaws } from '../support/laws.js';
import {
  eventsOf,
  lastCheckpoint,
  READ_MS,
  slowly,
  twisted,
  typesOf,
  uploadWorld,
  type UploadWorld,
} from '../support/upload-world.js';
import { at, inVirtualTime, record, runVirtually, type Recording } from '../support/virtual-time.js';
import {
  expectFailed,
  expectKept,
  expectSurvived,
  expectSound,
  resumeAsJson,
  THREE_TIMES,
} from '../support/scenario-world.js';

function arrivedAt(world: UploadWorld): number[] {
  return world.fake.arrivals('uploadPart').map(({ at: ms }) => ms);
}

function run(world: UploadWorld, options: Parameters<UploadWorld['upload']>[0] = {}): Recording<UploadEvent> {
  return runVirtually(() => record(world.upload({ sourceFile: slowly(world.file), retry: THREE_TIMES, ...options })));
}

describe('the first byte of a new upload', () => {
  it('is sent while the file is identified: initiate at once, the first parts with its response', () => {
    const world = uploadWorld();
    const order: string[] = [];
    const sourceFile = slowly(world.file, READ_MS, () => order.push('read'));
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
    ['in two slices', 2],
    ['in a hundredth of the time', 0.5],
    ['long after all parts', 1000],
  ])('is followed by the same events however long reading takes: %s', (_, ms) => {
    const world = uploadWorld();
    const events = run(world, { sourceFile: slowly(world.file, ms) });
    expectSurvived(world, events);
    expect(eventsOf(events, 'checkpoint').map(({ checkpoint }) => checkpoint.parts.length)).toEqual([0, 1, 2, 3, 4]);
    expect(eventsOf(events, 'part-completed')).toHaveLength(4);
    expect(Math.max(...arrivedAt(world))).toBeLessThan(250);
  });

  it('needs no read where the file goes as one PUT', () => {
    const world = uploadWorld({}, {}, fakeSource({ name: 'film.mp4', size: 1000 }));
    expectSurvived(world, run(world));
    expect(world.fake.log).toHaveLength(1);
    expect(world.fake.log[0]?.at).toBe(0);
    expect(world.file.reads).toEqual([]);
  });

  it('of an empty file waits until the file is known to be there', () => {
    const world = uploadWorld({}, {}, fakeSource({ name: 'film.mp4', size: 0 }));
    world.file.failReads({ to: 1 });
    const gone = twisted(world.file, {
      read: () =>
        timer(READ_MS).pipe(
          map(() => {
            throw new Error('gone');
          }),
        ),
    });
    const events = run(world, { sourceFile: gone });
    expectFailed(world, events, { name: 'SourceError', code: 'source-unreadable' });
    expect(world.fake.log).toEqual([]);
  });

  it('of an empty file in parts is not completed before the file is known to be there', () => {
    const world = uploadWorld({}, {}, fakeSource({ name: 'film.mp4', size: 0 }));
    const gone = twisted(world.file, {
      read: () =>
        timer(1000).pipe(
          map(() => {
            throw new Error('gone');
          }),
        ),
    });
    const events = run(world, { sourceFile: gone, multipart: 'always' });
    expectFailed(world, events, { name: 'SourceError', code: 'source-unreadable' });
    expect(world.fake.arrivals('completeMultipartUpload')).toEqual([]);
    expect(world.fake.object('film.mp4')).toBeNull();
  });
});

describe('the identity comes first', () => {
  it('with a store, which is asked by it', () => {
    const world = uploadWorld();
    const events = run(world, { checkpointStore: memoryCheckpointStore(), lock: null });
    expectSurvived(world, events);
    expect(world.fake.log[0]).toMatchObject({ operation: 'initiateMultipartUpload', at: 4 * READ_MS });
  });

  it('with a checkpoint, which is compared with it', () => {
    const world = uploadWorld();
    const cancelled = runVirtually(() => {
      const events = record(world.upload());
      at(150, () => events.unsubscribe());
      return events;
    });
    const sent = world.fake.log.length;
    const resumed = resumeAsJson(world, lastCheckpoint(cancelled), { sourceFile: slowly(world.file) });
    expectSurvived(world, resumed);
    expect(world.fake.log[sent]).toMatchObject({ operation: 'listParts', at: 4 * READ_MS });
  });
});

describe('a file that can no longer be read while it is identified', () => {
  const FAILS_AT = 180;

  /** Two parts are acknowledged, two in flight, and the last slice of the sample cannot be read. */
  function failed(world: UploadWorld): Recording<UploadEvent> {
    return runVirtually(() => {
      const events = record(world.upload({ sourceFile: slowly(world.file), retry: THREE_TIMES }));
      at(FAILS_AT, () => world.file.failReads());
      return events;
    });
  }

  it('ends as a SourceError, and nothing is lost: the parts that the service has need not be sent again', () => {
    const world = uploadWorld();
    const events = failed(world);
    expect(events.endedAt).toBe(4 * READ_MS);
    expect(eventsOf(events, 'part-completed')).toEqual([]);
    expect(lastCheckpoint(events)).toMatchObject({ parts: [], file: { sample: '' } });
    world.file.heal();
    const { checkpoint } = expectKept(world, events, { name: 'SourceError', code: 'source-unreadable' });
    expect(world.fake.partsOf(checkpoint?.uploadId ?? '')).toEqual([]);
    expect(world.fake.arrivals('uploadPart')).toHaveLength(5);
  });

  it('can be aborted with the checkpoint of the error', () => {
    const world = uploadWorld();
    const { checkpoint } = expectFailed(world, failed(world), { name: 'SourceError' });
    expect(world.fake.uploads()).toHaveLength(1);
    inVirtualTime(() => {
      if (checkpoint !== null) abortUpload$(world.obs, checkpoint).subscribe();
    });
    expect(world.fake.uploads()).toEqual([]);
  });

  it('and is another one when it can be read again: no part of the first one is in the object', () => {
    const world = uploadWorld();
    const { checkpoint } = expectFailed(world, failed(world), { name: 'SourceError' });
    world.file.heal();
    world.file.edit({ seed: 2 });
    expectSurvived(world, resumeAsJson(world, checkpoint));
    expect(world.fake.arrivals('initiateMultipartUpload')).toHaveLength(1);
  });

  it('and has another name when it can be read again: SourceError', () => {
    const world = uploadWorld();
    const { checkpoint } = expectFailed(world, failed(world), { name: 'SourceError' });
    world.file.heal();
    const renamed = { ...twisted(world.file, {}), name: 'other.mp4' };
    const resumed = resumeAsJson(world, checkpoint, { sourceFile: renamed });
    expectFailed(world, resumed, { name: 'SourceError', code: 'source-changed' }, checkpoint);
  });

  it('before initiate has its response: SourceError with the checkpoint that comes with it, to abort by', () => {
    const world = uploadWorld({ latencyMs: 500 });
    const events = runVirtually(() => {
      world.file.failReads();
      return record(world.upload({ sourceFile: slowly(world.file) }));
    });
    const { checkpoint } = expectFailed(world, events, { name: 'SourceError', code: 'source-unreadable' });
    expect(checkpoint).toMatchObject({ parts: [], file: { sample: '' } });
    expect(world.fake.uploads().map(({ uploadId }) => uploadId)).toEqual([checkpoint?.uploadId]);
    expect(world.fake.arrivals('uploadPart')).toEqual([]);
  });

  it('while initiate is retried: SourceError at once, as nothing was begun', () => {
    const fault = on('initiateMultipartUpload', { times: Infinity }).respond(503, 'ServiceUnavailable');
    const world = uploadWorld({ latencyMs: 500, faults: [fault] });
    const events = runVirtually(() => {
      world.file.failReads();
      return record(world.upload({ sourceFile: slowly(world.file) }));
    });
    expect(expectFailed(world, events, { name: 'SourceError', code: 'source-unreadable' }).checkpoint).toBeNull();
    expect(world.fake.arrivals('initiateMultipartUpload')).toHaveLength(1);
  });
});

describe('while the file is identified', () => {
  it('an error waits for the checkpoint that it carries', () => {
    const world = uploadWorld({
      faults: [on('uploadPart', { partNumber: 2, times: Infinity }).respond(403, 'AccessDenied')],
    });
    const events = run(world, { taskNum: 1, sourceFile: slowly(world.file, 100) });
    expectKept(world, events, { name: 'ServiceError' });
    expect(events.endedAt).toBe(400);
    expect(lastCheckpoint(events).parts).toHaveLength(1);
  });

  it('an error without anything to keep does not wait', () => {
    const world = uploadWorld({
      faults: [on('initiateMultipartUpload', { times: Infinity }).respond(403, 'AccessDenied')],
    });
    const events = run(world);
    expectFailed(world, events, { name: 'ServiceError' });
    expect(events.endedAt).toBe(10);
  });

  it('parts that are gone with their upload are not in the next one', () => {
    const fault = on('uploadPart', { partNumber: 2 }).dropUpload();
    const world = uploadWorld({ faults: [fault] });
    const events = run(world, { taskNum: 1, sourceFile: slowly(world.file, 200) });
    expectSurvived(world, events);
    expect(fault.fired).toBe(1);
    expect(eventsOf(events, 'restarted')).toHaveLength(1);
    expect(eventsOf(events, 'part-completed').map(({ partNumber }) => partNumber)).toEqual([1, 2, 3, 4]);
    expect(new Set(eventsOf(events, 'checkpoint').map(({ checkpoint }) => checkpoint.uploadId)).size).toBe(1);
  });

  it('cancelling in any event stops every request and every read', () => {
    const whole = run(uploadWorld(), { sourceFile: slowly(uploadWorld().file, 100) });
    for (let n = 1; n < whole.values.length; n++) {
      const world = uploadWorld();
      const sent = (): number => world.fake.log.length + world.file.reads.length;
      let sentThen = -1;
      let asked = 0;
      let askedThen = 0;
      const events = runVirtually(() => {
        let seen = 0;
        const sourceFile = slowly(world.file, 100, () => (asked += 1));
        const recording: Recording<UploadEvent> = record(
          world.upload({ sourceFile }).pipe(
            tap(() => {
              if (++seen !== n) return;
              recording.unsubscribe();
              [sentThen, askedThen] = [sent(), asked];
            }),
          ),
        );
        return recording;
      });
      expect([n, sent(), asked]).toEqual([n, sentThen, askedThen]);
      expect(world.fake.inFlight()).toBe(0);
      expectLaws(events);
    }
    expect(typesOf(whole)).toContain('completed');
  });

  it('a source that responds within subscribe is cancelled within it', () => {
    const world = uploadWorld();
    world.file.failReads();
    const events = runVirtually(() => record(world.upload()));
    expectSound(world, events);
    expect(world.fake.log).toEqual([]);
  });
});
