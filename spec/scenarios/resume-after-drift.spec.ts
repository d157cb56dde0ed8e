import fc from 'fast-check';
import {
  CheckpointError,
  isUploadError,
  uploadFile$,
  type UploadCheckpoint,
  type UploadEvent,
  type UploadOptions,
} from 'rx-obs-upload';
import { bytesOf, fakeSource, on } from 'rx-obs-upload/testing';
import { eventsOf, PART, typesOf, uploadWorld, type UploadWorld } from '../support/upload-world.js';
import { record, runVirtually, type Recording } from '../support/virtual-time.js';
import {
  asJson,
  startedWithPartSize,
  expectFailed,
  expectFired,
  expectCanResume,
  expectUploaded,
  first,
  interrupted,
  resumeAsJson,
  THREE_ATTEMPTS,
} from '../support/scenario-world.js';

const ALWAYS = { times: Number.POSITIVE_INFINITY };
const seed = Number(process.env.PROPERTY_SEED ?? 20_260_105);

/** The numbers of the parts that were sent. */
function sent(events: Recording<UploadEvent>): number[] {
  return eventsOf(events, 'part-started').map(({ partNumber }) => partNumber);
}

/** An upload of a small file in small parts, the first of which are on the server: cheap enough for many runs. */
function smallWorld(
  size = 3500,
  partSize = 1000,
  done = 2,
): { readonly world: UploadWorld; readonly checkpoint: UploadCheckpoint } {
  const file = fakeSource({ name: 'film.mp4', size });
  const world = uploadWorld({ minPartBytes: 1, bytesPerSecond: null }, {}, file);
  const started = startedWithPartSize(world, partSize);
  const bytes = bytesOf(file);
  for (let n = 1; n <= done; n++) {
    world.fake.putPart(started.uploadId, n, bytes.subarray((n - 1) * partSize, n * partSize));
  }
  const parts = world.fake
    .partsOf(started.uploadId)
    .map(({ partNumber, size: bytesOfPart, etag }) => ({ partNumber, size: bytesOfPart, etag }));
  return { world, checkpoint: { ...started, parts } };
}

describe('resume with drift', () => {
  it('reads all pages of over 1000 parts, retries failed ones, and sends only what is missing', () => {
    const { world, checkpoint } = smallWorld(16_160, 16, 1005);
    const faults = [on('listParts', { arrival: 2 }).reset(), on('listParts', { arrival: 3 }).stall('mid-response')];
    world.fake.addFaults(...faults);
    const resumed = resumeAsJson(world, checkpoint, { taskNum: 1 });
    expectFired(...faults);
    expectUploaded(world, resumed);
    expect(world.fake.arrivals('listParts').map(({ status }) => status)).toEqual([200, null, null, 200]);
    expect(first(resumed, 'started')).toMatchObject({ partCount: 1010, resumedBytes: 1005 * 16 });
    expect(sent(resumed)).toEqual([1006, 1007, 1008, 1009, 1010]);
  });

  describe('parts', () => {
    it('that are only on the server are used if their size is right', () => {
      const world = uploadWorld();
      const checkpoint = interrupted(world, 3);
      const resumed = resumeAsJson(world, { ...checkpoint, parts: checkpoint.parts.slice(0, 1) });
      expectUploaded(world, resumed);
      expect(sent(resumed)).toEqual([4]);
    });

    it('that are only on the server are used beside a known one if ETags are not MD5s (SSE-KMS)', () => {
      const world = uploadWorld({ etags: 'fast' });
      const checkpoint = interrupted(world, 3);
      const resumed = resumeAsJson(world, { ...checkpoint, parts: checkpoint.parts.slice(0, 1) });
      expectUploaded(world, resumed);
      expect(sent(resumed)).toEqual([4]);
    });

    it('that are only in the checkpoint are sent again', () => {
      const world = uploadWorld();
      const checkpoint = interrupted(world, 3);
      world.fake.deletePart(checkpoint.uploadId, 2);
      const resumed = resumeAsJson(world, checkpoint);
      expectUploaded(world, resumed);
      expect(sent(resumed)).toEqual([2, 4]);
      expect(first(resumed, 'started')?.resumedBytes).toBe(2 * PART);
    });

    it.each([
      ['shorter', PART - 1],
      ['longer', PART + 1],
      ['empty', 0],
    ])('of a wrong size on the server are sent again: %s', (_, size) => {
      const world = uploadWorld();
      const checkpoint = interrupted(world, 3);
      world.fake.putPart(checkpoint.uploadId, 2, new Uint8Array(size));
      for (const parts of [checkpoint.parts, []]) {
        const resumed = resumeAsJson(world, { ...checkpoint, parts }, { taskNum: 1 });
        expectUploaded(world, resumed);
        if (parts.length > 0) expect(sent(resumed)).toEqual([2, 4]);
      }
    });

    it('of a wrong ETag on the server are sent again', () => {
      const world = uploadWorld();
      const checkpoint = interrupted(world, 3);
      world.fake.putPart(checkpoint.uploadId, 2, new Uint8Array(PART));
      const resumed = resumeAsJson(world, checkpoint);
      expectUploaded(world, resumed);
      expect(sent(resumed)).toEqual([2, 4]);
    });

    it('of a wrong ETag in the checkpoint are sent again', () => {
      const world = uploadWorld();
      const checkpoint = interrupted(world, 3);
      const parts = checkpoint.parts.map((part) => ({ ...part, etag: 'f'.repeat(32) }));
      const resumed = resumeAsJson(world, { ...checkpoint, parts });
      expectUploaded(world, resumed);
      expect(sent(resumed)).toEqual([1, 2, 3, 4]);
    });

    it('beyond the end of the file on the server are not part of the object', () => {
      const world = uploadWorld();
      const checkpoint = interrupted(world, 3);
      for (const n of [5, 9999]) world.fake.putPart(checkpoint.uploadId, n, new Uint8Array(PART));
      expectUploaded(world, resumeAsJson(world, checkpoint));
    });
  });

  describe('an upload that no longer exists', () => {
    it.each([
      ['NoSuchUpload', null],
      ['NoSuchKey, as from Ceph', on('listParts').respond(404, 'NoSuchKey')],
    ])('restarts once with the original options: %s', (_, fault) => {
      const world = uploadWorld();
      const checkpoint = interrupted(world, 2, { taskNum: 1, acl: 'public-read', metadata: { a: 'b' } });
      if (fault !== null) world.fake.addFaults(fault);
      world.fake.abortUpload(checkpoint.uploadId);
      const resumed = resumeAsJson(world, checkpoint, { acl: 'public-read' });
      if (fault !== null) expectFired(fault);
      expectUploaded(world, resumed);
      expect(typesOf(resumed).slice(0, 2)).toEqual(['restarted', 'started']);
      expect(eventsOf(resumed, 'restarted')).toEqual([
        { type: 'restarted', reason: 'upload-gone', lostBytes: 2 * PART },
      ]);
      expect(world.fake.object('film.mp4')?.options).toMatchObject({ acl: 'public-read', 'meta-a': 'b' });
    });

    it('restarts once for all parts in flight', () => {
      const fault = on('uploadPart', { arrival: 3 }).dropUpload();
      const world = uploadWorld({ faults: [fault] });
      const events = runVirtually(() => record(world.upload({ taskNum: 4 })));
      expectFired(fault);
      expectUploaded(world, events);
      expect(eventsOf(events, 'restarted')).toHaveLength(1);
      expect(world.fake.arrivals('initiateMultipartUpload')).toHaveLength(2);
    });
  });

  describe('another partSize', () => {
    it.each([2 * PART, 5 * 1024 ** 3])("of %i bytes is ignored in favor of the checkpoint's", (partSize) => {
      const world = uploadWorld();
      const checkpoint = interrupted(world);
      const resumed = resumeAsJson(world, checkpoint, { partSize });
      expectUploaded(world, resumed);
      expect(first(resumed, 'started')).toMatchObject({ partSize: PART, partCount: 4, resumedBytes: 2 * PART });
      expect(sent(resumed)).toEqual([3, 4]);
    });

    it('in a changed checkpoint makes no mixed object if a part on the server fits by chance', () => {
      const { world, checkpoint } = smallWorld();
      // Part 2 on the server is bytes 1000 to 2000; with parts of 2500 bytes it would be bytes 2500 to 3500.
      const resumed = resumeAsJson(world, { ...checkpoint, partSize: 2500, parts: [] });
      if (resumed.completed) expectUploaded(world, resumed);
      else expect(isUploadError(resumed.error)).toBe(true);
    });
  });

  describe('an invalid checkpoint', () => {
    const good = interrupted(uploadWorld());
    const [part] = good.parts;
    const invalid: readonly [what: string, field: string, record: unknown][] = [
      ['of another bucket', 'bucket', { ...good, bucket: 'other' }],
      ['of another key', 'key', { ...good, key: 'other.mp4' }],
      ['of another server', 'server', { ...good, server: 'https://evil.test' }],
      ['of the same server with another scheme', 'server', { ...good, server: 'http://obs.test' }],
      ['of the same server on another port', 'server', { ...good, server: 'https://obs.test:8443' }],
      ['of another version', 'version', { ...good, version: 2 }],
      [
        'that is another program’s record',
        'version',
        { bucket: 'media', key: 'film.mp4', sourceFile: {}, partSize: 9 },
      ],
      ['that is a list', 'checkpoint', [good]],
      ['that is JSON text', 'checkpoint', JSON.stringify(good)],
      ['that is truncated JSON text', 'checkpoint', JSON.stringify(good).slice(0, 100)],
      ['that is true', 'checkpoint', true],
      ['truncated before its parts', 'parts', { ...good, parts: undefined }],
      ['truncated within a part', 'parts[0].etag', { ...good, parts: [{ partNumber: 1, size: PART }] }],
      ['with a million parts', 'parts', { ...good, parts: new Array(1_000_000).fill(part) }],
      ['with a part twice', 'parts[1].partNumber', { ...good, parts: [part, part] }],
      ['with overlapping parts', 'parts[0].size', { ...good, parts: [{ ...part, size: PART + 1 }] }],
      ['with a part that reaches beyond the file', 'parts[0].size', { ...good, parts: [{ ...part, partNumber: 4 }] }],
      ['with a part number of 0', 'parts[0].partNumber', { ...good, parts: [{ ...part, partNumber: 0 }] }],
      ['with an upload id that is an object', 'uploadId', { ...good, uploadId: { toString: 'x' } }],
      ['with an upload id of a lone surrogate', 'uploadId', { ...good, uploadId: '\ud800' }],
      ['with an injected header', 'object.acl', { ...good, object: { acl: 'private\r\nx-obs-meta-a: b' } }],
    ];

    it.each(invalid)('%s is refused before any request (field: %s)', (_, field, checkpoint) => {
      const world = uploadWorld();
      const events = runVirtually(() => record(world.resume(checkpoint as UploadCheckpoint)));
      expect(events.error).toBeInstanceOf(CheckpointError);
      expect(events.error).toMatchObject({ field, resumable: false, checkpoint: null });
      expect(world.fake.log).toHaveLength(0);
      expect(world.file.reads).toHaveLength(0);
    });
  });

  describe('an upload id with /?#&', () => {
    const specialId = '2~a/../b?c=d#e&uploads=f%2F+"<g> 中';

    it('reaches the server unchanged', () => {
      const world = uploadWorld({ uploadIds: (n) => `${specialId} ${n}` });
      const checkpoint = interrupted(world);
      expect(checkpoint.uploadId).toBe(`${specialId} 1`);
      expectUploaded(world, resumeAsJson(world, checkpoint));
      expect(new Set(world.fake.arrivals('uploadPart').map(({ uploadId }) => uploadId))).toEqual(
        new Set([`${specialId} 1`]),
      );
    });

    it('in a changed checkpoint leads to requests for this key only, then to a restart', () => {
      const world = uploadWorld();
      const resumed = resumeAsJson(world, { ...interrupted(world), uploadId: specialId });
      expectUploaded(world, resumed);
      expect(eventsOf(resumed, 'restarted')).toHaveLength(1);
      for (const { bucket, key } of world.fake.log) expect([bucket, key]).toEqual(['media', 'film.mp4']);
      expect(world.fake.arrivals('listMultipartUploads')).toHaveLength(0);
    });
  });

  describe('when listing parts is forbidden by policy', () => {
    const forbidden = () => on('listParts', ALWAYS).respond(403, 'AccessDenied');

    it('falls back to the checkpoint with a warning', () => {
      const world = uploadWorld();
      const checkpoint = interrupted(world);
      const fault = forbidden();
      world.fake.addFaults(fault);
      const resumed = resumeAsJson(world, checkpoint);
      expectFired(fault);
      expectUploaded(world, resumed);
      expect(first(resumed, 'warning')?.error).toMatchObject({ serviceCode: 'AccessDenied', operation: 'listParts' });
      expect(sent(resumed)).toEqual([3, 4]);
      expect(world.fake.arrivals('listParts')).toHaveLength(1);
    });

    it('fails with a resumable ServiceError if complete gets InvalidPart', () => {
      const world = uploadWorld();
      const checkpoint = interrupted(world);
      const fault = forbidden();
      world.fake.addFaults(fault);
      world.fake.deletePart(checkpoint.uploadId, 1);
      const resumed = resumeAsJson(world, checkpoint);
      expectFired(fault);
      const error = expectFailed(
        world,
        resumed,
        { name: 'ServiceError', serviceCode: 'InvalidPart', operation: 'completeMultipartUpload', resumable: true },
        checkpoint,
      );
      expect(world.fake.uploads()).toHaveLength(1);
      world.fake.clearFaults();
      const again = resumeAsJson(world.reconnect(), error.checkpoint);
      expectUploaded(world, again);
      expect(sent(again)).toEqual([1]);
    });

    it('restarts once if the upload no longer exists', () => {
      const world = uploadWorld();
      const checkpoint = interrupted(world);
      const fault = forbidden();
      world.fake.addFaults(fault);
      world.fake.abortUpload(checkpoint.uploadId);
      const resumed = resumeAsJson(world, checkpoint);
      expectFired(fault);
      expectUploaded(world, resumed);
      expect(eventsOf(resumed, 'restarted')).toHaveLength(1);
    });
  });

  describe('an upload that disappears repeatedly', () => {
    it('restarts once, then fails', () => {
      const fault = on('uploadPart', ALWAYS).dropUpload();
      const world = uploadWorld({ faults: [fault] });
      const events = runVirtually(() => record(world.upload({ taskNum: 1, retry: THREE_ATTEMPTS })));
      expectFired(fault);
      const error = expectFailed(world, events, { name: 'ServiceError', serviceCode: 'NoSuchUpload' });
      expect(eventsOf(events, 'restarted')).toHaveLength(1);
      expect(eventsOf(events, 'started')).toHaveLength(2);
      expect(world.fake.arrivals('initiateMultipartUpload')).toHaveLength(2);
      world.fake.clearFaults();
      expectUploaded(world, resumeAsJson(world.reconnect(), error.checkpoint));
    });

    it('restarts once on resume, then fails', () => {
      const world = uploadWorld();
      const checkpoint = interrupted(world);
      const fault = on('uploadPart', { ...ALWAYS, arrival: 2 }).dropUpload();
      world.fake.addFaults(fault);
      world.fake.abortUpload(checkpoint.uploadId);
      const resumed = resumeAsJson(world, checkpoint, { taskNum: 1 });
      expectFired(fault);
      expectFailed(world, resumed, { name: 'ServiceError', serviceCode: 'NoSuchUpload' });
      expect(eventsOf(resumed, 'restarted')).toHaveLength(1);
    });

    it('fails with the old checkpoint if the new upload cannot be initiated', () => {
      const world = uploadWorld();
      const checkpoint = interrupted(world);
      const fault = on('initiateMultipartUpload', ALWAYS).respond(503, 'ServiceUnavailable');
      world.fake.addFaults(fault);
      world.fake.abortUpload(checkpoint.uploadId);
      const resumed = resumeAsJson(world, checkpoint, { retry: THREE_ATTEMPTS });
      expectFired(fault);
      const error = expectFailed(world, resumed, { operation: 'initiateMultipartUpload' }, checkpoint);
      world.fake.clearFaults();
      expectUploaded(world, resumeAsJson(world.reconnect(), error.checkpoint));
    });
  });

  it('fails with a resumable error if listing parts keeps failing', () => {
    const world = uploadWorld();
    const given = interrupted(world);
    const fault = on('listParts', ALWAYS).respond(503, 'ServiceUnavailable');
    world.fake.addFaults(fault);
    const resumed = resumeAsJson(world, given, { retry: THREE_ATTEMPTS });
    expectFired(fault);
    expectCanResume(world, resumed, { name: 'ServiceError', operation: 'listParts' }, { given });
  });

  describe('any value as a checkpoint', () => {
    /** A resume with any checkpoint: a complete object or a typed error, and no request for another bucket or key. */
    function expectHarmless(world: UploadWorld, checkpoint: unknown): void {
      const options: UploadOptions = { sourceFile: world.file, retry: THREE_ATTEMPTS, taskNum: 2 };
      const request = {
        ...options,
        bucket: 'media',
        key: 'film.mp4',
        uploadCheckpoint: checkpoint as UploadCheckpoint,
      };
      const sentBefore = world.fake.log.length;
      const events = runVirtually(() => record(uploadFile$(world.obs, request)));
      if (events.completed) {
        expectUploaded(world, events);
      } else {
        expect(isUploadError(events.error)).toBe(true);
        if (events.error instanceof CheckpointError) expect(world.fake.log).toHaveLength(sentBefore);
      }
      expect(eventsOf(events, 'restarted').length).toBeLessThanOrEqual(1);
      expect(world.fake.arrivals('abortMultipartUpload')).toHaveLength(0);
      for (const { bucket, key } of world.fake.log) expect([bucket, key]).toEqual(['media', 'film.mp4']);
      expect(({} as Record<string, unknown>).polluted).toBeUndefined();
    }

    it('is a CheckpointError before any request', () => {
      const world = uploadWorld();
      fc.assert(
        fc.property(fc.anything({ withNullPrototype: true, withBigInt: true }), (checkpoint) => {
          if (!checkpoint) return;
          const events = runVirtually(() => record(world.resume(checkpoint as UploadCheckpoint)));
          expect(events.error).toBeInstanceOf(CheckpointError);
          expect(world.fake.log).toHaveLength(0);
        }),
        { numRuns: 500, seed },
      );
    });

    /** Every field of a record, at any depth. */
    function pathsOf(value: unknown, path: readonly string[] = []): (readonly string[])[] {
      if (typeof value !== 'object' || value === null) return [path];
      const inner = Object.entries(value).flatMap(([name, child]) => pathsOf(child, [...path, name]));
      return path.length === 0 ? inner : [path, ...inner];
    }

    function replaced(record: unknown, [name, ...rest]: readonly string[], by: unknown): unknown {
      if (name === undefined) return by;
      if (typeof record !== 'object' || record === null) return record;
      const copy: object = Array.isArray(record) ? [...(record as unknown[])] : { ...record };
      Object.defineProperty(copy, name, {
        value: replaced((record as Record<string, unknown>)[name], rest, by),
        enumerable: true,
        configurable: true,
        writable: true,
      });
      return copy;
    }

    const { checkpoint: pattern } = smallWorld();
    const changes = fc.record({
      path: fc.constantFrom(...pathsOf(pattern), ['__proto__'], ['object', 'metadata'], ['object', 'callback']),
      by: fc.oneof(
        fc.jsonValue({ maxDepth: 2 }),
        fc.constantFrom<unknown>(undefined, 0, -1, 1, 3500, 1e21, '', '/?#&', '__proto__', '../x', [], {}, '\r\nx: y'),
        fc.constant({ polluted: true, toString: 'x' }),
      ),
    });

    it('that is a changed checkpoint ends in the right object or a typed error', () => {
      let refused = 0;
      let completed = 0;
      fc.assert(
        fc.property(fc.array(changes, { minLength: 1, maxLength: 2 }), (edits) => {
          const { world, checkpoint } = smallWorld();
          const changed = edits.reduce<unknown>(
            (record, { path, by }) => replaced(record, path, by),
            asJson(checkpoint),
          );
          expectHarmless(world, changed);
          if (world.fake.object('film.mp4') === null) refused++;
          else completed++;
        }),
        { numRuns: 200, seed },
      );
      expect(refused).toBeGreaterThan(50);
      expect(completed).toBeGreaterThan(5);
    });
  });
});
