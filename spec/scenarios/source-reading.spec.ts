import { EMPTY, NEVER, of, takeUntil, throwError, timer } from 'rxjs';
import { createHash } from 'node:crypto';
import { bytesOf, fakeSource, on } from 'rx-obs-upload/testing';
import {
  eventsOf,
  expectObject,
  lastCheckpoint,
  PART,
  withOverrides,
  typesOf,
  uploadWorld,
} from '../support/upload-world.js';
import { at, record, runVirtually } from '../support/virtual-time.js';

describe('a file', () => {
  it.each([
    ['gets another date', { lastModified: 1_800_000_000_000 }],
    ['gets longer', { size: 5 * PART }],
    ['gets shorter', { size: 2 * PART }],
  ])('that %s while it is uploaded ends the upload at once, with the checkpoint', (_, change) => {
    const { fake, file, upload } = uploadWorld();
    const events = runVirtually(() => {
      const recording = record(upload({ taskNum: 1 }));
      at(100, () => file.edit(change));
      return recording;
    });
    expect(events.error).toMatchObject({
      name: 'SourceError',
      code: 'source-changed',
      checkpoint: { parts: [{ partNumber: 1 }] },
    });
    expect(fake.arrivals('completeMultipartUpload')).toHaveLength(0);
    expect(fake.arrivals('abortMultipartUpload')).toHaveLength(0);
  });

  it.each([1, PART])('whose slices are %i bytes short ends the upload, without a hole in an object', (bytes) => {
    const { fake, file, upload } = uploadWorld();
    const events = runVirtually(() => {
      const recording = record(upload({ taskNum: 1 }));
      at(100, () => file.shortenReads(bytes));
      return recording;
    });
    expect(events.error).toMatchObject({ name: 'SourceError', code: 'source-changed' });
    expect(fake.object('film.mp4')).toBeNull();
  });

  it('that can no longer be read ends the upload at once, even if it appears as a network error', () => {
    const { fake, file, upload } = uploadWorld({
      faults: [on('uploadPart', { partNumber: 2, times: Infinity }).reset()],
    });
    const events = runVirtually(() => {
      const recording = record(upload({ taskNum: 1 }));
      at(100, () => file.failReads());
      return recording;
    });
    expect(events.error).toMatchObject({ name: 'SourceError', code: 'source-unreadable' });
    expect(typesOf(events)).not.toContain('retrying');
    expect(fake.uploads()).toHaveLength(1);
  });

  it.each([
    ['is sent by its `whole` as a single PUT with a content type', {}, [], null],
    ['is sent by a slice as a single PUT without a content type', { contentType: '' }, [[0, 1000]], null],
    ['is sent by a slice as a part, which has no content type', { multipart: 'always' }, [[0, 1000]], 1],
  ] as const)('%s', (_, options, slices, partNumber) => {
    const file = fakeSource({ size: 1000 });
    const { fake, upload } = uploadWorld({}, {}, file);
    const sourceFile = withOverrides(file, { whole: bytesOf(file) });
    runVirtually(() => record(upload({ sourceFile, ...options })));
    expect(file.slices).toEqual(slices);
    expect(fake.log.find((arrival) => arrival.size === 1000)?.partNumber).toBe(partNumber);
    expectObject(fake, 'film.mp4', file);
  });

  it.each(['auto', 'always'] as const)('that is empty and unreadable makes no object (%s)', (multipart) => {
    const { fake, upload } = uploadWorld();
    const sourceFile = withOverrides(fakeSource({ size: 0 }), {
      read: () => throwError(() => new Error('It is gone.')),
    });
    const events = runVirtually(() => record(upload({ sourceFile, multipart })));
    expect(events.error).toMatchObject({ name: 'SourceError', code: 'source-unreadable' });
    expect(fake.log).toEqual([]);
  });

  it.each([
    ['array', (size: number) => new Uint8Array(size)],
    ['Buffer of Node', (size: number) => Buffer.alloc(size)],
  ])('that is edited ends the upload even if its source reuses one %s', (_, allocate) => {
    const { fake, file, upload } = uploadWorld();
    const buffer: Uint8Array = allocate(file.size);
    const read = (start: number, end: number) => {
      buffer.set(bytesOf(file).subarray(start, end));
      return of(buffer.subarray(0, end - start));
    };
    const events = runVirtually(() => {
      const recording = record(upload({ sourceFile: withOverrides(file, { read }), taskNum: 1 }));
      at(100, () => file.edit({ seed: 2 }));
      return recording;
    });
    expect(events.error).toMatchObject({ name: 'SourceError', code: 'source-changed' });
    expect(fake.object('film.mp4')).toBeNull();
  });

  it('that cannot be read at the beginning ends the upload before any request', () => {
    const { fake, file, upload } = uploadWorld();
    file.failReads();
    const events = runVirtually(() => record(upload()));
    expect(events.error).toMatchObject({
      name: 'SourceError',
      code: 'source-unreadable',
      cause: { name: 'NotReadableError' },
    });
    expect(fake.log).toHaveLength(0);
  });

  it('is only read for its sample, which includes the first and last 64 KiB, at the start and at the end', () => {
    const size = 3 * PART + 1000;
    const { file, upload } = uploadWorld();
    runVirtually(() => record(upload()));
    const [atStart, atEnd] = [file.reads.slice(0, 4), file.reads.slice(4)];
    expect(atStart[0]).toEqual([0, 65_536]);
    expect(atStart[3]).toEqual([size - 65_536, size]);
    expect(atEnd).toEqual(atStart);
  });
});

describe("checksum: 'md5'", () => {
  it('sends the MD5 of each part, and of a single PUT', () => {
    for (const size of [3 * PART + 1000, 5]) {
      const file = fakeSource({ size });
      const { fake, upload } = uploadWorld({}, {}, file);
      const events = runVirtually(() => record(upload({ checksum: 'md5' })));
      expectObject(fake, 'film.mp4', file);
      const sent = fake.log.filter(({ operation }) => operation === 'uploadPart' || operation === 'putObject');
      expect(sent.length).toBe(size > PART ? 4 : 1);
      for (const { headers } of sent) expect(headers['content-md5']).toMatch(/^[\w+/]{22}==$/);
      expect(eventsOf(events, 'completed')[0]?.result.verified).toBe('etag');
    }
  });

  it('sends a part again that the service received damaged', () => {
    const { fake, file, upload } = uploadWorld({
      faults: [on('uploadPart', { partNumber: 2 }).respond(400, 'BadDigest')],
    });
    runVirtually(() => record(upload({ checksum: 'md5' })));
    expect(fake.arrivals('uploadPart', 2)).toHaveLength(2);
    expectObject(fake, 'film.mp4', file);
  });

  it('fails when the object is not what was sent', () => {
    const { upload } = uploadWorld({
      faults: [
        on('completeMultipartUpload').respond(200, null, {
          takesEffect: true,
          body: `<CompleteMultipartUploadResult><ETag>"${'0'.repeat(32)}-4"</ETag></CompleteMultipartUploadResult>`,
        }),
      ],
    });
    const events = runVirtually(() => record(upload({ checksum: 'md5' })));
    expect(events.error).toMatchObject({ name: 'IntegrityError', code: 'integrity' });
  });

  it('uses a custom hasher', () => {
    const { fake, file, upload } = uploadWorld();
    const hasher = {
      md5: (body: unknown) =>
        of(
          new Uint8Array(
            createHash('md5')
              .update(body as Uint8Array)
              .digest(),
          ),
        ),
    };
    runVirtually(() => record(upload({ checksum: 'md5', hasher })));
    expectObject(fake, 'film.mp4', file);
  });

  it.each([
    ['fails', throwError(() => new Error('worker died'))],
    ['completes without a value', EMPTY],
    ['never responds', NEVER],
  ])('fails with a SourceError if the hasher %s', (_, digest$) => {
    const { upload } = uploadWorld();
    const events = runVirtually(() => record(upload({ checksum: 'md5', hasher: { md5: () => digest$ } })));
    expect(events.error).toMatchObject({ name: 'SourceError', code: 'source-unreadable' });
  });
});

describe("verifyResume: 'parts'", () => {
  function cancelledWorld(at: number) {
    const bytes = new Uint8Array(20 * PART).map((_, i) => i % 251);
    const file = fakeSource({ bytes, name: 'film.mp4' });
    const world = uploadWorld({}, {}, file);
    const cancelled = runVirtually(() => record(world.upload().pipe(takeUntil(timer(at)))));
    return { ...world, bytes, checkpoint: lastCheckpoint(cancelled) };
  }

  it('resumes the same file', () => {
    const { fake, file, checkpoint, resume } = cancelledWorld(350);
    const resumed = runVirtually(() => record(resume(checkpoint, { verifyResume: 'parts' })));
    expect(checkpoint.parts.length).toBeGreaterThan(1);
    expect(typesOf(resumed).at(-1)).toBe('completed');
    expectObject(fake, 'film.mp4', file);
  });

  it('detects one changed byte outside the sample', () => {
    const { fake, file, bytes, checkpoint, resume } = cancelledWorld(350);
    const changed = bytes.slice();
    changed[PART] = (changed[PART] ?? 0) ^ 1;
    file.edit({ bytes: changed });
    const sentBefore = fake.arrivals('uploadPart').length;
    const resumed = runVirtually(() => record(resume(checkpoint, { verifyResume: 'parts' })));
    expect(resumed.error).toMatchObject({ name: 'SourceError', code: 'source-changed' });
    expect(fake.arrivals('uploadPart')).toHaveLength(sentBefore);
  });
});
