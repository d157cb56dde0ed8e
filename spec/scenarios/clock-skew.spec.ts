import { BehaviorSubject, EMPTY, map, NEVER, of, throwError, timer, type Observable } from 'rxjs';
import { obsSigner, type UploadEvent } from 'rx-obs-upload';
import {
  fakeSource,
  on,
  type CorsRule,
  type FakeObs,
  type FakeObsOptions,
  type FaultRule,
} from 'rx-obs-upload/testing';
import { eventsOf, uploadWorld, type UploadWorld } from '../support/upload-world.js';
import { at, record, runVirtually, type Recording } from '../support/virtual-time.js';
import {
  startedWithPartSize,
  expectFailed,
  expectFired,
  expectCanResume,
  expectCanRestart,
  expectUploaded,
  resumeAsJson,
  failingAfter,
  THREE_ATTEMPTS,
} from '../support/scenario-world.js';

const ALWAYS = { times: Number.POSITIVE_INFINITY };
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const SKEW = 20 * MINUTE;

const corsExposing = (...exposeHeaders: string[]): CorsRule => ({
  allowedOrigins: ['*'],
  allowedMethods: ['GET', 'PUT', 'POST', 'DELETE', 'HEAD'],
  allowedHeaders: ['*'],
  exposeHeaders,
  maxAgeSeconds: 3600,
});

/** A `serverTime` that returns the service's time, and how often it was called. */
function timeService(fake: () => FakeObs): {
  readonly serverTime: () => Observable<number>;
  readonly calls: () => number;
} {
  let calls = 0;
  const serverTime = () => {
    calls++;
    return timer(100).pipe(map(() => fake().now()));
  };
  return { serverTime, calls: () => calls };
}

/** Refuses the parts whose date is more than 15 minutes off the service's time. */
function refuseSkewed(
  parts: { readonly from: number; readonly to?: number },
  serviceTime: number,
  reveals: 'Date' | 'nothing',
): FaultRule {
  return on('uploadPart', {
    ...ALWAYS,
    when: ({ partNumber, headers }) =>
      (partNumber ?? 0) >= parts.from &&
      (partNumber ?? 0) <= (parts.to ?? 10_000) &&
      Math.abs(Date.parse(headers['x-obs-date'] ?? '') - serviceTime) > 15 * MINUTE,
  }).respond(403, 'RequestTimeTooSkewed', {
    headers: { date: reveals === 'Date' ? new Date(serviceTime).toUTCString() : 'hidden' },
  });
}

function run(world: UploadWorld, taskNum = 4): Recording<UploadEvent> {
  return runVirtually(() => record(world.upload({ taskNum, retry: THREE_ATTEMPTS })));
}

/** Runs an upload whose second request is lost because the machine is offline. */
function runOffline(world: UploadWorld, online$: BehaviorSubject<boolean>): Recording<UploadEvent> {
  const events = runVirtually(() => {
    at(500, () => online$.next(false));
    at(5000, () => online$.next(true));
    return record(world.upload({ retry: THREE_ATTEMPTS }));
  });
  expect(eventsOf(events, 'waiting')).toHaveLength(1);
  return events;
}

describe('the clock', () => {
  const sources: readonly [
    what: string,
    fake: FakeObsOptions,
    hidden: readonly FaultRule[],
    needsServerTime: boolean,
  ][] = [
    ['ServerTime in the response', {}, [], false],
    ['Date readable', { tellsServerTime: false }, [], false],
    ['Date readable in a page', { tellsServerTime: false, origin: 'https://app.test' }, [], false],
    ['Date hidden', { tellsServerTime: false }, [on('any', ALWAYS).hideHeaders('date')], true],
    [
      'Date hidden in a page',
      { tellsServerTime: false, origin: 'https://app.test', cors: corsExposing('ETag') },
      [],
      true,
    ],
  ];

  describe('20 minutes off at the start', () => {
    const cases = sources.flatMap((source) => [SKEW, -SKEW].map((skew) => [source[0], skew / MINUTE, source] as const));

    it.each(cases)(
      'is corrected once and the request signed again: %s, the service %i minutes ahead',
      (_, minutes, source) => {
        const [, fake, hidden, needsServerTime] = source;
        const { serverTime, calls } = timeService(() => world.fake);
        const world: UploadWorld = uploadWorld(
          { ...fake, faults: hidden, clockSkewMs: minutes * MINUTE },
          { serverTime },
        );
        const events = run(world);
        expectUploaded(world, events);
        expect(world.fake.log.map(({ status }) => status).filter((status) => status !== 200)).toEqual([403]);
        expect(eventsOf(events, 'retrying')).toMatchObject([
          { delayMs: 0, error: { serviceCode: 'RequestTimeTooSkewed' } },
        ]);
        expect(calls()).toBe(needsServerTime ? 1 : 0);
        // The correction applies to the whole connection.
        expect(runVirtually(() => record(world.upload({ key: 'next.bin' }))).completed).toBe(true);
        expect(calls()).toBe(needsServerTime ? 1 : 0);
      },
    );
  });

  describe('20 minutes off at part 500', () => {
    it.each([
      ['Date readable', 'Date'],
      ['Date hidden', 'nothing'],
    ] as const)('is corrected once, and no part is lost: %s', (_, reveals) => {
      let calls = 0;
      const serverTime = () => {
        calls++;
        return of(SKEW);
      };
      const skewed = refuseSkewed({ from: 500 }, SKEW, reveals);
      const fake = { minPartBytes: 1, bytesPerSecond: null, latencyMs: 1, maxSkewMs: Number.POSITIVE_INFINITY };
      const file = fakeSource({ name: 'film.mp4', size: 505 * 16 });
      const world = uploadWorld({ ...fake, faults: [skewed] }, { serverTime }, file);
      const events = resumeAsJson(world, startedWithPartSize(world, 16), { taskNum: 4 });
      expectFired(skewed);
      expectUploaded(world, events);
      expect(calls).toBe(reveals === 'nothing' ? 1 : 0);
      expect(skewed.fired).toBeLessThanOrEqual(4);
      expect(world.fake.arrivals('uploadPart')).toHaveLength(505 + skewed.fired);
      expect(world.fake.arrivals('initiateMultipartUpload')).toHaveLength(1);
    });

    it('is corrected again when it is set right later', () => {
      const faults = [refuseSkewed({ from: 2, to: 3 }, SKEW, 'Date'), refuseSkewed({ from: 4 }, 0, 'Date')];
      const world = uploadWorld({ maxSkewMs: Number.POSITIVE_INFINITY, faults });
      const events = run(world, 1);
      expectFired(...faults);
      expectUploaded(world, events);
      expect(eventsOf(events, 'retrying').map(({ partNumber }) => partNumber)).toEqual([2, 4]);
    });
  });

  describe('20 minutes off, and the first two requests are lost', () => {
    const lost = () => on('initiateMultipartUpload', { times: 2 }).reset();

    it.each([
      ['in Node', {}],
      ['in a page', { origin: 'https://app.test', faults: [on('headObject').reset()] }],
    ])('is corrected when the third is refused: %s', (_, { faults = [], ...fake }: FakeObsOptions) => {
      const all = [lost(), ...faults];
      const world = uploadWorld({ ...fake, clockSkewMs: SKEW, faults: all });
      const events = run(world);
      expectFired(...all);
      expectUploaded(world, events);
      expect(eventsOf(events, 'retrying').map(({ error }) => error.serviceCode ?? error.code)).toEqual([
        'network',
        'network',
        'RequestTimeTooSkewed',
      ]);
    });

    it('is corrected when the second was lost offline', () => {
      const online$ = new BehaviorSubject(true);
      const fault = lost();
      const world = uploadWorld({ clockSkewMs: SKEW, faults: [fault] }, { online$ });
      const events = runOffline(world, online$);
      expectFired(fault);
      expectUploaded(world, events);
      expect(eventsOf(events, 'retrying').at(-1)?.error.serviceCode).toBe('RequestTimeTooSkewed');
    });
  });

  it('is corrected if it is off at complete, which is sent again', () => {
    const fault = on('completeMultipartUpload').respond(403, 'RequestTimeTooSkewed', {
      headers: { date: new Date(SKEW).toUTCString() },
    });
    const world = uploadWorld({ maxSkewMs: Number.POSITIVE_INFINITY, faults: [fault] });
    const events = run(world);
    expectFired(fault);
    expect(expectUploaded(world, events).verified).toBe('etag');
    expect(world.fake.arrivals('completeMultipartUpload')[1]?.headers['x-obs-date']).toContain('00:20:');
  });

  describe('without a source of the time', () => {
    const providers: readonly [what: string, serverTime: (() => Observable<number>) | null][] = [
      ['there is no provider', null],
      ['the provider fails', () => throwError(() => new Error('down'))],
      ['the provider completes without a value', () => EMPTY],
      ['the provider never responds', () => NEVER],
      ['the provider returns NaN', () => of(Number.NaN)],
      ['the provider is off by two days', () => of(48 * HOUR)],
    ];

    it.each(providers)('fails with clock-skew and can be resumed: %s', (_, serverTime) => {
      const skewed = refuseSkewed({ from: 3 }, SKEW, 'nothing');
      const world = uploadWorld(
        { maxSkewMs: Number.POSITIVE_INFINITY, faults: [skewed] },
        { signer: failingAfter(obsSigner(), 100), ...(serverTime === null ? {} : { serverTime }) },
      );
      const events = runVirtually(() => record(world.upload({ taskNum: 2, stallTimeoutMs: 5000 })));
      expectFired(skewed);
      expectCanResume(world, events, { name: 'SigningError', code: 'clock-skew', operation: 'uploadPart' });
      expect(skewed.fired).toBeLessThanOrEqual(2);
    });
  });

  describe('refused by a response that a page may not read', () => {
    const maskedRefusals: FakeObsOptions = {
      clockSkewMs: SKEW,
      origin: 'https://app.test',
      corsOnRefusedSignature: false,
    };

    it('is corrected by one call of serverTime when the network error repeats', () => {
      const { serverTime, calls } = timeService(() => world.fake);
      const world: UploadWorld = uploadWorld(maskedRefusals, { serverTime });
      const events = run(world);
      expect(world.fake.log[0]?.status).toBe(403);
      expect(calls()).toBe(1);
      expectUploaded(world, events);
    });

    it('is corrected by one call of serverTime when the second request was lost offline', () => {
      const online$ = new BehaviorSubject(true);
      const { serverTime, calls } = timeService(() => world.fake);
      const world: UploadWorld = uploadWorld(maskedRefusals, { serverTime, online$ });
      const events = runOffline(world, online$);
      expect(calls()).toBe(1);
      expectUploaded(world, events);
    });

    it('fails with a typed error without serverTime, and works with the right time', () => {
      const world = uploadWorld(maskedRefusals);
      const events = run(world);
      expect(world.fake.log[0]?.status).toBe(403);
      const healed: UploadWorld = {
        ...world,
        resume: (checkpoint, options) => world.resume(checkpoint, { ...options, requestDate: new Date(SKEW) }),
      };
      const name = expect.stringMatching(/^(?:SigningError|NetworkError)$/) as string;
      const failed = expectCanRestart(world, events, { name }, healed);
      expect(failed.operation).toBe('initiateMultipartUpload');
    });
  });

  it('is checked for a hidden refusal within maxConcurrentRequests', () => {
    const fake = { clockSkewMs: SKEW, origin: 'https://app.test', corsOnRefusedSignature: false };
    const world = uploadWorld(fake, { maxConcurrentRequests: 1 });
    runVirtually(() => {
      for (const key of ['a', 'b', 'c']) record(world.upload({ key, retry: THREE_ATTEMPTS }));
      return record(EMPTY);
    });
    expect(world.fake.log.some(({ accessKeyId }) => accessKeyId === null)).toBe(true);
    expect(world.fake.maxInFlight()).toBe(1);
  });

  describe('a forged server time', () => {
    const withDate = (ms: number) => ({ headers: { date: new Date(ms).toUTCString() } });
    const dates = ({ fake }: UploadWorld) => fake.log.map(({ headers }) => Date.parse(headers['x-obs-date'] ?? ''));

    it.each([-25 * HOUR, 25 * HOUR, 1000 * 24 * HOUR])(
      'that is %i ms off in a skew response is ignored, and the upload fails and can be resumed',
      (ms) => {
        const fault = on('uploadPart', { partNumber: 2 }).respond(403, 'RequestTimeTooSkewed', withDate(ms));
        const world = uploadWorld({ faults: [fault] });
        const events = run(world, 1);
        expectFired(fault);
        expectCanResume(world, events, { name: 'SigningError', code: 'clock-skew' });
        expect(Math.max(...dates(world).map(Math.abs))).toBeLessThan(MINUTE);
      },
    );

    it.each([
      [200, null],
      [503, 'SlowDown'],
      [500, 'InternalError'],
      [404, 'NoSuchUpload'],
    ])('in a response of %i %s does not change the clock', (status, code) => {
      const setDate = on('any', ALWAYS).setHeaders({ date: new Date(10 * HOUR).toUTCString() });
      const faults = status === 200 ? [setDate] : [setDate, on('uploadPart', { partNumber: 2 }).respond(status, code)];
      const world = uploadWorld({ faults });
      const events = run(world);
      expectFired(...faults);
      expectUploaded(world, events);
      expect(Math.max(...dates(world))).toBeLessThan(MINUTE);
    });

    it.each([
      [403, 'AccessDenied'],
      [403, 'SignatureDoesNotMatch'],
      [401, null],
    ])('in a refusal of %i %s does not change the clock', (status, code) => {
      const fault = on('uploadPart', { partNumber: 2 }).respond(status, code, withDate(10 * HOUR));
      const world = uploadWorld({ faults: [fault] });
      const events = run(world, 1);
      expectFired(fault);
      const { checkpoint } = expectFailed(world, events, { name: 'ServiceError' });
      expectUploaded(world, resumeAsJson(world, checkpoint));
      expect(Math.max(...dates(world))).toBeLessThan(MINUTE);
    });

    it('that the service contradicts later is corrected, or the upload can be resumed', () => {
      const fault = on('uploadPart', { partNumber: 2 }).respond(403, 'RequestTimeTooSkewed', withDate(10 * HOUR));
      const world = uploadWorld({ faults: [fault] });
      const events = run(world, 1);
      expectFired(fault);
      if (events.completed) expectUploaded(world, events);
      else expectCanResume(world, events, { operation: 'uploadPart', partNumber: 2 });
    });
  });
});
