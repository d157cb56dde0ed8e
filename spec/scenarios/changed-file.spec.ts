import { NEVER } from 'rxjs';
import { SourceError, type UploadEvent, type UploadOptions, type SizedSource } from 'rx-obs-upload';
import { bytesOf, fakeSource, on, type FakeSource, type FakeSourceOptions } from 'rx-obs-upload/testing';
import { eventsOf, PART, twisted, typesOf, uploadWorld, type UploadWorld } from '../support/upload-world.js';
import { at, record, runVirtually, type Recording } from '../support/virtual-time.js';
import {
  expectFailed,
  expectFired,
  expectKept,
  expectSurvived,
  interrupted,
  resumeAsJson,
  THREE_TIMES,
} from '../support/scenario-world.js';

const LATER = 1_800_000_000_000;
/** In the midst of part 1 where one part is sent at a time: initiate takes 10 ms, a part 110 ms. */
const DURING_PART_1 = 60;

/** An upload whose file is changed at some time. */
function run(
  world: UploadWorld,
  change: (file: FakeSource) => void,
  options: Partial<UploadOptions> = { taskNum: 1 },
  ms = DURING_PART_1,
): Recording<UploadEvent> {
  return runVirtually(() => {
    const events = record(world.upload({ retry: THREE_TIMES, ...options }));
    at(ms, () => change(world.file));
    return events;
  });
}

/** Ended as it should without another try, no object; the upload stays. */
function expectEndedAtOnce(
  world: UploadWorld,
  events: Recording<UploadEvent>,
  code: 'source-changed' | 'source-unreadable',
): void {
  expect(expectFailed(world, events, { name: 'SourceError', code })).toBeInstanceOf(SourceError);
  expect(typesOf(events)).not.toContain('retrying');
  expect(world.fake.object('film.mp4')).toBeNull();
  expect(world.fake.arrivals('completeMultipartUpload')).toHaveLength(0);
  expect(world.fake.uploads()).toHaveLength(1);
}

describe('the file', () => {
  describe('edited while it is uploaded', () => {
    const edits: readonly [what: string, change: Parameters<FakeSource['edit']>[0]][] = [
      ['other content and date', { seed: 2, lastModified: LATER }],
      ['longer', { size: 4 * PART }],
      ['longer by one byte', { size: 3 * PART + 1001, lastModified: LATER }],
      ['shorter', { size: PART, lastModified: LATER }],
      ['emptied', { size: 0, lastModified: LATER }],
      ['touched', { lastModified: LATER }],
    ];

    it.each(edits)('%s: SourceError before the next part, with the checkpoint', (_, change) => {
      const world = uploadWorld();
      const events = run(world, (file) => file.edit(change));
      expectEndedAtOnce(world, events, 'source-changed');
      expect(events.error).toMatchObject({ checkpoint: { parts: [{ partNumber: 1 }] }, resumable: false });
      expect(events.endedAt).toBe(120);
      expect(world.fake.arrivals('uploadPart')).toHaveLength(1);
    });

    it('with parts in flight: they are aborted, the acknowledged ones stay', () => {
      const world = uploadWorld();
      const events = run(world, (file) => file.edit({ seed: 2, lastModified: LATER }), { taskNum: 3 });
      expectEndedAtOnce(world, events, 'source-changed');
      expect(world.fake.arrivals('uploadPart')).toHaveLength(3);
    });

    it('while a part waits for its next attempt: no byte of the new file goes into the object', () => {
      const fault = on('uploadPart', { partNumber: 1 }).respond(503, 'ServiceUnavailable');
      const world = uploadWorld({ faults: [fault] });
      const events = run(world, (file) => file.edit({ seed: 2, lastModified: LATER }), { taskNum: 1 }, 300);
      expectFired(fault);
      expectFailed(world, events, { name: 'SourceError', code: 'source-changed' });
      expect(world.fake.object('film.mp4')).toBeNull();
    });

    it.each([
      ['with another date', { seed: 2, lastModified: LATER }],
      ['unseen, as in Firefox: with the same size and date', { seed: 2 }],
      ['to a shorter one', { size: PART }],
    ])('when all parts are on their way, %s: they may be of two files, so there is no object', (_, change) => {
      const world = uploadWorld();
      const events = run(world, (file) => file.edit(change), { taskNum: 4 });
      expectEndedAtOnce(world, events, 'source-changed');
      expect(eventsOf(events, 'part-completed')).toHaveLength(4);
    });

    it('touched when all parts are on their way: the object is the file', () => {
      const world = uploadWorld();
      expectSurvived(
        world,
        run(world, (file) => file.edit({ lastModified: LATER }), { taskNum: 4 }),
      );
    });

    it('when a part turns out to be lost at complete: SourceError, not a part of the new file', () => {
      const fault = on('completeMultipartUpload').act((control, { uploadId }) => {
        control.deletePart(uploadId ?? '', 2);
        world.file.edit({ seed: 2, lastModified: LATER });
      });
      const world = uploadWorld({ faults: [fault] });
      const events = run(world, () => undefined, { taskNum: 4 });
      expectFired(fault);
      expectFailed(world, events, { name: 'SourceError', code: 'source-changed' });
      expect(world.fake.object('film.mp4')).toBeNull();
      expect(world.fake.arrivals('uploadPart')).toHaveLength(4);
    });

    it('and put back: the upload continues', () => {
      const world = uploadWorld();
      const events = run(world, (file) => file.edit({ lastModified: LATER }));
      world.file.edit({ lastModified: 1_700_000_000_000 });
      const { checkpoint } = events.error as SourceError;
      expectSurvived(world, resumeAsJson(world, checkpoint));
      expect(world.fake.arrivals('uploadPart')).toHaveLength(4);
    });

    it('and resumed as it is now: SourceError before any request, the parts stay', () => {
      const world = uploadWorld();
      const { checkpoint } = run(world, (file) => file.edit({ seed: 2, lastModified: LATER })).error as SourceError;
      const sent = world.fake.log.length;
      const resumed = resumeAsJson(world, checkpoint);
      expectFailed(world, resumed, { name: 'SourceError', code: 'source-changed' }, checkpoint);
      expect(world.fake.log).toHaveLength(sent);
      expect(world.fake.partsOf(checkpoint?.uploadId ?? '')).toHaveLength(1);
    });
  });

  describe('deleted while it is uploaded', () => {
    it.each([1, 4])('%i parts at once: SourceError at once, and when it is back the upload continues', (taskNum) => {
      const world = uploadWorld({}, {}, fakeSource({ name: 'film.mp4', size: 7 * PART }));
      const events = run(world, (file) => file.failReads(), { taskNum });
      expectEndedAtOnce(world, events, 'source-unreadable');
      for (let n = 1; n <= 7; n++) expect(world.fake.arrivals('uploadPart', n).length).toBeLessThanOrEqual(1);
      world.file.heal();
      expectKept(world, events, { name: 'SourceError' });
    });

    it('before its first part', () => {
      const world = uploadWorld();
      const events = run(world, (file) => file.failReads(), {}, 5);
      expectEndedAtOnce(world, events, 'source-unreadable');
    });

    it('before anything: SourceError before any request', () => {
      const world = uploadWorld();
      world.file.failReads();
      const events = runVirtually(() => record(world.upload()));
      expectFailed(world, events, { name: 'SourceError', code: 'source-unreadable' });
      expect(world.fake.log).toHaveLength(0);
    });

    it('when all parts are on the server: the upload completes without it', () => {
      const world = uploadWorld();
      const events = run(world, (file) => file.failReads(), { taskNum: 4 });
      expectSurvived(world, events);
    });

    it('as one PUT: SourceError at once', () => {
      const world = uploadWorld({}, {}, fakeSource({ name: 'film.mp4', size: 1000 }));
      world.file.failReads();
      const events = runVirtually(() => record(world.upload({ retry: THREE_TIMES })));
      expectFailed(world, events, { name: 'SourceError', code: 'source-unreadable' });
      expect(typesOf(events)).not.toContain('retrying');
      expect(world.fake.object('film.mp4')).toBeNull();
    });
  });

  describe('another file of the same name and size', () => {
    const others: readonly [what: string, then: FakeSourceOptions, now: Parameters<FakeSource['edit']>[0]][] = [
      ['of another date', {}, { seed: 2, lastModified: LATER }],
      ['of the same lastModified too', {}, { seed: 2 }],
      ['without any date', { lastModified: null }, { seed: 2 }],
    ];

    it.each(others)('%s: SourceError before any request, the parts stay', (_, then, now) => {
      const world = uploadWorld({}, {}, fakeSource({ name: 'film.mp4', size: 3 * PART + 1000, ...then }));
      const checkpoint = interrupted(world);
      const sent = world.fake.log.length;
      world.file.edit(now);
      const resumed = resumeAsJson(world, checkpoint);
      expectFailed(world, resumed, { name: 'SourceError', code: 'source-changed' }, checkpoint);
      expect(world.fake.log).toHaveLength(sent);
      expect(world.fake.partsOf(checkpoint.uploadId)).toHaveLength(2);
      if (now.lastModified === undefined) {
        world.file.edit({ seed: 1 });
        expectSurvived(world, resumeAsJson(world, checkpoint));
      }
    });

    it.each([0, 3 * PART + 999])('and but for byte %i the same content: SourceError', (offset) => {
      const bytes = bytesOf(fakeSource({ size: 3 * PART + 1000 }));
      const world = uploadWorld({}, {}, fakeSource({ name: 'film.mp4', bytes }));
      const checkpoint = interrupted(world);
      const other = bytes.slice();
      other[offset] = (other[offset] ?? 0) ^ 1;
      world.file.edit({ bytes: other });
      expectFailed(world, resumeAsJson(world, checkpoint), { name: 'SourceError', code: 'source-changed' }, checkpoint);
    });
  });

  describe('a slice that reads short', () => {
    it.each([
      ['by 1 byte', 1],
      ['0 bytes', PART],
    ])('%s: SourceError at once, no hole in the object', (_, missing) => {
      const world = uploadWorld();
      const events = run(world, (file) => file.shortenReads(missing));
      expectEndedAtOnce(world, events, 'source-changed');
    });

    it.each([1, PART])('by %i bytes from the beginning: SourceError before any request', (missing) => {
      const world = uploadWorld();
      world.file.shortenReads(missing);
      const events = runVirtually(() => record(world.upload()));
      expectFailed(world, events, { name: 'SourceError', code: 'source-changed' });
      expect(world.fake.log).toHaveLength(0);
    });

    it('as one PUT: SourceError, no object', () => {
      const world = uploadWorld({}, {}, fakeSource({ name: 'film.mp4', size: 1000 }));
      world.file.shortenReads(1);
      const events = runVirtually(() => record(world.upload()));
      expectFailed(world, events, { name: 'SourceError', code: 'source-changed' });
      expect(world.fake.object('film.mp4')).toBeNull();
    });
  });

  describe('NotReadableError', () => {
    it.each([
      ['a network error', on('uploadPart', { partNumber: 2 }).reset()],
      ['silence, as in Firefox and WebKit', on('uploadPart', { partNumber: 2 }).stall('before-body')],
    ])('behind %s: the slice is probed before another attempt', (_, fault) => {
      const world = uploadWorld({ faults: [fault] });
      const events = run(world, (file) => file.failReads());
      expectFired(fault);
      expectEndedAtOnce(world, events, 'source-unreadable');
      expect(events.error).toMatchObject({ cause: { name: 'NotReadableError' } });
      expect(world.fake.arrivals('uploadPart', 2)).toHaveLength(1);
    });

    it('of the rest of a part, as of a file that was cut: SourceError at once', () => {
      const world = uploadWorld();
      const events = run(world, (file) => file.failReads({ from: 2 * PART - 1000 }));
      expectEndedAtOnce(world, events, 'source-unreadable');
    });

    it('that slice throws: SourceError with the checkpoint', () => {
      const world = uploadWorld();
      const slice: SizedSource['slice'] = (start, end) => {
        if (start > 0) throw Object.assign(new Error('gone'), { name: 'NotReadableError' });
        return world.file.slice(start, end);
      };
      const events = runVirtually(() =>
        record(world.upload({ sourceFile: twisted(world.file, { slice }), taskNum: 1 })),
      );
      expectEndedAtOnce(world, events, 'source-unreadable');
      expectKept(world, events, { name: 'SourceError' });
    });

    it('of finished parts that are to be read again: SourceError; the upload stays', () => {
      const world = uploadWorld();
      const given = interrupted(world);
      const md5 = (): never => {
        throw Object.assign(new Error('gone'), { name: 'NotReadableError' });
      };
      const resumed = resumeAsJson(world, given, { verifyResume: 'parts', hasher: { md5 } });
      expectKept(world, resumed, { name: 'SourceError', code: 'source-unreadable' }, { given });
    });
  });

  it('a file that is never read to an end, as on a sleeping disk: SourceError, no endless wait', () => {
    const world = uploadWorld();
    const sourceFile = twisted(world.file, { read: () => NEVER });
    const events = runVirtually(() => record(world.upload({ sourceFile, stallTimeoutMs: 5000 })));
    expectFailed(world, events, { name: 'SourceError', code: 'source-unreadable' });
    expect(events.endedAt).toBeLessThan(60_000);
  });

  it('a healthy file is read no further than its sample, at the start and at the end', () => {
    const world = uploadWorld();
    expectSurvived(
      world,
      runVirtually(() => record(world.upload())),
    );
    expect(world.file.reads).toHaveLength(8);
    expect(new Set(world.file.reads.map(String)).size).toBe(4);
    expect(eventsOf(resumeAsJson(world, interrupted(world)), 'completed')).toHaveLength(1);
  });
});
