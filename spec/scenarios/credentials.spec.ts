import { concat, concatMap, from, map, NEVER, of, throwError, timer, type ObservableInput } from 'rxjs';
import {
  isUploadError,
  obsSigner,
  v2Signer,
  v4Signer,
  type ObsCredentials,
  type Signer,
  type UploadEvent,
} from 'rx-obs-upload';
import { sharedOf } from '../../lib/connection/obs-connection.js';
import { fakeSource, on, type FaultRule } from 'rx-obs-upload/testing';
import { presigningBackend, type BackendOptions, type PresigningBackend } from '../support/presigning-backend.js';
import { eventsOf, PART, uploadWorld, type UploadWorld } from '../support/upload-world.js';
import { at, record, runVirtually, type Recording } from '../support/virtual-time.js';
import {
  connectedBy,
  expectFired,
  expectKept,
  expectSurvived,
  interrupted,
  resumeAsJson,
  THREE_TIMES,
  tiring,
} from '../support/scenario-world.js';

const N = 4;
const FOR_EVER = { times: Number.POSITIVE_INFINITY };

function keys(n: number): ObsCredentials {
  return { accessKeyId: `AK${n}`, secretAccessKey: `secret${n}`, securityToken: `token${n}` };
}
const allKeys = [1, 2, 3, 4].map(keys);

interface Provider {
  readonly credentials: () => ObservableInput<ObsCredentials>;
  readonly calls: () => number;
}

/** The n-th call, counted from 1, gives the n-th keys, unless specified otherwise. */
function provider(answer: (n: number) => ObservableInput<ObsCredentials> = (n) => of(keys(n))): Provider {
  let calls = 0;
  return { credentials: () => answer(++calls), calls: () => calls };
}

/** A file of so many parts that four are in flight and some are not. */
function worldOf(faults: readonly FaultRule[], { credentials }: Provider, signer: Signer = obsSigner()): UploadWorld {
  const file = fakeSource({ name: 'film.mp4', size: 6 * PART });
  return uploadWorld({ faults, credentials: allKeys, etags: 'fast' }, { credentials, signer }, file);
}

function run(world: UploadWorld): Recording<UploadEvent> {
  return runVirtually(() => record(world.upload({ taskNum: N, retry: THREE_TIMES })));
}

/** The same upload by somebody whose keys work. */
function byGoodKeys(world: UploadWorld): UploadWorld {
  world.fake.setCredentials([keys(9)]);
  return connectedBy(world, { credentials: keys(9) });
}

const refusals: readonly [what: string, status: number, code: string | null, signer: Signer][] = [
  ['400 of AWS', 400, 'ExpiredToken', v2Signer()],
  ['400 of AWS, signed by version 4', 400, 'ExpiredToken', v4Signer({ region: 'local' })],
  ['400 of a damaged token', 400, 'InvalidToken', v4Signer({ region: 'local' })],
  ['401 without a word', 401, null, obsSigner()],
  ['401 with a code that nobody knows', 401, 'Unauthorized', obsSigner()],
  ['403 of OBS', 403, 'InvalidAccessKeyId', obsSigner()],
  ['403 of a wrong signature', 403, 'SignatureDoesNotMatch', obsSigner()],
  ['403 of a token that does not belong to the keys', 403, 'InvalidSecurity', obsSigner()],
  ['403 that says no more than denied', 403, 'AccessDenied', obsSigner()],
];

describe('credentials', () => {
  describe('expire with four parts in flight', () => {
    it.each(refusals)('%s (%i %s): one refresh call, and the parts continue', (_, status, code, signer) => {
      const fault = on('uploadPart', { times: N }).respond(status, code);
      const source = provider();
      const world = worldOf([fault], source, signer);
      const events = run(world);
      expect(fault.fired).toBe(N);
      expectSurvived(world, events);
      expect(source.calls()).toBe(2);
      expect(eventsOf(events, 'retrying').map(({ delayMs }) => delayMs)).toEqual([0, 0, 0, 0]);
      expect(world.fake.arrivals('uploadPart')).toHaveLength(6 + N);
      expect(
        world.fake
          .arrivals('uploadPart')
          .slice(N)
          .every(({ accessKeyId }) => accessKeyId === 'AK2'),
      ).toBe(true);
    });

    it('and are refused one after another: still one refresh call', () => {
      const late = [1, 2, 3, 4].map((n) => on('uploadPart', { partNumber: n }).delay(1000 * n));
      const refused = on('uploadPart', { times: N }).respond(403, 'InvalidAccessKeyId');
      const source = provider((n) => timer(1500).pipe(map(() => keys(n))));
      const world = worldOf([...late, refused], source);
      const events = run(world);
      expectFired(...late);
      expect(refused.fired).toBe(N);
      expectSurvived(world, events);
      expect(source.calls()).toBe(2);
    });

    it('for real, in the midst of it: nothing more goes out with the dead keys', () => {
      const source = provider();
      const world = worldOf([], source);
      let refusedAt = Number.NaN;
      const events = runVirtually(() => {
        const film = record(world.upload({ taskNum: 2 }));
        at(130, () => world.fake.setCredentials([keys(2)]));
        return film;
      });
      expectSurvived(world, events);
      expect(source.calls()).toBe(2);
      const dead = world.fake.log.filter(({ status }) => status === 403);
      expect(dead.length).toBeGreaterThan(0);
      refusedAt = dead[0]?.at ?? Number.NaN;
      const after = world.fake.log.filter((arrival) => arrival.at > refusedAt + 10);
      expect(after.every(({ accessKeyId }) => accessKeyId === 'AK2')).toBe(true);
    });
  });

  it.each(['initiateMultipartUpload', 'completeMultipartUpload'] as const)(
    'expire before %s: one refresh call',
    (op) => {
      const fault = on(op).respond(403, 'InvalidAccessKeyId');
      const source = provider();
      const world = worldOf([fault], source);
      const events = run(world);
      expectFired(fault);
      expectSurvived(world, events);
      expect(source.calls()).toBe(2);
      expect(world.fake.arrivals(op)).toHaveLength(2);
    },
  );

  it('expire before a resume: one refresh call', () => {
    const source = provider();
    const world = worldOf([], source);
    const checkpoint = interrupted(world);
    world.fake.setCredentials([keys(2)]);
    expectSurvived(world, resumeAsJson(world, checkpoint));
    expect(source.calls()).toBe(2);
  });

  it('expire while the object is looked for, where HEAD says no more than 403: looked at again with new keys', () => {
    const fault = on('completeMultipartUpload').loseResponse();
    const source = provider();
    const world = worldOf([fault], source);
    const events = runVirtually(() => {
      const film = record(world.upload({ taskNum: N, retry: THREE_TIMES }));
      // Parts until 230 ms, the fourth to the sixth until 230 ms, complete from then on.
      at(235, () => world.fake.setCredentials([keys(2)]));
      return film;
    });
    expectFired(fault);
    expect(world.fake.arrivals('headObject')[0]?.status).toBe(403);
    expect(expectSurvived(world, events).verified).toBe('etag');
    expect(source.calls()).toBe(2);
  });

  it('of a provider that never completes: its first value counts, one call for each refusal', () => {
    const fault = on('uploadPart', { times: N }).respond(403, 'InvalidAccessKeyId');
    const source = provider((n) => concat(of(keys(n)), NEVER));
    const world = worldOf([fault], source);
    const events = run(world);
    expect(fault.fired).toBe(N);
    expectSurvived(world, events);
    expect(source.calls()).toBe(2);
  });

  it('a list of parts that is denied is policy: no refresh call', () => {
    const source = provider();
    const world = worldOf([], source);
    const checkpoint = interrupted(world);
    const fault = on('listParts', FOR_EVER).respond(403, 'AccessDenied');
    world.fake.addFaults(fault);
    expectSurvived(world, resumeAsJson(world, checkpoint));
    expectFired(fault);
    expect(source.calls()).toBe(1);
  });

  describe('a presigned URL that is stale after sleep', () => {
    function presignedWorld(
      faults: readonly FaultRule[],
      options: BackendOptions = {},
    ): [UploadWorld, PresigningBackend] {
      const backend = presigningBackend(() => world.fake, { expiresInSeconds: 900, ...options });
      const dialect = options.signer?.dialect;
      const connection = { presign: backend.presign, ...(dialect === undefined ? {} : { dialect }) };
      const world: UploadWorld = uploadWorld({ faults }, connection, fakeSource({ name: 'film.mp4', size: 6 * PART }));
      return [world, backend];
    }

    it.each([
      ['OBS', 'RequestTimeTooSkewed', 'Request has expired.', obsSigner()],
      ['AWS', 'AccessDenied', 'Request has expired', v2Signer()],
    ] as const)(
      'as %s says it (403 %s): asked for again once a part, the clock is left alone',
      (_, code, message, signer) => {
        const forged = { message, headers: { date: new Date(10 * 60 * 60_000).toUTCString() } };
        const fault = on('uploadPart', { times: N }).respond(403, code, forged);
        const [world, backend] = presignedWorld([fault], { signer });
        const events = run(world);
        expect(fault.fired).toBe(N);
        expectSurvived(world, events);
        const asked = backend.questions.flatMap(({ requests }) => requests.map(({ partNumber }) => partNumber));
        for (const n of [1, 2, 3, 4]) expect(asked.filter((partNumber) => partNumber === n)).toHaveLength(2);
        expect(sharedOf(world.obs).clock.offsetMs).toBeNull();
      },
    );

    it('again and again: an error; the upload stays', () => {
      const fault = on('uploadPart', FOR_EVER).respond(403, 'RequestTimeTooSkewed', {
        message: 'Request has expired.',
      });
      const [world] = presignedWorld([fault]);
      const events = run(world);
      expectFired(fault);
      expectKept(world, events, { operation: 'uploadPart' });
      expect(world.fake.arrivals('uploadPart', 1).length).toBeLessThanOrEqual(THREE_TIMES.maxAttempts ?? 0);
    });

    it('in the queue: asked for again before it is sent', () => {
      const slow = on('uploadPart', FOR_EVER).slow({ bytesPerSecond: 20 * 1024 });
      const backend = presigningBackend(() => world.fake, { expiresInSeconds: 2 });
      const world: UploadWorld = uploadWorld(
        { faults: [slow] },
        { presign: backend.presign, maxConcurrentRequests: 1 },
      );
      const events = run(world);
      expectFired(slow);
      expectSurvived(world, events);
      expect(world.fake.log.every(({ status }) => status === 200)).toBe(true);
    });
  });

  describe('a signer whose word on expiry makes no sense', () => {
    const wrong: readonly [what: string, expiresAt: unknown][] = [
      ['none at all', undefined],
      ['no number', Number.NaN],
      ['text', '2030-01-01T00:00:00Z'],
      ['seconds in place of milliseconds', 900],
      ['the past', -1],
      ['never', Number.POSITIVE_INFINITY],
    ];

    it.each(wrong)('%s: its signatures are sent as they are', (_, expiresAt) => {
      const { dialect, sign } = obsSigner();
      const signer: Signer = {
        dialect,
        sign: (request, context) =>
          from(sign(request, context)).pipe(map((signed) => ({ ...signed, expiresAt: expiresAt as number }))),
      };
      const world = uploadWorld({}, { signer: tiring(signer, 100) });
      expectSurvived(world, run(world));
    });

    it('slower than its URLs last: an end all the same', () => {
      const { dialect, presign } = obsSigner();
      const sign: Signer['sign'] = (request, context) =>
        timer(3000).pipe(map(() => presign(request, { ...context, expiresInSeconds: 2 })));
      const world = uploadWorld({}, { signer: tiring({ dialect, sign }, 100) });
      const events = run(world);
      expect(isUploadError(events.error)).toBe(true);
      expect(events.error).not.toMatchObject({ cause: { message: 'signed for ever' } });
    });
  });

  describe('the refresh', () => {
    it('is slow: the parts wait for it, with one call', () => {
      const fault = on('uploadPart', { times: N }).respond(403, 'InvalidAccessKeyId');
      const source = provider((n) => timer(n === 1 ? 0 : 45_000).pipe(map(() => keys(n))));
      const world = worldOf([fault], source);
      const events = run(world);
      expect(fault.fired).toBe(N);
      expectSurvived(world, events);
      expect(source.calls()).toBe(2);
      expect(events.endedAt).toBeGreaterThan(45_000);
      expect(events.endedAt).toBeLessThan(50_000);
    });

    it.each([
      ['fails once', () => throwError(() => new Error('backend down'))],
      [
        'throws once',
        () => {
          throw new Error('backend down');
        },
      ],
    ])('%s: asked for again, one call for all parts', (_, fail) => {
      const fault = on('uploadPart', { times: N }).respond(403, 'InvalidAccessKeyId');
      const source = provider((n) => (n === 2 ? fail() : of(keys(n))));
      const world = worldOf([fault], source);
      const events = run(world);
      expect(fault.fired).toBe(N);
      expectSurvived(world, events);
      expect(source.calls()).toBe(3);
    });

    it('fails again and again: the refusal is the error; the upload stays', () => {
      const fault = on('uploadPart', { times: N }).respond(403, 'InvalidAccessKeyId');
      const down = () => timer(50).pipe(concatMap(() => throwError(() => new Error('backend down'))));
      const source = provider((n) => (n === 1 ? of(keys(1)) : down()));
      const world = worldOf([fault], source);
      const events = run(world);
      expect(fault.fired).toBe(N);
      const failed = expectKept(
        world,
        events,
        { name: 'ServiceError', serviceCode: 'InvalidAccessKeyId' },
        { healed: byGoodKeys(world) },
      );
      expect(failed.message).not.toMatch(/secret|token1/);
      expect(source.calls()).toBe(4);
    });

    it.each([
      ['the same dead token', () => of(keys(1)), 2],
      ['another token that is refused too', (n: number) => of(keys(n)), 2],
    ])('gives %s: ServiceError; the upload stays', (_, answer, calls) => {
      const fault = on('uploadPart', FOR_EVER).respond(403, 'InvalidAccessKeyId');
      const source = provider(answer);
      const world = worldOf([fault], source);
      const events = run(world);
      expectFired(fault);
      expect(source.calls()).toBe(calls);
      for (let n = 1; n <= 6; n++) expect(world.fake.arrivals('uploadPart', n).length).toBeLessThanOrEqual(2);
      expectKept(
        world,
        events,
        { name: 'ServiceError', serviceCode: 'InvalidAccessKeyId' },
        { healed: byGoodKeys(world) },
      );
    });

    it('gives invalid credentials: an error; the upload stays', () => {
      const fault = on('uploadPart', { times: N }).respond(403, 'InvalidAccessKeyId');
      const source = provider((n) => of(n === 1 ? keys(1) : ({ error: 'session over' } as unknown as ObsCredentials)));
      const world = worldOf([fault], source);
      const events = run(world);
      expect(fault.fired).toBe(N);
      expectKept(world, events, { name: 'ServiceError' }, { healed: byGoodKeys(world) });
    });
  });

  describe('static credentials', () => {
    it.each(refusals)('%s (%i %s): one attempt, then the error; the upload stays', (_, status, code, signer) => {
      const fault = on('uploadPart', FOR_EVER).respond(status, code);
      const world = uploadWorld({ faults: [fault], credentials: allKeys }, { credentials: keys(1), signer });
      const events = run(world);
      expectFired(fault);
      for (let n = 1; n <= 4; n++) expect(world.fake.arrivals('uploadPart', n).length).toBeLessThanOrEqual(1);
      expectKept(world, events, { name: 'ServiceError', status, serviceCode: code });
    });
  });
});
