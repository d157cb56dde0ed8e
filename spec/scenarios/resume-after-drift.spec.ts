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
  begunWithParts,
  expectFailed,
  expectFired,
  expectKept,
  expectSurvived,
  first,
  interrupted,
  resumeAsJson,
  THREE_TIMES,
} from '../support/scenario-world.js';

const FOR_EVER = { times: Number.POSITIVE_INFINITY };
const seed = Number(process.env.PROPERTY_SEED ?? 20_260_105);

/** Which parts a recording sent. */
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
  const begun = begunWithParts(world, partSize);
  const bytes = bytesOf(file);
  for (let n = 1; n <= done; n++) {
    world.fake.putPart(begun.uploadId, n, bytes.subarray((n - 1) * partSize, n * partSize));
  }
  const parts = world.fake
    .partsOf(begun.uploadId)
    .map(({ partNumber, size: bytesOfPart, etag }) => ({ partNumber, size: bytesOfPart, etag }));
  return { world, checkpoint: { ...begun, parts } };
}

describe('resume with drift', () => {
  it('over 1000 parts on the server: all pages are read, lost and silent ones again, only what is missing is sent', () => {
    const { world, checkpoint } = smallWorld(16_160, 16, 1005);
    const faults = [on('listParts', { arrival: 2 }).reset(), on('listParts', { arrival: 3 }).stall('mid-response')];
    world.fake.addFaults(...faults);
    const resumed = resumeAsJson(world, checkpoint, { taskNum: 1 });
    expectFired(...faults);
    expectSurvived(world, resumed);
    expect(world.fake.arrivals('listParts').map(({ status }) => status)).toEqual([200, null, null, 200]);
    expect(first(resumed, 'started')).toMatchObject({ partCount: 1010, resumedBytes: 1005 * 16 });
    expect(sent(resumed)).toEqual([1006, 1007, 1008, 1009, 1010]);
  });

  describe('parts', () => {
    it('only on the server: used where their size fits the plan', () => {
      const world = uploadWorld();
      const checkpoint = interrupted(world, 3);
      const resumed = resumeAsJson(world, { ...checkpoint, parts: checkpoint.parts.slice(0, 1) });
      expectSurvived(world, resumed);
      expect(sent(resumed)).toEqual([4]);
    });

    it('only on the server, with ETags that are no MD5s (SSE-KMS): used beside one that is known to both', () => {
      const world = uploadWorld({ etags: 'fast' });
      const checkpoint = interrupted(world, 3);
      const resumed = resumeAsJson(world, { ...checkpoint, parts: checkpoint.parts.slice(0, 1) });
      expectSurvived(world, resumed);
      expect(sent(resumed)).toEqual([4]);
    });

    it('only in the checkpoint: sent again', () => {
      const world = uploadWorld();
      const checkpoint = interrupted(world, 3);
      world.fake.deletePart(checkpoint.uploadId, 2);
      const resumed = resumeAsJson(world, checkpoint);
      expectSurvived(world, resumed);
      expect(sent(resumed)).toEqual([2, 4]);
      expect(first(resumed, 'started')?.resumedBytes).toBe(2 * PART);
    });

    it.each([
      ['shorter', PART - 1],
      ['longer', PART + 1],
      ['empty', 0],
    ])('of a wrong size on the server, %s: sent again', (_, size) => {
      const world = uploadWorld();
      const checkpoint = interrupted(world, 3);
      world.fake.putPart(checkpoint.uploadId, 2, new Uint8Array(size));
      for (const parts of [checkpoint.parts, []]) {
        const resumed = resumeAsJson(world, { ...checkpoint, parts }, { taskNum: 1 });
        expectSurvived(world, resumed);
        if (parts.length > 0) expect(sent(resumed)).toEqual([2, 4]);
      }
    });

    it('of a wrong ETag on the server: sent again', () => {
      const world = uploadWorld();
      const checkpoint = interrupted(world, 3);
      world.fake.putPart(checkpoint.uploadId, 2, new Uint8Array(PART));
      const resumed = resumeAsJson(world, checkpoint);
      expectSurvived(world, resumed);
      expect(sent(resumed)).toEqual([2, 4]);
    });

    it('of a wrong ETag in the checkpoint: sent again', () => {
      const world = uploadWorld();
      const checkpoint = interrupted(world, 3);
      const parts = checkpoint.parts.map((part) => ({ ...part, etag: 'f'.repeat(32) }));
      const resumed = resumeAsJson(world, { ...checkpoint, parts });
      expectSurvived(world, resumed);
      expect(sent(resumed)).toEqual([1, 2, 3, 4]);
    });

    it('beyond the plan on the server: no part of the object', () => {
      const world = uploadWorld();
      const checkpoint = interrupted(world, 3);
      for (const n of [5, 9999]) world.fake.putPart(checkpoint.uploadId, n, new Uint8Array(PART));
      expectSurvived(world, resumeAsJson(world, checkpoint));
    });
  });

  describe('a dead upload id', () => {
    it.each([
      ['NoSuchUpload', null],
      ['NoSuchKey, as Ceph says it', on('listParts').respond(404, 'NoSuchKey')],
    ])('%s: starts over, reported once, with the options of the first upload', (_, fault) => {
      const world = uploadWorld();
      const checkpoint = interrupted(world, 2, { taskNum: 1, acl: 'public-read', metadata: { a: 'b' } });
      if (fault !== null) world.fake.addFaults(fault);
      world.fake.abortUpload(checkpoint.uploadId);
      const resumed = resumeAsJson(world, checkpoint, { acl: 'public-read' });
      if (fault !== null) expectFired(fault);
      expectSurvived(world, resumed);
      expect(typesOf(resumed).slice(0, 2)).toEqual(['restarted', 'started']);
      expect(eventsOf(resumed, 'restarted')).toEqual([
        { type: 'restarted', reason: 'upload-gone', lostBytes: 2 * PART },
      ]);
      expect(world.fake.object('film.mp4')?.options).toMatchObject({ acl: 'public-read', 'meta-a': 'b' });
    });

    it('that dies under parts in flight: starts over once for all of them', () => {
      const fault = on('uploadPart', { arrival: 3 }).dropUpload();
      const world = uploadWorld({ faults: [fault] });
      const events = runVirtually(() => record(world.upload({ taskNum: 4 })));
      expectFired(fault);
      expectSurvived(world, events);
      expect(eventsOf(events, 'restarted')).toHaveLength(1);
      expect(world.fake.arrivals('initiateMultipartUpload')).toHaveLength(2);
    });
  });

  describe('another partSize now', () => {
    it.each([2 * PART, 5 * 1024 ** 3])("%i bytes: the checkpoint's wins", (partSize) => {
      const world = uploadWorld();
      const checkpoint = interrupted(world);
      const resumed = resumeAsJson(world, checkpoint, { partSize });
      expectSurvived(world, resumed);
      expect(first(resumed, 'started')).toMatchObject({ partSize: PART, partCount: 4, resumedBytes: 2 * PART });
      expect(sent(resumed)).toEqual([3, 4]);
    });

    it('in the checkpoint, changed by somebody, so that a part of the server fits by chance: no mixed object', () => {
      const { world, checkpoint } = smallWorld();
      // Part 2 of the server is bytes 1000 to 2000; of 2500 bytes a part it would be bytes 2500 to 3500.
      const resumed = resumeAsJson(world, { ...checkpoint, partSize: 2500, parts: [] });
      if (resumed.completed) expectSurvived(world, resumed);
      else expect(isUploadError(resumed.error)).toBe(true);
    });
  });

  describe('a checkpoint that is foreign', () => {
    const good = interrupted(uploadWorld());
    const [part] = good.parts;
    const foreign: readonly [what: string, field: string, record: unknown][] = [
      ['of another bucket', 'bucket', { ...good, bucket: 'other' }],
      ['of another key', 'key', { ...good, key: 'other.mp4' }],
      ['of another server', 'server', { ...good, server: 'https://evil.test' }],
      ['of the same server by another scheme', 'server', { ...good, server: 'http://obs.test' }],
      ['of the same server on another port', 'server', { ...good, server: 'https://obs.test:8443' }],
      ['of another version', 'version', { ...good, version: 2 }],
      [
        'that is another program’s record',
        'version',
        { bucket: 'media', key: 'film.mp4', sourceFile: {}, partSize: 9 },
      ],
      ['that is a list', 'checkpoint', [good]],
      ['that is still text', 'checkpoint', JSON.stringify(good)],
      ['that is truncated text', 'checkpoint', JSON.stringify(good).slice(0, 100)],
      ['that is true', 'checkpoint', true],
      ['truncated before its parts', 'parts', { ...good, parts: undefined }],
      ['truncated within a part', 'parts[0].etag', { ...good, parts: [{ partNumber: 1, size: PART }] }],
      ['with a million parts', 'parts', { ...good, parts: new Array(1_000_000).fill(part) }],
      ['with a part twice', 'parts[1].partNumber', { ...good, parts: [part, part] }],
      ['with overlapping parts', 'parts[0].size', { ...good, parts: [{ ...part, size: PART + 1 }] }],
      ['with a part that reaches beyond the file', 'parts[0].size', { ...good, parts: [{ ...part, partNumber: 4 }] }],
      ['with a part number of 0', 'parts[0].partNumber', { ...good, parts: [{ ...part, partNumber: 0 }] }],
      ['with an upload id that is an object', 'uploadId', { ...good, uploadId: { toString: 'x' } }],
      ['with an upload id of half a character', 'uploadId', { ...good, uploadId: '\ud800' }],
      ['with a header of its own', 'object.acl', { ...good, object: { acl: 'private\r\nx-obs-meta-a: b' } }],
    ];

    it.each(foreign)('%s: CheckpointError that names %s, before any request', (_, field, checkpoint) => {
      const world = uploadWorld();
      const events = runVirtually(() => record(world.resume(checkpoint as UploadCheckpoint)));
      expect(events.error).toBeInstanceOf(CheckpointError);
      expect(events.error).toMatchObject({ field, resumable: false, checkpoint: null });
      expect(world.fake.log).toHaveLength(0);
      expect(world.file.reads).toHaveLength(0);
    });
  });

  describe('an upload id with /?#&', () => {
    const strange = '2~a/../b?c=d#e&uploads=f%2F+"<g> 中';

    it('reaches the server as it is', () => {
      const world = uploadWorld({ uploadIds: (n) => `${strange} ${n}` });
      const checkpoint = interrupted(world);
      expect(checkpoint.uploadId).toBe(`${strange} 1`);
      expectSurvived(world, resumeAsJson(world, checkpoint));
      expect(new Set(world.fake.arrivals('uploadPart').map(({ uploadId }) => uploadId))).toEqual(
        new Set([`${strange} 1`]),
      );
    });

    it('put there by somebody: asks for nothing but this key, then starts over', () => {
      const world = uploadWorld();
      const resumed = resumeAsJson(world, { ...interrupted(world), uploadId: strange });
      expectSurvived(world, resumed);
      expect(eventsOf(resumed, 'restarted')).toHaveLength(1);
      for (const { bucket, key } of world.fake.log) expect([bucket, key]).toEqual(['media', 'film.mp4']);
      expect(world.fake.arrivals('listMultipartUploads')).toHaveLength(0);
    });
  });

  describe('list parts forbidden by policy', () => {
    const forbidden = () => on('listParts', FOR_EVER).respond(403, 'AccessDenied');

    it('falls back on the checkpoint with a warning', () => {
      const world = uploadWorld();
      const checkpoint = interrupted(world);
      const fault = forbidden();
      world.fake.addFaults(fault);
      const resumed = resumeAsJson(world, checkpoint);
      expectFired(fault);
      expectSurvived(world, resumed);
      expect(first(resumed, 'warning')?.error).toMatchObject({ serviceCode: 'AccessDenied', operation: 'listParts' });
      expect(sent(resumed)).toEqual([3, 4]);
      expect(world.fake.arrivals('listParts')).toHaveLength(1);
    });

    it('and InvalidPart at complete: ServiceError; the upload stays', () => {
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
      expectSurvived(world, again);
      expect(sent(again)).toEqual([1]);
    });

    it('and the upload gone: starts over, reported once', () => {
      const world = uploadWorld();
      const checkpoint = interrupted(world);
      const fault = forbidden();
      world.fake.addFaults(fault);
      world.fake.abortUpload(checkpoint.uploadId);
      const resumed = resumeAsJson(world, checkpoint);
      expectFired(fault);
      expectSurvived(world, resumed);
      expect(eventsOf(resumed, 'restarted')).toHaveLength(1);
    });
  });

  describe('an upload that vanishes again and again', () => {
    it('starts over once, then ends in an error', () => {
      const fault = on('uploadPart', FOR_EVER).dropUpload();
      const world = uploadWorld({ faults: [fault] });
      const events = runVirtually(() => record(world.upload({ taskNum: 1, retry: THREE_TIMES })));
      expectFired(fault);
      const error = expectFailed(world, events, { name: 'ServiceError', serviceCode: 'NoSuchUpload' });
      expect(eventsOf(events, 'restarted')).toHaveLength(1);
      expect(eventsOf(events, 'started')).toHaveLength(2);
      expect(world.fake.arrivals('initiateMultipartUpload')).toHaveLength(2);
      world.fake.clearFaults();
      expectSurvived(world, resumeAsJson(world.reconnect(), error.checkpoint));
    });

    it('on resume too', () => {
      const world = uploadWorld();
      const checkpoint = interrupted(world);
      const fault = on('uploadPart', { ...FOR_EVER, arrival: 2 }).dropUpload();
      world.fake.addFaults(fault);
      world.fake.abortUpload(checkpoint.uploadId);
      const resumed = resumeAsJson(world, checkpoint, { taskNum: 1 });
      expectFired(fault);
      expectFailed(world, resumed, { name: 'ServiceError', serviceCode: 'NoSuchUpload' });
      expect(eventsOf(resumed, 'restarted')).toHaveLength(1);
    });

    it('while the new one cannot be initiated: an error with the old checkpoint', () => {
      const world = uploadWorld();
      const checkpoint = interrupted(world);
      const fault = on('initiateMultipartUpload', FOR_EVER).respond(503, 'ServiceUnavailable');
      world.fake.addFaults(fault);
      world.fake.abortUpload(checkpoint.uploadId);
      const resumed = resumeAsJson(world, checkpoint, { retry: THREE_TIMES });
      expectFired(fault);
      const error = expectFailed(world, resumed, { operation: 'initiateMultipartUpload' }, checkpoint);
      world.fake.clearFaults();
      expectSurvived(world, resumeAsJson(world.reconnect(), error.checkpoint));
    });
  });

  it('list parts that fails for a long time: an error; the upload stays', () => {
    const world = uploadWorld();
    const given = interrupted(world);
    const fault = on('listParts', FOR_EVER).respond(503, 'ServiceUnavailable');
    world.fake.addFaults(fault);
    const resumed = resumeAsJson(world, given, { retry: THREE_TIMES });
    expectFired(fault);
    expectKept(world, resumed, { name: 'ServiceError', operation: 'listParts' }, { given });
  });

  describe('any record at all', () => {
    /** By a checkpoint that anybody may have written: a whole object or a typed error, nothing asked of anybody else. */
    function expectHarmless(world: UploadWorld, checkpoint: unknown): void {
      const options: UploadOptions = { sourceFile: world.file, retry: THREE_TIMES, taskNum: 2 };
      const request = {
        ...options,
        bucket: 'media',
        key: 'film.mp4',
        uploadCheckpoint: checkpoint as UploadCheckpoint,
      };
      const sentBefore = world.fake.log.length;
      const events = runVirtually(() => record(uploadFile$(world.obs, request)));
      if (events.completed) {
        expectSurvived(world, events);
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

    it('that was a checkpoint before somebody changed it ends in the file or in a typed error', () => {
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
