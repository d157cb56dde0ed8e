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
  expectKept,
  expectSurvived,
  first,
  interrupted,
  resumeAsJson,
  THREE_TIMES,
  timeOf,
} from '../support/scenario-world.js';

const COMPLETE = 'completeMultipartUpload';
const FOR_EVER = { times: Number.POSITIVE_INFINITY };
const SIZE = 3 * PART + 1000;

interface Run {
  readonly world: UploadWorld;
  readonly events: Recording<UploadEvent>;
  readonly completes: number;
  readonly heads: number;
}

/** An upload that meets all of the faults. */
function run(faults: readonly FaultRule[], options: FakeObsOptions = {}): Run {
  const world = uploadWorld({ faults, ...options });
  const events = runVirtually(() => record(world.upload({ stallTimeoutMs: 5000, retry: THREE_TIMES })));
  expectFired(...faults);
  const { fake } = world;
  return { world, events, completes: fake.arrivals(COMPLETE).length, heads: fake.arrivals('headObject').length };
}

/** Another writer puts an object of that number of bytes under the key. */
function overwrittenBefore(operation: 'headObject' | 'completeMultipartUpload', bytes: number, arrival = 1): FaultRule {
  return on(operation, { arrival }).act((control, { bucket, key }) =>
    control.putObject(bucket ?? '', key ?? '', new Uint8Array(bytes)),
  );
}

function expectVerified({ world, events }: Run, verified: UploadResult['verified']): void {
  expect(expectSurvived(world, events).verified).toBe(verified);
}

describe('complete', () => {
  describe('the response is lost and the retry gets NoSuchUpload while the object exists', () => {
    it.each([
      ['the connection breaks after it took effect', on(COMPLETE).loseResponse()],
      ['the answer breaks off', on(COMPLETE).truncateResponse()],
      ['the answer never ends', on(COMPLETE).stall('mid-response')],
    ])('%s: the object is looked at, and complete is not sent again', (_, fault) => {
      const ran = run([fault]);
      expectVerified(ran, 'etag');
      expect(ran.completes).toBe(1);
      expect(ran.heads).toBe(1);
    });

    it('seen as NoSuchUpload at once: the object is looked at', () => {
      const ran = run([on(COMPLETE).resend()]);
      expect(ran.world.fake.arrivals(COMPLETE)[1]?.status).toBe(404);
      expectVerified(ran, 'etag');
    });

    it('and HEAD shows nothing yet while the upload still stands: complete is sent again', () => {
      const ran = run([on(COMPLETE).reset(), on('headObject').respond(404)]);
      expectVerified(ran, 'etag');
      expect(ran.completes).toBe(2);
    });

    it('and HEAD fails for a moment: it is looked at again', () => {
      const ran = run([on(COMPLETE).loseResponse(), on('headObject', { times: 2 }).respond(503, 'ServiceUnavailable')]);
      expectVerified(ran, 'etag');
      expect(ran.heads).toBe(3);
    });

    it('and HEAD cannot be had for a long time: an error that leads to the object, not to a second upload', () => {
      const { world, events } = run([on(COMPLETE).loseResponse(), on('headObject', FOR_EVER).reset()]);
      const failed = expectFailed(world, events, { operation: COMPLETE, resumable: true });
      world.fake.clearFaults();
      const sent = world.fake.arrivals('uploadPart').length;
      expect(expectSurvived(world, resumeAsJson(world.reconnect(), failed.checkpoint)).verified).toBe('etag');
      expect(world.fake.arrivals('uploadPart')).toHaveLength(sent);
    });
  });

  describe('an older object of equal size lies under the key', () => {
    it('and complete did not take effect: it is no success, complete is sent again', () => {
      const ran = run([overwrittenBefore(COMPLETE, SIZE), on(COMPLETE).reset()]);
      expectVerified(ran, 'etag');
      expect(ran.completes).toBe(2);
    });

    it('and hides behind a HEAD without upload id: it is no success', () => {
      const ran = run([
        overwrittenBefore(COMPLETE, SIZE),
        on(COMPLETE).reset(),
        on('headObject').hideHeaders('x-obs-uploadid'),
      ]);
      expectVerified(ran, 'etag');
      expect(ran.completes).toBe(2);
    });

    it('and neither upload id nor ETag tells it from ours: size is not taken for success', () => {
      const ran = run([
        overwrittenBefore(COMPLETE, SIZE),
        on(COMPLETE).reset(),
        on('headObject').hideHeaders('x-obs-uploadid', 'etag'),
      ]);
      expectVerified(ran, 'etag');
      expect(ran.completes).toBe(2);
    });

    it('and the upload vanishes: nobody can tell, which is what is said', () => {
      const { world, events } = run([overwrittenBefore(COMPLETE, SIZE), on(COMPLETE).dropUpload()]);
      expectFailed(world, events, { name: 'ServiceError', code: 'complete-unknown', serviceCode: 'NoSuchUpload' });
      expect(typesOf(events)).not.toContain('restarted');
      expect(world.fake.arrivals('initiateMultipartUpload')).toHaveLength(1);
    });
  });

  describe('another writer wins', () => {
    it.each([7, SIZE])('with %i bytes, after our lost success: complete-unknown, its object stays', (bytes) => {
      const { world, events, completes } = run([on(COMPLETE).loseResponse(), overwrittenBefore('headObject', bytes)]);
      expectFailed(world, events, { name: 'ServiceError', code: 'complete-unknown' });
      expect(world.fake.object('film.mp4')).toMatchObject({ size: bytes, uploadId: null });
      expect(completes).toBe(1);
      expect(world.fake.arrivals('initiateMultipartUpload')).toHaveLength(1);
    });

    it('after our 200: that was a success, whatever HEAD shows', () => {
      const { world, events } = run([on(COMPLETE).emptyEtag(), overwrittenBefore('headObject', 7)]);
      expect(events.error).toBeUndefined();
      expect(first(events, 'completed')?.result).toMatchObject({ verified: 'none', totalBytes: SIZE });
      expect(world.fake.object('film.mp4')?.size).toBe(7);
    });

    it('and the store says for ever that the completion is in progress: looked at after each, then an error', () => {
      const inProgress = { message: 'This multipart completion is already in progress' };
      const { world, events, completes, heads } = run([
        overwrittenBefore(COMPLETE, 7),
        on(COMPLETE, FOR_EVER).respond(500, 'InternalError', inProgress),
      ]);
      expectFailed(world, events, { name: 'ServiceError', serviceCode: 'InternalError', operation: COMPLETE });
      expect(completes).toBe(3);
      expect(heads).toBe(3);
    });
  });

  describe('HEAD is forbidden', () => {
    it('after a lost success: complete-unknown, never a silent restart', () => {
      const { world, events } = run([on(COMPLETE).loseResponse(), on('headObject', FOR_EVER).respond(403)]);
      expectFailed(world, events, { name: 'ServiceError', code: 'complete-unknown' });
      expectObject(world.fake, 'film.mp4', world.file);
      expect(world.fake.arrivals('initiateMultipartUpload')).toHaveLength(1);
    });

    it('after a loss without effect: the list of parts shows that complete may be sent again', () => {
      const ran = run([on(COMPLETE).reset(), on('headObject', FOR_EVER).respond(403)]);
      expectVerified(ran, 'etag');
      expect(ran.completes).toBe(2);
    });

    it('and so is the list of parts: the error of complete; the upload stays', () => {
      const { world, events } = run([
        on(COMPLETE, FOR_EVER).respond(503, 'ServiceUnavailable'),
        on('headObject', FOR_EVER).respond(403),
        on('listParts', FOR_EVER).respond(403, 'AccessDenied'),
      ]);
      expectKept(world, events, { name: 'ServiceError', serviceCode: 'ServiceUnavailable', operation: COMPLETE });
    });
  });

  describe('neither upload id nor ETag is readable', () => {
    const blind = ['etag', 'x-obs-uploadid'] as const;

    it('after a lost success: complete-unknown', () => {
      const { world, events } = run([on(COMPLETE).loseResponse(), on('headObject', FOR_EVER).hideHeaders(...blind)]);
      expectFailed(world, events, { name: 'ServiceError', code: 'complete-unknown' });
      expectObject(world.fake, 'film.mp4', world.file);
    });

    it('after a loss without effect: complete is sent again', () => {
      const ran = run([on(COMPLETE).reset(), on('headObject').hideHeaders(...blind)]);
      expectVerified(ran, 'etag');
    });

    it.each([
      ['the ETag alone', 'x-obs-uploadid', 'etag'],
      ['the upload id alone', 'etag', 'size'],
    ] as const)('but for %s: recognised by it', (_, hidden, verified) => {
      expectVerified(run([on(COMPLETE).loseResponse(), on('headObject').hideHeaders(hidden)]), verified);
    });

    it('where no ETag is an MD5 either, the upload id is enough', () => {
      expectVerified(run([on(COMPLETE).loseResponse()], { etags: 'fast' }), 'etag');
    });
  });

  describe('a resume after complete had happened', () => {
    it.each(['the last checkpoint', 'an older checkpoint'])(
      'by %s: nothing is sent, the object is verified',
      (which) => {
        const { world, events } = run([on(COMPLETE).delay(1)]);
        const all = eventsOf(events, 'checkpoint');
        const checkpoint = which === 'the last checkpoint' ? lastCheckpoint(events) : (all[2]?.checkpoint ?? null);
        const sent = world.fake.log.length;
        const resumed = resumeAsJson(world.reconnect(), checkpoint);
        expect(expectSurvived(world, resumed)).toMatchObject({ etag: world.fake.object('film.mp4')?.etag });
        expect(world.fake.log.slice(sent).map(({ operation }) => operation)).toEqual(['listParts', 'headObject']);
        expect(typesOf(resumed)).not.toContain('restarted');
      },
    );

    it('that nobody received, because the page was gone', () => {
      const fault = on(COMPLETE).stall('after-effect');
      const world = uploadWorld({ faults: [fault] });
      const events = runVirtually(() =>
        record(world.upload({ retry: { maxAttempts: 1 }, stallTimeoutMs: 20 * 60_000 })),
      );
      expectFired(fault);
      expect(expectSurvived(world, resumeAsJson(world.reconnect(), lastCheckpoint(events))).verified).toBe('etag');
      expect(world.fake.arrivals(COMPLETE)).toHaveLength(1);
    });

    it('while another writer has been there since: starts over and reports it', () => {
      const { world, events } = run([on(COMPLETE).delay(1)]);
      world.fake.putObject('media', 'film.mp4', new Uint8Array(7));
      const resumed = resumeAsJson(world.reconnect(), lastCheckpoint(events));
      expectSurvived(world, resumed);
      expect(eventsOf(resumed, 'restarted')).toHaveLength(1);
    });

    it('while HEAD fails for a long time: an error, as nobody can tell, and no second upload', () => {
      const { world, events } = run([on(COMPLETE).delay(1)]);
      const checkpoint = lastCheckpoint(events);
      const fault = on('headObject', FOR_EVER).respond(503, 'ServiceUnavailable');
      world.fake.addFaults(fault);
      const resumed = resumeAsJson(world.reconnect(), checkpoint, { retry: THREE_TIMES });
      expectFired(fault);
      expectFailed(world, resumed, { retryable: true }, checkpoint);
      expect(world.fake.arrivals('initiateMultipartUpload')).toHaveLength(1);
      world.fake.clearFaults();
      expectSurvived(world, resumeAsJson(world.reconnect(), checkpoint));
      expect(world.fake.arrivals('uploadPart')).toHaveLength(4);
    });

    it('keeps the file whose parts were only remembered', () => {
      const world = uploadWorld();
      const checkpoint = interrupted(world);
      expectSurvived(world, resumeAsJson(world, checkpoint));
      const resumed = resumeAsJson(world.reconnect(), checkpoint);
      expectSurvived(world, resumed);
      expect(world.fake.arrivals('uploadPart').filter(({ status }) => status === 200)).toHaveLength(4);
    });
  });

  describe('200 with <Error>', () => {
    it('is no success: complete is sent again', () => {
      const ran = run([on(COMPLETE).errorIn200('InternalError')]);
      expectVerified(ran, 'etag');
      expect(ran.completes).toBe(2);
    });

    it('after it took effect: the object is looked at', () => {
      const ran = run([on(COMPLETE).errorIn200('InternalError', { takesEffect: true })]);
      expectVerified(ran, 'etag');
      expect(ran.completes).toBe(1);
    });

    it('of a code that is final: ServiceError; the upload stays', () => {
      const { world, events, completes } = run([on(COMPLETE).errorIn200('InArrearOrInsufficientBalance')]);
      expectKept(world, events, { name: 'ServiceError', serviceCode: 'InArrearOrInsufficientBalance', status: 200 });
      expect(completes).toBe(1);
    });

    it('again and again: ServiceError; the upload stays', () => {
      const { world, events } = run([on(COMPLETE, FOR_EVER).errorIn200('InternalError')]);
      expectKept(world, events, { name: 'ServiceError', serviceCode: 'InternalError' });
    });
  });

  describe('200 that drips whitespace for a minute', () => {
    it('is waited for', () => {
      const ran = run([on(COMPLETE).drip(4900)]);
      expectVerified(ran, 'etag');
      expect(ran.completes).toBe(1);
    });

    it('is waited for by default, for it may take a minute', () => {
      const fault = on(COMPLETE).drip(60_000);
      const world = uploadWorld({ faults: [fault] });
      const events = runVirtually(() => record(world.upload()));
      expectFired(fault);
      expect(expectSurvived(world, events).verified).toBe('etag');
      expect(timeOf(events, 'completed')).toBeGreaterThan(60_000);
      expect(world.fake.arrivals(COMPLETE)).toHaveLength(1);
    });

    it('and then carries an Error: complete is sent again', () => {
      const ran = run([on(COMPLETE).drip(3000), on(COMPLETE).errorIn200('InternalError')]);
      expectVerified(ran, 'etag');
      expect(ran.completes).toBe(2);
    });
  });

  describe('500 after it took effect', () => {
    it.each([
      [500, 'InternalError'],
      [502, 'BadGateway'],
      [503, 'ServiceUnavailable'],
      [504, 'GatewayTimeout'],
      [408, 'RequestTimeout'],
      [404, 'NoSuchUpload'],
      [409, 'OperationAborted'],
      [412, 'PreconditionFailed'],
    ])('%i %s: the object is looked at, and complete is not sent again', (status, code) => {
      const ran = run([on(COMPLETE).respond(status, code, { takesEffect: true })]);
      expectVerified(ran, 'etag');
      expect(ran.completes).toBe(1);
    });
  });

  describe('an empty ETag in the answer', () => {
    it.each([
      ['known by HEAD', [], 'etag'],
      ['hidden by HEAD too, but of the right size', [on('headObject').hideHeaders('etag')], 'size'],
      ['and HEAD forbidden', [on('headObject', FOR_EVER).respond(403)], 'none'],
      ['and HEAD silent', [on('headObject', FOR_EVER).stall('before-response')], 'none'],
    ] as const)('%s', (_, faults, verified) => {
      const ran = run([on(COMPLETE).emptyEtag(), ...faults]);
      expectVerified(ran, verified);
      expect(ran.completes).toBe(1);
    });
  });

  it('of a single PUT whose answer is lost: sent again, the same bytes', () => {
    const fault = on('putObject').loseResponse();
    const world = uploadWorld({ faults: [fault] }, {}, fakeSource({ size: 1000 }));
    const events = runVirtually(() => record(world.upload()));
    expectFired(fault);
    expectSurvived(world, events);
  });
});
