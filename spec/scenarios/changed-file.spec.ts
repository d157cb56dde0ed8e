import { NEVER } from 'rxjs';
import { SourceError, type UploadEvent, type UploadOptions, type SizedSource } from 'rx-obs-upload';
import { bytesOf, fakeSource, on, type FakeSource, type FakeSourceOptions } from 'rx-obs-upload/testing';
import { eventsOf, PART, withOverrides, typesOf, uploadWorld, type UploadWorld } from '../support/upload-world.js';
import { at, record, runVirtually, type Recording } from '../support/virtual-time.js';
import {
  expectFailed,
  expectFired,
  expectCanResume,
  expectUploaded,
  interrupted,
  resumeAsJson,
  THREE_ATTEMPTS,
} from '../support/scenario-world.js';

const LATER = 1_800_000_000_000;
/** During part 1 if one part is sent at a time: initiate takes 10 ms, a part 110 ms. */
const DURING_PART_1 = 60;

/** Runs an upload whose file is changed after that many ms. */
function run(
  world: UploadWorld,
  change: (file: FakeSource) => void,
  options: Partial<UploadOptions> = { taskNum: 1 },
  ms = DURING_PART_1,
): Recording<UploadEvent> {
  return runVirtually(() => {
    const events = record(world.upload({ retry: THREE_ATTEMPTS, ...options }));
    at(ms, () => change(world.file));
    return events;
  });
}

/** It has failed without a retry; there is no object, and the upload still exists. */
function expectFailedAtOnce(
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

describe('a file', () => {
  describe('that is edited while it is uploaded', () => {
    const edits: readonly [what: string, change: Parameters<FakeSource['edit']>[0]][] = [
      ['other content and date', { seed: 2, lastModified: LATER }],
      ['longer', { size: 4 * PART }],
      ['longer by one byte', { size: 3 * PART + 1001, lastModified: LATER }],
      ['shorter', { size: PART, lastModified: LATER }],
      ['emptied', { size: 0, lastModified: LATER }],
      ['touched', { lastModified: LATER }],
    ];

    it.each(edits)(
      'ends the upload before the next part with a SourceError that has the checkpoint: %s',
      (_, change) => {
        const world = uploadWorld();
        const events = run(world, (file) => file.edit(change));
        expectFailedAtOnce(world, events, 'source-changed');
        expect(events.error).toMatchObject({ checkpoint: { parts: [{ partNumber: 1 }] }, resumable: false });
        expect(events.endedAt).toBe(120);
        expect(world.fake.arrivals('uploadPart')).toHaveLength(1);
      },
    );

    it('aborts the parts in flight', () => {
      const world = uploadWorld();
      const events = run(world, (file) => file.edit({ seed: 2, lastModified: LATER }), { taskNum: 3 });
      expectFailedAtOnce(world, events, 'source-changed');
      expect(world.fake.arrivals('uploadPart')).toHaveLength(3);
    });

    it('ends the upload if a part waits for its next attempt', () => {
      const fault = on('uploadPart', { partNumber: 1 }).respond(503, 'ServiceUnavailable');
      const world = uploadWorld({ faults: [fault] });
      const events = run(world, (file) => file.edit({ seed: 2, lastModified: LATER }), { taskNum: 1 }, 300);
      expectFired(fault);
      expectFailed(world, events, { name: 'SourceError', code: 'source-changed' });
      expect(world.fake.object('film.mp4')).toBeNull();
    });

    it.each([
      ['another date', { seed: 2, lastModified: LATER }],
      ['the same size and date, as Firefox does not notice', { seed: 2 }],
      ['shorter', { size: PART }],
    ])('leaves no object when all parts are in flight, as they may be of two files: %s', (_, change) => {
      const world = uploadWorld();
      const events = run(world, (file) => file.edit(change), { taskNum: 4 });
      expectFailedAtOnce(world, events, 'source-changed');
      expect(eventsOf(events, 'part-completed')).toHaveLength(4);
    });

    it('completes if it is only touched when all parts are in flight', () => {
      const world = uploadWorld();
      expectUploaded(
        world,
        run(world, (file) => file.edit({ lastModified: LATER }), { taskNum: 4 }),
      );
    });

    it('ends the upload if a part is missing at complete, rather than sending a part of the new file', () => {
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

    it('can be resumed once its date is restored', () => {
      const world = uploadWorld();
      const events = run(world, (file) => file.edit({ lastModified: LATER }));
      world.file.edit({ lastModified: 1_700_000_000_000 });
      const { checkpoint } = events.error as SourceError;
      expectUploaded(world, resumeAsJson(world, checkpoint));
      expect(world.fake.arrivals('uploadPart')).toHaveLength(4);
    });

    it('is refused by a resume before any request, and the parts stay', () => {
      const world = uploadWorld();
      const { checkpoint } = run(world, (file) => file.edit({ seed: 2, lastModified: LATER })).error as SourceError;
      const sent = world.fake.log.length;
      const resumed = resumeAsJson(world, checkpoint);
      expectFailed(world, resumed, { name: 'SourceError', code: 'source-changed' }, checkpoint);
      expect(world.fake.log).toHaveLength(sent);
      expect(world.fake.partsOf(checkpoint?.uploadId ?? '')).toHaveLength(1);
    });
  });

  describe('that is deleted while it is uploaded', () => {
    it.each([1, 4])('ends the upload at once, which can be resumed when the file is back (taskNum: %i)', (taskNum) => {
      const world = uploadWorld({}, {}, fakeSource({ name: 'film.mp4', size: 7 * PART }));
      const events = run(world, (file) => file.failReads(), { taskNum });
      expectFailedAtOnce(world, events, 'source-unreadable');
      for (let n = 1; n <= 7; n++) expect(world.fake.arrivals('uploadPart', n).length).toBeLessThanOrEqual(1);
      world.file.heal();
      expectCanResume(world, events, { name: 'SourceError' });
    });

    it('ends the upload before its first part', () => {
      const world = uploadWorld();
      const events = run(world, (file) => file.failReads(), {}, 5);
      expectFailedAtOnce(world, events, 'source-unreadable');
    });

    it('ends the upload before any request if it is deleted before that', () => {
      const world = uploadWorld();
      world.file.failReads();
      const events = runVirtually(() => record(world.upload()));
      expectFailed(world, events, { name: 'SourceError', code: 'source-unreadable' });
      expect(world.fake.log).toHaveLength(0);
    });

    it('does not stop an upload whose parts are all sent', () => {
      const world = uploadWorld();
      const events = run(world, (file) => file.failReads(), { taskNum: 4 });
      expectUploaded(world, events);
    });

    it('ends a single PUT at once', () => {
      const world = uploadWorld({}, {}, fakeSource({ name: 'film.mp4', size: 1000 }));
      world.file.failReads();
      const events = runVirtually(() => record(world.upload({ retry: THREE_ATTEMPTS })));
      expectFailed(world, events, { name: 'SourceError', code: 'source-unreadable' });
      expect(typesOf(events)).not.toContain('retrying');
      expect(world.fake.object('film.mp4')).toBeNull();
    });
  });

  describe('of the same name and size as another', () => {
    const others: readonly [what: string, initial: FakeSourceOptions, changed: Parameters<FakeSource['edit']>[0]][] = [
      ['another date', {}, { seed: 2, lastModified: LATER }],
      ['the same lastModified', {}, { seed: 2 }],
      ['no date', { lastModified: null }, { seed: 2 }],
    ];

    it.each(others)('is refused by a resume before any request, and the parts stay: %s', (_, initial, changed) => {
      const world = uploadWorld({}, {}, fakeSource({ name: 'film.mp4', size: 3 * PART + 1000, ...initial }));
      const checkpoint = interrupted(world);
      const sent = world.fake.log.length;
      world.file.edit(changed);
      const resumed = resumeAsJson(world, checkpoint);
      expectFailed(world, resumed, { name: 'SourceError', code: 'source-changed' }, checkpoint);
      expect(world.fake.log).toHaveLength(sent);
      expect(world.fake.partsOf(checkpoint.uploadId)).toHaveLength(2);
      if (changed.lastModified === undefined) {
        world.file.edit({ seed: 1 });
        expectUploaded(world, resumeAsJson(world, checkpoint));
      }
    });

    it.each([0, 3 * PART + 999])('is refused by a resume if only byte %i differs', (offset) => {
      const bytes = bytesOf(fakeSource({ size: 3 * PART + 1000 }));
      const world = uploadWorld({}, {}, fakeSource({ name: 'film.mp4', bytes }));
      const checkpoint = interrupted(world);
      const other = bytes.slice();
      other[offset] = (other[offset] ?? 0) ^ 1;
      world.file.edit({ bytes: other });
      expectFailed(world, resumeAsJson(world, checkpoint), { name: 'SourceError', code: 'source-changed' }, checkpoint);
    });
  });

  describe('whose slices read short', () => {
    it.each([
      ['by 1 byte', 1],
      ['to 0 bytes', PART],
    ])('ends the upload at once, without a hole in an object: %s', (_, missing) => {
      const world = uploadWorld();
      const events = run(world, (file) => file.shortenReads(missing));
      expectFailedAtOnce(world, events, 'source-changed');
    });

    it.each([1, PART])(
      'ends the upload before any request if they are %i bytes short from the beginning',
      (missing) => {
        const world = uploadWorld();
        world.file.shortenReads(missing);
        const events = runVirtually(() => record(world.upload()));
        expectFailed(world, events, { name: 'SourceError', code: 'source-changed' });
        expect(world.fake.log).toHaveLength(0);
      },
    );

    it('ends a single PUT without an object', () => {
      const world = uploadWorld({}, {}, fakeSource({ name: 'film.mp4', size: 1000 }));
      world.file.shortenReads(1);
      const events = runVirtually(() => record(world.upload()));
      expectFailed(world, events, { name: 'SourceError', code: 'source-changed' });
      expect(world.fake.object('film.mp4')).toBeNull();
    });
  });

  describe('that fails with NotReadableError', () => {
    it.each([
      ['a network error', on('uploadPart', { partNumber: 2 }).reset()],
      ['silence, as in Firefox and WebKit', on('uploadPart', { partNumber: 2 }).stall('before-body')],
    ])('ends the upload without another attempt, also if it appears as %s', (_, fault) => {
      const world = uploadWorld({ faults: [fault] });
      const events = run(world, (file) => file.failReads());
      expectFired(fault);
      expectFailedAtOnce(world, events, 'source-unreadable');
      expect(events.error).toMatchObject({ cause: { name: 'NotReadableError' } });
      expect(world.fake.arrivals('uploadPart', 2)).toHaveLength(1);
    });

    it('ends the upload if only the rest of a part is unreadable, as in a truncated file', () => {
      const world = uploadWorld();
      const events = run(world, (file) => file.failReads({ from: 2 * PART - 1000 }));
      expectFailedAtOnce(world, events, 'source-unreadable');
    });

    it('ends the upload with the checkpoint if slice throws', () => {
      const world = uploadWorld();
      const slice: SizedSource['slice'] = (start, end) => {
        if (start > 0) throw Object.assign(new Error('gone'), { name: 'NotReadableError' });
        return world.file.slice(start, end);
      };
      const events = runVirtually(() =>
        record(world.upload({ sourceFile: withOverrides(world.file, { slice }), taskNum: 1 })),
      );
      expectFailedAtOnce(world, events, 'source-unreadable');
      expectCanResume(world, events, { name: 'SourceError' });
    });

    it('ends a resume that verifies finished parts, and the upload can be resumed', () => {
      const world = uploadWorld();
      const given = interrupted(world);
      const md5 = (): never => {
        throw Object.assign(new Error('gone'), { name: 'NotReadableError' });
      };
      const resumed = resumeAsJson(world, given, { verifyResume: 'parts', hasher: { md5 } });
      expectCanResume(world, resumed, { name: 'SourceError', code: 'source-unreadable' }, { given });
    });
  });

  it('whose reads never end, as on a sleeping disk, ends the upload', () => {
    const world = uploadWorld();
    const sourceFile = withOverrides(world.file, { read: () => NEVER });
    const events = runVirtually(() => record(world.upload({ sourceFile, stallTimeoutMs: 5000 })));
    expectFailed(world, events, { name: 'SourceError', code: 'source-unreadable' });
    expect(events.endedAt).toBeLessThan(60_000);
  });

  it('is only read for its sample, at the start and at the end', () => {
    const world = uploadWorld();
    expectUploaded(
      world,
      runVirtually(() => record(world.upload())),
    );
    expect(world.file.reads).toHaveLength(8);
    expect(new Set(world.file.reads.map(String)).size).toBe(4);
    expect(eventsOf(resumeAsJson(world, interrupted(world)), 'completed')).toHaveLength(1);
  });
});
