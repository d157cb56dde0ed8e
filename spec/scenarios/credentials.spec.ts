import {
  asyncScheduler,
  concat,
  concatMap,
  from,
  map,
  NEVER,
  of,
  Subject,
  takeUntil,
  throwError,
  timer,
  type ObservableInput,
} from 'rxjs';
import {
  isUploadError,
  obsSigner,
  v2Signer,
  v4Signer,
  type ObsCredentials,
  type Signer,
  type UploadEvent,
  type UploadOptions,
} from 'rx-obs-upload';
import { sharedOf } from '../../lib/connection/obs-connection.js';
import { fakeSource, on, type FaultRule } from 'rx-obs-upload/testing';
import { presigningBackend, type BackendOptions, type PresigningBackend } from '../support/presigning-backend.js';
import { eventsOf, PART, uploadWorld, type UploadWorld } from '../support/upload-world.js';
import { at, record, runVirtually, type Recording } from '../support/virtual-time.js';
import {
  withConnection,
  expectFired,
  expectCanResume,
  expectPermitsBack,
  expectUploaded,
  interrupted,
  resumeAsJson,
  THREE_ATTEMPTS,
  failingAfter,
} from '../support/scenario-world.js';

const N = 4;
const ALWAYS = { times: Number.POSITIVE_INFINITY };

function credentialsOf(n: number): ObsCredentials {
  return { accessKeyId: `AK${n}`, secretAccessKey: `secret${n}`, securityToken: `token${n}` };
}
const allCredentials = [1, 2, 3, 4].map(credentialsOf);

interface Provider {
  readonly credentials: () => ObservableInput<ObsCredentials>;
  readonly calls: () => number;
}

/** The n-th call, counted from 1, returns the n-th credentials, unless specified otherwise. */
function provider(respond: (n: number) => ObservableInput<ObsCredentials> = (n) => of(credentialsOf(n))): Provider {
  let calls = 0;
  return { credentials: () => respond(++calls), calls: () => calls };
}

/** A file of six parts, so that four are in flight and two are not. */
function worldOf(faults: readonly FaultRule[], { credentials }: Provider, signer: Signer = obsSigner()): UploadWorld {
  const file = fakeSource({ name: 'film.mp4', size: 6 * PART });
  return uploadWorld({ faults, credentials: allCredentials, etags: 'fast' }, { credentials, signer }, file);
}

function run(world: UploadWorld): Recording<UploadEvent> {
  return runVirtually(() => record(world.upload({ taskNum: N, retry: THREE_ATTEMPTS })));
}

/** The same service with a connection whose credentials are valid. */
function withValidCredentials(world: UploadWorld): UploadWorld {
  world.fake.setCredentials([credentialsOf(9)]);
  return withConnection(world, { credentials: credentialsOf(9) });
}

const refusals: readonly [what: string, status: number, code: string | null, signer: Signer][] = [
  ['400 of AWS', 400, 'ExpiredToken', v2Signer()],
  ['400 of AWS, signed by version 4', 400, 'ExpiredToken', v4Signer({ region: 'local' })],
  ['400 of a damaged token', 400, 'InvalidToken', v4Signer({ region: 'local' })],
  ['401 without a code', 401, null, obsSigner()],
  ['401 with an unknown code', 401, 'Unauthorized', obsSigner()],
  ['403 of OBS', 403, 'InvalidAccessKeyId', obsSigner()],
  ['403 of a wrong signature', 403, 'SignatureDoesNotMatch', obsSigner()],
  ['403 of a token that does not match the access key', 403, 'InvalidSecurity', obsSigner()],
  ['403 that only says denied', 403, 'AccessDenied', obsSigner()],
];

describe('credentials', () => {
  describe('that expire with four parts in flight', () => {
    it.each(refusals)(
      'are refreshed by one call, and the parts are sent again: %s (%i %s)',
      (_, status, code, signer) => {
        const fault = on('uploadPart', { times: N }).respond(status, code);
        const source = provider();
        const world = worldOf([fault], source, signer);
        const events = run(world);
        expect(fault.fired).toBe(N);
        expectUploaded(world, events);
        expect(source.calls()).toBe(2);
        expect(eventsOf(events, 'retrying').map(({ delayMs }) => delayMs)).toEqual([0, 0, 0, 0]);
        expect(world.fake.arrivals('uploadPart')).toHaveLength(6 + N);
        expect(
          world.fake
            .arrivals('uploadPart')
            .slice(N)
            .every(({ accessKeyId }) => accessKeyId === 'AK2'),
        ).toBe(true);
      },
    );

    it('are refreshed by one call even if the parts are refused one after another', () => {
      const delays = [1, 2, 3, 4].map((n) => on('uploadPart', { partNumber: n }).delay(1000 * n));
      const refused = on('uploadPart', { times: N }).respond(403, 'InvalidAccessKeyId');
      const source = provider((n) => timer(1500).pipe(map(() => credentialsOf(n))));
      const world = worldOf([...delays, refused], source);
      const events = run(world);
      expectFired(...delays);
      expect(refused.fired).toBe(N);
      expectUploaded(world, events);
      expect(source.calls()).toBe(2);
    });

    it('are not used again once they were refused', () => {
      const source = provider();
      const world = worldOf([], source);
      let refusedAt = Number.NaN;
      const events = runVirtually(() => {
        const film = record(world.upload({ taskNum: 2 }));
        at(130, () => world.fake.setCredentials([credentialsOf(2)]));
        return film;
      });
      expectUploaded(world, events);
      expect(source.calls()).toBe(2);
      const refusedRequests = world.fake.log.filter(({ status }) => status === 403);
      expect(refusedRequests.length).toBeGreaterThan(0);
      refusedAt = refusedRequests[0]?.at ?? Number.NaN;
      const after = world.fake.log.filter((arrival) => arrival.at > refusedAt + 10);
      expect(after.every(({ accessKeyId }) => accessKeyId === 'AK2')).toBe(true);
    });
  });

  describe('that expire in less than a minute', () => {
    const EXPIRES_AT = 120_000;
    const expiring: ObsCredentials = { ...credentialsOf(1), expiresAt: EXPIRES_AT };
    const down = (): ObservableInput<ObsCredentials> => throwError(() => new Error('backend down'));

    /** Such credentials first, then what this returns at that time. */
    function expiringProvider(respond: (now: number, n: number) => ObservableInput<ObsCredentials>): Provider {
      return provider((n) => (n === 1 ? of(expiring) : respond(asyncScheduler.now(), n)));
    }

    /** One part takes ten seconds, unless specified otherwise. */
    function slowWorld(
      { credentials }: Provider,
      { parts = 14, secondsPerPart = 10, maxConcurrentRequests = 6 } = {},
    ): UploadWorld {
      return uploadWorld(
        {
          credentials: [expiring, ...allCredentials.slice(1)],
          bytesPerSecond: PART / secondsPerPart,
          etags: 'fast',
        },
        { credentials, maxConcurrentRequests },
        fakeSource({ name: 'film.mp4', size: parts * PART }),
      );
    }

    function expectUndisturbed(world: UploadWorld, events: Recording<UploadEvent>): void {
      expectUploaded(world, events);
      expect(eventsOf(events, 'retrying')).toEqual([]);
      expect(world.fake.log.every(({ status }) => status === 200)).toBe(true);
    }

    const failures: readonly [what: string, fail: () => ObservableInput<ObsCredentials>][] = [
      ['fails', down],
      ['fails late', () => timer(5000).pipe(concatMap(down))],
      [
        'throws',
        () => {
          throw new Error('backend down');
        },
      ],
      ['never responds', () => NEVER],
      ['returns none', () => of({ error: 'backend down' } as unknown as ObsCredentials)],
    ];

    it.each(failures)('are used further while their refresh %s', (_, fail) => {
      const source = expiringProvider((now) => (now < 80_000 ? fail() : of(credentialsOf(2))));
      const world = slowWorld(source);
      const events = runVirtually(() => record(world.upload({ taskNum: 1, retry: THREE_ATTEMPTS })));
      expectUndisturbed(world, events);
      expect(world.fake.log.at(-1)?.accessKeyId).toBe('AK2');
      expect(source.calls()).toBeGreaterThan(2);
      expect(source.calls()).toBeLessThanOrEqual(5);
    });

    it('are not fetched for each request where the same come back', () => {
      const source = expiringProvider((now) => of(now < EXPIRES_AT ? expiring : credentialsOf(2)));
      const world = slowWorld(source, { parts: 120, secondsPerPart: 5 });
      const events = runVirtually(() => record(world.upload({ taskNum: N })));
      expectUndisturbed(world, events);
      const lastMinute = world.fake.log.filter(({ at: time }) => time >= 60_000 && time < EXPIRES_AT);
      expect(lastMinute.length).toBeGreaterThan(40);
      expect(source.calls()).toBeLessThanOrEqual(8);
    });

    it('are used further where older ones come back', () => {
      const older = { ...credentialsOf(3), expiresAt: 100_000 };
      const source = expiringProvider((now) => of(now < 80_000 ? older : credentialsOf(2)));
      const world = slowWorld(source);
      const events = runVirtually(() => record(world.upload({ taskNum: 1 })));
      expectUndisturbed(world, events);
      expect(world.fake.log.some(({ accessKeyId }) => accessKeyId === 'AK3')).toBe(false);
      expect(source.calls()).toBeLessThanOrEqual(5);
    });

    it('are refreshed by one call, for which no request waits', () => {
      const lasting = slowWorld(
        provider(() => of(credentialsOf(2))),
        { parts: 40 },
      );
      const { endedAt } = runVirtually(() => record(lasting.upload({ taskNum: N })));
      const source = expiringProvider(() => timer(30_000).pipe(map(() => credentialsOf(2))));
      const world = slowWorld(source, { parts: 40 });
      const events = runVirtually(() => record(world.upload({ taskNum: N })));
      expectUndisturbed(world, events);
      expect(events.endedAt).toBe(endedAt);
      expect(source.calls()).toBe(2);
    });

    it('are refreshed by one call, for which requests wait once they have expired', () => {
      const source = expiringProvider(() => timer(45_000).pipe(map(() => credentialsOf(2))));
      const world = slowWorld(source, { parts: 10, secondsPerPart: 40 });
      const events = runVirtually(() => record(world.upload({ taskNum: 2 })));
      expectUndisturbed(world, events);
      expect(source.calls()).toBe(2);
      const waited = world.fake.log.filter(({ at: time }) => time > EXPIRES_AT).map(({ at: time }) => time);
      expect(waited[0]).toBeGreaterThan(EXPIRES_AT + 5000);
      expect(waited[1]).toBe(waited[0]);
    });

    it('are not used again once they were refused, even if their refresh fails', () => {
      const source = expiringProvider(down);
      const world = slowWorld(source);
      const events = runVirtually(() => {
        const film = record(world.upload({ taskNum: 1, retry: THREE_ATTEMPTS }));
        at(65_000, () => world.fake.setCredentials([credentialsOf(2)]));
        return film;
      });
      expect(world.fake.log.filter(({ status }) => status !== 200)).toHaveLength(1);
      expect(world.fake.log.at(-1)?.status).toBe(403);
      expectCanResume(
        world,
        events,
        { name: 'ServiceError', serviceCode: 'InvalidAccessKeyId' },
        { healed: withValidCredentials(world) },
      );
    });

    it('are replaced for a request that they expire for while it waits for a permit', () => {
      const source = expiringProvider((now) => (now < EXPIRES_AT ? down() : of(credentialsOf(2))));
      const world = slowWorld(source, { maxConcurrentRequests: 1 });
      const events = runVirtually(() => record(world.upload({ taskNum: N })));
      expectUndisturbed(world, events);
    });

    it.each([
      ['fails', () => timer(5000).pipe(concatMap(down)), 3],
      ['succeeds', () => timer(5000).pipe(map(() => credentialsOf(2))), 2],
    ] as const)('may be refreshed by a call that %s after the upload was unsubscribed', (_, respond, calls) => {
      const source = expiringProvider((now) => (now < 80_000 ? respond() : of(credentialsOf(4))));
      const world = slowWorld(source, { secondsPerPart: 9 });
      let sent = 0;
      const events = runVirtually(() => {
        const film = record(world.upload({ taskNum: 1 }));
        at(64_000, () => {
          expect(source.calls()).toBe(2);
          film.unsubscribe();
          sent = world.fake.log.length;
        });
        at(90_000, () => expect([world.fake.inFlight(), world.fake.log.length]).toEqual([0, sent]));
        at(90_001, () => record(world.upload({ key: 'next.mp4' })));
        return film;
      });
      expect(events.endedAt).toBeNull();
      expect(world.fake.object('next.mp4')).not.toBeNull();
      expect(source.calls()).toBe(calls);
    });

    it.each([
      ['first', 1],
      ['second', 2],
    ])('give their permit back if the %s call unsubscribes the upload', (_, nth) => {
      const stop$ = new Subject<void>();
      const source = provider((n) => {
        if (n === nth) stop$.next();
        return of(n === 1 ? expiring : credentialsOf(2));
      });
      const world = slowWorld(source, { maxConcurrentRequests: 1 });
      runVirtually(() => record(world.upload({ taskNum: 1 }).pipe(takeUntil(stop$))));
      expect(world.fake.object('film.mp4')).toBeNull();
      expectPermitsBack(world.fake, world.upload);
    });
  });

  it.each(['initiateMultipartUpload', 'completeMultipartUpload'] as const)(
    'that expire before %s are refreshed by one call',
    (op) => {
      const fault = on(op).respond(403, 'InvalidAccessKeyId');
      const source = provider();
      const world = worldOf([fault], source);
      const events = run(world);
      expectFired(fault);
      expectUploaded(world, events);
      expect(source.calls()).toBe(2);
      expect(world.fake.arrivals(op)).toHaveLength(2);
    },
  );

  it('that expire before a resume are refreshed by one call', () => {
    const source = provider();
    const world = worldOf([], source);
    const checkpoint = interrupted(world);
    world.fake.setCredentials([credentialsOf(2)]);
    expectUploaded(world, resumeAsJson(world, checkpoint));
    expect(source.calls()).toBe(2);
  });

  it('that expire before HEAD, which only gets a 403, are refreshed for another HEAD', () => {
    const fault = on('completeMultipartUpload').loseResponse();
    const source = provider();
    const world = worldOf([fault], source);
    const events = runVirtually(() => {
      const film = record(world.upload({ taskNum: N, retry: THREE_ATTEMPTS }));
      // The parts take until 230 ms; then complete is sent.
      at(235, () => world.fake.setCredentials([credentialsOf(2)]));
      return film;
    });
    expectFired(fault);
    expect(world.fake.arrivals('headObject')[0]?.status).toBe(403);
    expect(expectUploaded(world, events).verified).toBe('etag');
    expect(source.calls()).toBe(2);
  });

  describe('whose function never responds', () => {
    /** Uploads that begin 30 s apart, so that one always waits while the other one's time is up. */
    function overlapping(
      source: Provider,
      options: Partial<UploadOptions> = {},
    ): { readonly world: UploadWorld; readonly uploads: readonly Recording<UploadEvent>[] } {
      const world = worldOf([], source);
      const uploads: Recording<UploadEvent>[] = [];
      const first = runVirtually(() => {
        const upload = (key: string): Recording<UploadEvent> =>
          record(world.upload({ key, retry: THREE_ATTEMPTS, ...options }));
        at(30_000, () => uploads.push(upload('other.mp4')));
        return upload('film.mp4');
      });
      return { world, uploads: [first, ...uploads] };
    }

    it('are fetched by another call after its time, although another request still waits for the first', () => {
      const source = provider((n) => (n === 1 ? NEVER : of(credentialsOf(n))));
      const { world, uploads } = overlapping(source);
      expect(source.calls()).toBe(2);
      expectUploaded(world, uploads[0] as Recording<UploadEvent>, 'film.mp4');
      expectUploaded(world, uploads[1] as Recording<UploadEvent>, 'other.mp4');
      // The one that waited shares the second call at once, which costs it no attempt.
      expect(uploads.map((events) => eventsOf(events, 'retrying').length)).toEqual([1, 0]);
      for (const { endedAt } of uploads) expect(endedAt).toBeLessThan(65_000);
    });

    it('are fetched by one call for each time that a request waits', () => {
      const source = provider(() => NEVER);
      const { uploads } = overlapping(source);
      for (const { error } of uploads) expect(error).toMatchObject({ code: 'stalled' });
      expect(source.calls()).toBe(3);
    });

    it('are waited for as long as the upload allows', () => {
      const source = provider((n) => timer(100_000).pipe(map(() => credentialsOf(n))));
      const { world, uploads } = overlapping(source, { stallTimeoutMs: 120_000 });
      expectUploaded(world, uploads[0] as Recording<UploadEvent>, 'film.mp4');
      expectUploaded(world, uploads[1] as Recording<UploadEvent>, 'other.mp4');
      expect(source.calls()).toBe(1);
    });
  });

  it('are the first value of a provider that never completes', () => {
    const fault = on('uploadPart', { times: N }).respond(403, 'InvalidAccessKeyId');
    const source = provider((n) => concat(of(credentialsOf(n)), NEVER));
    const world = worldOf([fault], source);
    const events = run(world);
    expect(fault.fired).toBe(N);
    expectUploaded(world, events);
    expect(source.calls()).toBe(2);
  });

  it('are not refreshed if listing parts is denied, as that is policy', () => {
    const source = provider();
    const world = worldOf([], source);
    const checkpoint = interrupted(world);
    const fault = on('listParts', ALWAYS).respond(403, 'AccessDenied');
    world.fake.addFaults(fault);
    expectUploaded(world, resumeAsJson(world, checkpoint));
    expectFired(fault);
    expect(source.calls()).toBe(1);
  });

  describe('of a presigned URL that has expired', () => {
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
      'are requested again once per part, and the clock is not changed: %s (403 %s)',
      (_, code, message, signer) => {
        const forged = { message, headers: { date: new Date(10 * 60 * 60_000).toUTCString() } };
        const fault = on('uploadPart', { times: N }).respond(403, code, forged);
        const [world, backend] = presignedWorld([fault], { signer });
        const events = run(world);
        expect(fault.fired).toBe(N);
        expectUploaded(world, events);
        const signedParts = backend.questions.flatMap(({ requests }) => requests.map(({ partNumber }) => partNumber));
        for (const n of [1, 2, 3, 4]) expect(signedParts.filter((partNumber) => partNumber === n)).toHaveLength(2);
        expect(sharedOf(world.obs).clock.offsetMs).toBeNull();
      },
    );

    it('end in a resumable error if it repeats', () => {
      const fault = on('uploadPart', ALWAYS).respond(403, 'RequestTimeTooSkewed', {
        message: 'Request has expired.',
      });
      const [world] = presignedWorld([fault]);
      const events = run(world);
      expectFired(fault);
      expectCanResume(world, events, { operation: 'uploadPart' });
      expect(world.fake.arrivals('uploadPart', 1).length).toBeLessThanOrEqual(THREE_ATTEMPTS.maxAttempts ?? 0);
    });

    it('are requested again if it expired while queued', () => {
      const slow = on('uploadPart', ALWAYS).slow({ bytesPerSecond: 20 * 1024 });
      const backend = presigningBackend(() => world.fake, { expiresInSeconds: 2 });
      const world: UploadWorld = uploadWorld(
        { faults: [slow] },
        { presign: backend.presign, maxConcurrentRequests: 1 },
      );
      const events = run(world);
      expectFired(slow);
      expectUploaded(world, events);
      expect(world.fake.log.every(({ status }) => status === 200)).toBe(true);
    });
  });

  describe('of a signer with a wrong expiry', () => {
    const expiries: readonly [what: string, expiresAt: unknown][] = [
      ['undefined', undefined],
      ['NaN', Number.NaN],
      ['text', '2030-01-01T00:00:00Z'],
      ['seconds instead of milliseconds', 900],
      ['the past', -1],
      ['never', Number.POSITIVE_INFINITY],
    ];

    it.each(expiries)('are used as they are: %s', (_, expiresAt) => {
      const { dialect, sign } = obsSigner();
      const signer: Signer = {
        dialect,
        sign: (request, context) =>
          from(sign(request, context)).pipe(map((signed) => ({ ...signed, expiresAt: expiresAt as number }))),
      };
      const world = uploadWorld({}, { signer: failingAfter(signer, 100) });
      expectUploaded(world, run(world));
    });

    it('end in an error if signing takes longer than a URL is valid', () => {
      const { dialect, presign } = obsSigner();
      const sign: Signer['sign'] = (request, context) =>
        timer(3000).pipe(map(() => presign(request, { ...context, expiresInSeconds: 2 })));
      const world = uploadWorld({}, { signer: failingAfter({ dialect, sign }, 100) });
      const events = run(world);
      expect(isUploadError(events.error)).toBe(true);
      expect(events.error).not.toMatchObject({ cause: { message: 'signed for ever' } });
    });
  });

  describe('whose refresh', () => {
    it('is slow make the parts wait for one call', () => {
      const fault = on('uploadPart', { times: N }).respond(403, 'InvalidAccessKeyId');
      const source = provider((n) => timer(n === 1 ? 0 : 45_000).pipe(map(() => credentialsOf(n))));
      const world = worldOf([fault], source);
      const events = run(world);
      expect(fault.fired).toBe(N);
      expectUploaded(world, events);
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
    ])('%s are refreshed again, by one call for all parts', (_, fail) => {
      const fault = on('uploadPart', { times: N }).respond(403, 'InvalidAccessKeyId');
      const source = provider((n) => (n === 2 ? fail() : of(credentialsOf(n))));
      const world = worldOf([fault], source);
      const events = run(world);
      expect(fault.fired).toBe(N);
      expectUploaded(world, events);
      expect(source.calls()).toBe(3);
    });

    it('always fails end in the refusal as a resumable error', () => {
      const fault = on('uploadPart', { times: N }).respond(403, 'InvalidAccessKeyId');
      const down = () => timer(50).pipe(concatMap(() => throwError(() => new Error('backend down'))));
      const source = provider((n) => (n === 1 ? of(credentialsOf(1)) : down()));
      const world = worldOf([fault], source);
      const events = run(world);
      expect(fault.fired).toBe(N);
      const failed = expectCanResume(
        world,
        events,
        { name: 'ServiceError', serviceCode: 'InvalidAccessKeyId' },
        { healed: withValidCredentials(world) },
      );
      expect(failed.message).not.toMatch(/secret|token1/);
      expect(source.calls()).toBe(4);
    });

    it.each([
      ['the same refused token', () => of(credentialsOf(1)), 2],
      ['another token that is refused too', (n: number) => of(credentialsOf(n)), 2],
    ])('returns %s end in a resumable ServiceError', (_, respond, calls) => {
      const fault = on('uploadPart', ALWAYS).respond(403, 'InvalidAccessKeyId');
      const source = provider(respond);
      const world = worldOf([fault], source);
      const events = run(world);
      expectFired(fault);
      expect(source.calls()).toBe(calls);
      for (let n = 1; n <= 6; n++) expect(world.fake.arrivals('uploadPart', n).length).toBeLessThanOrEqual(2);
      expectCanResume(
        world,
        events,
        { name: 'ServiceError', serviceCode: 'InvalidAccessKeyId' },
        { healed: withValidCredentials(world) },
      );
    });

    it('returns invalid ones end in a resumable error', () => {
      const fault = on('uploadPart', { times: N }).respond(403, 'InvalidAccessKeyId');
      const source = provider((n) =>
        of(n === 1 ? credentialsOf(1) : ({ error: 'session over' } as unknown as ObsCredentials)),
      );
      const world = worldOf([fault], source);
      const events = run(world);
      expect(fault.fired).toBe(N);
      expectCanResume(world, events, { name: 'ServiceError' }, { healed: withValidCredentials(world) });
    });
  });

  describe('that are static', () => {
    it.each(refusals)('fail after one attempt with a resumable error: %s (%i %s)', (_, status, code, signer) => {
      const fault = on('uploadPart', ALWAYS).respond(status, code);
      const world = uploadWorld(
        { faults: [fault], credentials: allCredentials },
        { credentials: credentialsOf(1), signer },
      );
      const events = run(world);
      expectFired(fault);
      for (let n = 1; n <= 4; n++) expect(world.fake.arrivals('uploadPart', n).length).toBeLessThanOrEqual(1);
      expectCanResume(world, events, { name: 'ServiceError', status, serviceCode: code });
    });
  });
});
