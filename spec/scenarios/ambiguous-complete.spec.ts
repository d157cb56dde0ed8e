import type { UploadEvent, UploadResult } from 'rx-obs-upload';
import { fakeSource, on, type FakeObsOptions, type FaultRule } from 'rx-obs-upload/testing';
import {
  eventsOf,
  expectObject,
  lastCheckpoint,
  PART,
  typesOf,
  uploadWorld,
  type UploadWorld,
} from '../support/upload-world.js';
import { record, runVirtually, type Recording } from '../support/virtual-time.js';
import {
  expectFailed,
  expectFired,
  expectCanResume,
  expectUploaded,
  first,
  interrupted,
  resumeAsJson,
  THREE_ATTEMPTS,
  timeOf,
} from '../support/scenario-world.js';

const COMPLETE = 'completeMultipartUpload';
const ALWAYS = { times: Number.POSITIVE_INFINITY };
const SIZE = 3 * PART + 1000;

interface Run {
  readonly world: UploadWorld;
  readonly events: Recording<UploadEvent>;
  readonly completes: number;
  readonly heads: number;
}

/** Runs an upload in which all of the faults occur. */
function run(faults: readonly FaultRule[], options: FakeObsOptions = {}): Run {
  const world = uploadWorld({ faults, ...options });
  const events = runVirtually(() => record(world.upload({ stallTimeoutMs: 5000, retry: THREE_ATTEMPTS })));
  expectFired(...faults);
  const { fake } = world;
  return { world, events, completes: fake.arrivals(COMPLETE).length, heads: fake.arrivals('headObject').length };
}

/** Another writer stores an object of that many bytes under the key. */
function overwriteBefore(operation: 'headObject' | 'completeMultipartUpload', bytes: number, arrival = 1): FaultRule {
  return on(operation, { arrival }).act((control, { bucket, key }) =>
    control.putObject(bucket ?? '', key ?? '', new Uint8Array(bytes)),
  );
}

function expectVerified({ world, events }: Run, verified: UploadResult['verified']): void {
  expect(expectUploaded(world, events).verified).toBe(verified);
}

describe('complete', () => {
  describe('whose response is lost', () => {
    it.each([
      ['the connection breaks after it took effect', on(COMPLETE).loseResponse()],
      ['the response is truncated', on(COMPLETE).truncateResponse()],
      ['the response never ends', on(COMPLETE).stall('mid-response')],
    ])('is not sent again because HEAD finds the object: %s', (_, fault) => {
      const upload = run([fault]);
      expectVerified(upload, 'etag');
      expect(upload.completes).toBe(1);
      expect(upload.heads).toBe(1);
    });

    it('is verified by HEAD when the browser resends it and gets NoSuchUpload', () => {
      const upload = run([on(COMPLETE).resend()]);
      expect(upload.world.fake.arrivals(COMPLETE)[1]?.status).toBe(404);
      expectVerified(upload, 'etag');
    });

    it('is sent again when HEAD finds no object and the upload still exists', () => {
      const upload = run([on(COMPLETE).reset(), on('headObject').respond(404)]);
      expectVerified(upload, 'etag');
      expect(upload.completes).toBe(2);
    });

    it('is verified by another HEAD when HEAD fails temporarily', () => {
      const upload = run([
        on(COMPLETE).loseResponse(),
        on('headObject', { times: 2 }).respond(503, 'ServiceUnavailable'),
      ]);
      expectVerified(upload, 'etag');
      expect(upload.heads).toBe(3);
    });

    it('fails when HEAD keeps failing, and a resume finds the object', () => {
      const { world, events } = run([on(COMPLETE).loseResponse(), on('headObject', ALWAYS).reset()]);
      const failed = expectFailed(world, events, { operation: COMPLETE, resumable: true });
      world.fake.clearFaults();
      const sent = world.fake.arrivals('uploadPart').length;
      expect(expectUploaded(world, resumeAsJson(world.reconnect(), failed.checkpoint)).verified).toBe('etag');
      expect(world.fake.arrivals('uploadPart')).toHaveLength(sent);
    });
  });

  describe('when an older object of the same size exists under the key', () => {
    it('is sent again if it did not take effect', () => {
      const upload = run([overwriteBefore(COMPLETE, SIZE), on(COMPLETE).reset()]);
      expectVerified(upload, 'etag');
      expect(upload.completes).toBe(2);
    });

    it('is sent again if HEAD shows no upload id', () => {
      const upload = run([
        overwriteBefore(COMPLETE, SIZE),
        on(COMPLETE).reset(),
        on('headObject').hideHeaders('x-obs-uploadid'),
      ]);
      expectVerified(upload, 'etag');
      expect(upload.completes).toBe(2);
    });

    it('is sent again if HEAD shows neither upload id nor ETag, although the size matches', () => {
      const upload = run([
        overwriteBefore(COMPLETE, SIZE),
        on(COMPLETE).reset(),
        on('headObject').hideHeaders('x-obs-uploadid', 'etag'),
      ]);
      expectVerified(upload, 'etag');
      expect(upload.completes).toBe(2);
    });

    it('fails with complete-unknown if the upload disappears', () => {
      const { world, events } = run([overwriteBefore(COMPLETE, SIZE), on(COMPLETE).dropUpload()]);
      expectFailed(world, events, { name: 'ServiceError', code: 'complete-unknown', serviceCode: 'NoSuchUpload' });
      expect(typesOf(events)).not.toContain('restarted');
      expect(world.fake.arrivals('initiateMultipartUpload')).toHaveLength(1);
    });
  });

  describe('when another writer replaces the object', () => {
    it.each([7, SIZE])(
      'fails with complete-unknown if its response was lost, and leaves their %i bytes alone',
      (bytes) => {
        const { world, events, completes } = run([on(COMPLETE).loseResponse(), overwriteBefore('headObject', bytes)]);
        expectFailed(world, events, { name: 'ServiceError', code: 'complete-unknown' });
        expect(world.fake.object('film.mp4')).toMatchObject({ size: bytes, uploadId: null });
        expect(completes).toBe(1);
        expect(world.fake.arrivals('initiateMultipartUpload')).toHaveLength(1);
      },
    );

    it('succeeds after a 200, whatever HEAD shows', () => {
      const { world, events } = run([on(COMPLETE).emptyEtag(), overwriteBefore('headObject', 7)]);
      expect(events.error).toBeUndefined();
      expect(first(events, 'completed')?.result).toMatchObject({ verified: 'none', totalBytes: SIZE });
      expect(world.fake.object('film.mp4')?.size).toBe(7);
    });

    it('checks the object after each "already in progress", then fails', () => {
      const inProgress = { message: 'This multipart completion is already in progress' };
      const { world, events, completes, heads } = run([
        overwriteBefore(COMPLETE, 7),
        on(COMPLETE, ALWAYS).respond(500, 'InternalError', inProgress),
      ]);
      expectFailed(world, events, { name: 'ServiceError', serviceCode: 'InternalError', operation: COMPLETE });
      expect(completes).toBe(3);
      expect(heads).toBe(3);
    });
  });

  describe('when HEAD is forbidden', () => {
    it('fails with complete-unknown if it took effect, without a silent restart', () => {
      const { world, events } = run([on(COMPLETE).loseResponse(), on('headObject', ALWAYS).respond(403)]);
      expectFailed(world, events, { name: 'ServiceError', code: 'complete-unknown' });
      expectObject(world.fake, 'film.mp4', world.file);
      expect(world.fake.arrivals('initiateMultipartUpload')).toHaveLength(1);
    });

    it('is sent again if it did not take effect, as the list of parts shows', () => {
      const upload = run([on(COMPLETE).reset(), on('headObject', ALWAYS).respond(403)]);
      expectVerified(upload, 'etag');
      expect(upload.completes).toBe(2);
    });

    it('is sent again if listing parts is forbidden too; after the last attempt it fails and can be resumed', () => {
      const { world, events, completes } = run([
        on(COMPLETE, ALWAYS).respond(503, 'ServiceUnavailable'),
        on('headObject', ALWAYS).respond(403),
        on('listParts', ALWAYS).respond(403, 'AccessDenied'),
      ]);
      expect(completes).toBe(3);
      expectCanResume(world, events, { name: 'ServiceError', serviceCode: 'ServiceUnavailable', operation: COMPLETE });
    });
  });

  describe('when listing parts is forbidden', () => {
    const noList = () => on('listParts', ALWAYS).respond(403, 'AccessDenied');
    const noHead = () => on('headObject', ALWAYS).respond(403);

    it.each([
      ['a 503', () => [on(COMPLETE).respond(503, 'ServiceUnavailable'), noList()]],
      ['a 503, and HEAD is forbidden', () => [on(COMPLETE).respond(503, 'ServiceUnavailable'), noList(), noHead()]],
      ['a broken connection', () => [on(COMPLETE).reset(), noList()]],
      ['a broken connection, and HEAD is forbidden', () => [on(COMPLETE).reset(), noList(), noHead()]],
    ])('is sent again after %s', (_, faults) => {
      const upload = run(faults());
      expectVerified(upload, 'etag');
      expect(upload.completes).toBe(2);
    });

    it('is found by HEAD after it was sent again, if it took effect late', () => {
      const upload = run([on(COMPLETE).loseResponse(), on('headObject').respond(404), noList()]);
      expectVerified(upload, 'etag');
      expect(upload.world.fake.arrivals(COMPLETE)[1]?.status).toBe(404);
    });

    it('fails with complete-unknown if it took effect and HEAD is forbidden', () => {
      const { world, events, completes } = run([on(COMPLETE).loseResponse(), noList(), noHead()]);
      const unknown = { name: 'ServiceError', code: 'complete-unknown', serviceCode: 'NoSuchUpload', resumable: false };
      expectFailed(world, events, unknown);
      expectObject(world.fake, 'film.mp4', world.file);
      expect(completes).toBe(2);
      expect(world.fake.arrivals('initiateMultipartUpload')).toHaveLength(1);
    });

    it('fails with complete-unknown when it is resumed after it took effect and HEAD is forbidden', () => {
      const faults = [on(COMPLETE).loseResponse(), noList(), noHead()];
      const world = uploadWorld({ faults });
      const events = runVirtually(() => record(world.upload({ retry: { maxAttempts: 1 } })));
      expectFired(...faults);
      const { checkpoint } = expectFailed(world, events, { code: 'network', operation: COMPLETE, resumable: true });
      const resumed = resumeAsJson(world.reconnect(), checkpoint);
      expectFailed(world, resumed, { name: 'ServiceError', code: 'complete-unknown', resumable: false }, checkpoint);
      expectObject(world.fake, 'film.mp4', world.file);
      expect(world.fake.arrivals(COMPLETE)).toHaveLength(2);
    });
  });

  describe('when neither upload id nor ETag is readable', () => {
    const identifyingHeaders = ['etag', 'x-obs-uploadid'] as const;

    it('fails with complete-unknown if it took effect', () => {
      const { world, events } = run([
        on(COMPLETE).loseResponse(),
        on('headObject', ALWAYS).hideHeaders(...identifyingHeaders),
      ]);
      expectFailed(world, events, { name: 'ServiceError', code: 'complete-unknown' });
      expectObject(world.fake, 'film.mp4', world.file);
    });

    it('is sent again if it did not take effect', () => {
      const upload = run([on(COMPLETE).reset(), on('headObject').hideHeaders(...identifyingHeaders)]);
      expectVerified(upload, 'etag');
    });

    it.each([
      ['the ETag alone', 'x-obs-uploadid', 'etag'],
      ['the upload id alone', 'etag', 'size'],
    ] as const)('is recognized by %s', (_, hidden, verified) => {
      expectVerified(run([on(COMPLETE).loseResponse(), on('headObject').hideHeaders(hidden)]), verified);
    });

    it('is recognized by the upload id where ETags are not MD5s', () => {
      expectVerified(run([on(COMPLETE).loseResponse()], { etags: 'fast' }), 'etag');
    });
  });

  describe('when resuming after it took effect', () => {
    it.each(['the last checkpoint', 'an older checkpoint'])(
      'verifies the object and sends nothing, with %s',
      (which) => {
        const { world, events } = run([on(COMPLETE).delay(1)]);
        const all = eventsOf(events, 'checkpoint');
        const checkpoint = which === 'the last checkpoint' ? lastCheckpoint(events) : (all[2]?.checkpoint ?? null);
        const sent = world.fake.log.length;
        const resumed = resumeAsJson(world.reconnect(), checkpoint);
        expect(expectUploaded(world, resumed)).toMatchObject({ etag: world.fake.object('film.mp4')?.etag });
        expect(world.fake.log.slice(sent).map(({ operation }) => operation)).toEqual(['listParts', 'headObject']);
        expect(typesOf(resumed)).not.toContain('restarted');
      },
    );

    it('finds the object although no response was received', () => {
      const fault = on(COMPLETE).stall('after-effect');
      const world = uploadWorld({ faults: [fault] });
      const events = runVirtually(() =>
        record(world.upload({ retry: { maxAttempts: 1 }, stallTimeoutMs: 20 * 60_000 })),
      );
      expectFired(fault);
      expect(expectUploaded(world, resumeAsJson(world.reconnect(), lastCheckpoint(events))).verified).toBe('etag');
      expect(world.fake.arrivals(COMPLETE)).toHaveLength(1);
    });

    it('restarts and reports it if another writer has replaced the object', () => {
      const { world, events } = run([on(COMPLETE).delay(1)]);
      world.fake.putObject('media', 'film.mp4', new Uint8Array(7));
      const resumed = resumeAsJson(world.reconnect(), lastCheckpoint(events));
      expectUploaded(world, resumed);
      expect(eventsOf(resumed, 'restarted')).toHaveLength(1);
    });

    it('fails if HEAD keeps failing, and starts no second upload', () => {
      const { world, events } = run([on(COMPLETE).delay(1)]);
      const checkpoint = lastCheckpoint(events);
      const fault = on('headObject', ALWAYS).respond(503, 'ServiceUnavailable');
      world.fake.addFaults(fault);
      const resumed = resumeAsJson(world.reconnect(), checkpoint, { retry: THREE_ATTEMPTS });
      expectFired(fault);
      expectFailed(world, resumed, { retryable: true }, checkpoint);
      expect(world.fake.arrivals('initiateMultipartUpload')).toHaveLength(1);
      world.fake.clearFaults();
      expectUploaded(world, resumeAsJson(world.reconnect(), checkpoint));
      expect(world.fake.arrivals('uploadPart')).toHaveLength(4);
    });

    it('finds the object with a checkpoint from before it was completed', () => {
      const world = uploadWorld();
      const checkpoint = interrupted(world);
      expectUploaded(world, resumeAsJson(world, checkpoint));
      const resumed = resumeAsJson(world.reconnect(), checkpoint);
      expectUploaded(world, resumed);
      expect(world.fake.arrivals('uploadPart').filter(({ status }) => status === 200)).toHaveLength(4);
    });
  });

  describe('that gets 200 with an <Error>', () => {
    it('is sent again', () => {
      const upload = run([on(COMPLETE).errorIn200('InternalError')]);
      expectVerified(upload, 'etag');
      expect(upload.completes).toBe(2);
    });

    it('is verified by HEAD if it took effect', () => {
      const upload = run([on(COMPLETE).errorIn200('InternalError', { takesEffect: true })]);
      expectVerified(upload, 'etag');
      expect(upload.completes).toBe(1);
    });

    it('fails with a ServiceError if the code is final, and the upload can be resumed', () => {
      const { world, events, completes } = run([on(COMPLETE).errorIn200('InArrearOrInsufficientBalance')]);
      expectCanResume(world, events, {
        name: 'ServiceError',
        serviceCode: 'InArrearOrInsufficientBalance',
        status: 200,
      });
      expect(completes).toBe(1);
    });

    it('fails with a ServiceError if it repeats, and the upload can be resumed', () => {
      const { world, events } = run([on(COMPLETE, ALWAYS).errorIn200('InternalError')]);
      expectCanResume(world, events, { name: 'ServiceError', serviceCode: 'InternalError' });
    });
  });

  describe('whose 200 drips whitespace', () => {
    it('is waited for longer than stallTimeoutMs', () => {
      const upload = run([on(COMPLETE).drip(4900)]);
      expectVerified(upload, 'etag');
      expect(upload.completes).toBe(1);
    });

    it('is waited for by default, as it may take a minute', () => {
      const fault = on(COMPLETE).drip(60_000);
      const world = uploadWorld({ faults: [fault] });
      const events = runVirtually(() => record(world.upload()));
      expectFired(fault);
      expect(expectUploaded(world, events).verified).toBe('etag');
      expect(timeOf(events, 'completed')).toBeGreaterThan(60_000);
      expect(world.fake.arrivals(COMPLETE)).toHaveLength(1);
    });

    it('is sent again if the response ends in an <Error>', () => {
      const upload = run([on(COMPLETE).drip(3000), on(COMPLETE).errorIn200('InternalError')]);
      expectVerified(upload, 'etag');
      expect(upload.completes).toBe(2);
    });
  });

  describe('that fails after it took effect', () => {
    it.each([
      [500, 'InternalError'],
      [502, 'BadGateway'],
      [503, 'ServiceUnavailable'],
      [504, 'GatewayTimeout'],
      [408, 'RequestTimeout'],
      [404, 'NoSuchUpload'],
      [409, 'OperationAborted'],
      [412, 'PreconditionFailed'],
    ])('is not sent again after %i %s, because HEAD finds the object', (status, code) => {
      const upload = run([on(COMPLETE).respond(status, code, { takesEffect: true })]);
      expectVerified(upload, 'etag');
      expect(upload.completes).toBe(1);
    });
  });

  describe('whose response has an empty ETag', () => {
    it.each([
      ['HEAD shows the ETag', [], 'etag'],
      ['HEAD shows only the right size', [on('headObject').hideHeaders('etag')], 'size'],
      ['HEAD is forbidden', [on('headObject', ALWAYS).respond(403)], 'none'],
      ['HEAD gets no response', [on('headObject', ALWAYS).stall('before-response')], 'none'],
    ] as const)('succeeds: %s', (_, faults, verified) => {
      const upload = run([on(COMPLETE).emptyEtag(), ...faults]);
      expectVerified(upload, verified);
      expect(upload.completes).toBe(1);
    });
  });

  it('is not needed for a single PUT, which is sent again when its response is lost', () => {
    const fault = on('putObject').loseResponse();
    const world = uploadWorld({ faults: [fault] }, {}, fakeSource({ size: 1000 }));
    const events = runVirtually(() => record(world.upload()));
    expectFired(fault);
    expectUploaded(world, events);
  });
});
