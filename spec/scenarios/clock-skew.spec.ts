import { EMPTY, map, NEVER, of, throwError, timer, type Observable } from 'rxjs';
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
import { record, runVirtually, type Recording } from '../support/virtual-time.js';
import {
  begunWithParts,
  expectFailed,
  expectFired,
  expectKept,
  expectNothingKept,
  expectSurvived,
  resumeAsJson,
  tiring,
  THREE_TIMES,
} from '../support/scenario-world.js';

const FOR_EVER = { times: Number.POSITIVE_INFINITY };
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const SKEW = 20 * MINUTE;

const exposing = (...exposeHeaders: string[]): CorsRule => ({
  allowedOrigins: ['*'],
  allowedMethods: ['GET', 'PUT', 'POST', 'DELETE', 'HEAD'],
  allowedHeaders: ['*'],
  exposeHeaders,
  maxAgeSeconds: 3600,
});

/** How an application that knows the service's time tells it, and how often it was asked. */
function timeService(fake: () => FakeObs): {
  readonly serverTime: () => Observable<number>;
  readonly asked: () => number;
} {
  let asked = 0;
  const serverTime = () => {
    asked++;
    return timer(100).pipe(map(() => fake().now()));
  };
  return { serverTime, asked: () => asked };
}

/** Refuses those parts whose date is further than 15 minutes from the service's time. */
function strict(
  parts: { readonly from: number; readonly to?: number },
  serviceTime: number,
  tells: 'Date' | 'nothing',
): FaultRule {
  return on('uploadPart', {
    ...FOR_EVER,
    when: ({ partNumber, headers }) =>
      (partNumber ?? 0) >= parts.from &&
      (partNumber ?? 0) <= (parts.to ?? 10_000) &&
      Math.abs(Date.parse(headers['x-obs-date'] ?? '') - serviceTime) > 15 * MINUTE,
  }).respond(403, 'RequestTimeTooSkewed', {
    headers: { date: tells === 'Date' ? new Date(serviceTime).toUTCString() : 'hidden' },
  });
}

function run(world: UploadWorld, taskNum = 4): Recording<UploadEvent> {
  return runVirtually(() => record(world.upload({ taskNum, retry: THREE_TIMES })));
}

describe('the clock', () => {
  const ways: readonly [what: string, fake: FakeObsOptions, hidden: readonly FaultRule[], asks: boolean][] = [
    ['known by the response', {}, [], false],
    ['Date readable', { tellsServerTime: false }, [], false],
    ['Date readable in a page', { tellsServerTime: false, origin: 'https://app.test' }, [], false],
    ['Date hidden', { tellsServerTime: false }, [on('any', FOR_EVER).hideHeaders('date')], true],
    ['Date hidden in a page', { tellsServerTime: false, origin: 'https://app.test', cors: exposing('ETag') }, [], true],
  ];

  describe('20 minutes off at the start', () => {
    const cases = ways.flatMap((way) => [SKEW, -SKEW].map((skew) => [way[0], skew / MINUTE, way] as const));

    it.each(cases)('%s, the service %i minutes ahead: corrected once, signed again', (_, minutes, way) => {
      const [, fake, hidden, asks] = way;
      const { serverTime, asked } = timeService(() => world.fake);
      const world: UploadWorld = uploadWorld(
        { ...fake, faults: hidden, clockSkewMs: minutes * MINUTE },
        { serverTime },
      );
      const events = run(world);
      expectSurvived(world, events);
      expect(world.fake.log.map(({ status }) => status).filter((status) => status !== 200)).toEqual([403]);
      expect(eventsOf(events, 'retrying')).toMatchObject([
        { delayMs: 0, error: { serviceCode: 'RequestTimeTooSkewed' } },
      ]);
      expect(asked()).toBe(asks ? 1 : 0);
      // What was learned holds for the connection.
      expect(runVirtually(() => record(world.upload({ key: 'next.bin' }))).completed).toBe(true);
      expect(asked()).toBe(asks ? 1 : 0);
    });
  });

  describe('20 minutes off at part 500', () => {
    it.each([
      ['Date readable', 'Date'],
      ['Date hidden', 'nothing'],
    ] as const)('%s: corrected once, no part is lost', (_, tells) => {
      let asked = 0;
      const serverTime = () => {
        asked++;
        return of(SKEW);
      };
      const skewed = strict({ from: 500 }, SKEW, tells);
      const fake = { minPartBytes: 1, bytesPerSecond: null, latencyMs: 1, maxSkewMs: Number.POSITIVE_INFINITY };
      const file = fakeSource({ name: 'film.mp4', size: 505 * 16 });
      const world = uploadWorld({ ...fake, faults: [skewed] }, { serverTime }, file);
      const events = resumeAsJson(world, begunWithParts(world, 16), { taskNum: 4 });
      expectFired(skewed);
      expectSurvived(world, events);
      expect(asked).toBe(tells === 'nothing' ? 1 : 0);
      expect(skewed.fired).toBeLessThanOrEqual(4);
      expect(world.fake.arrivals('uploadPart')).toHaveLength(505 + skewed.fired);
      expect(world.fake.arrivals('initiateMultipartUpload')).toHaveLength(1);
    });

    it('and put right again later: corrected again', () => {
      const faults = [strict({ from: 2, to: 3 }, SKEW, 'Date'), strict({ from: 4 }, 0, 'Date')];
      const world = uploadWorld({ maxSkewMs: Number.POSITIVE_INFINITY, faults });
      const events = run(world, 1);
      expectFired(...faults);
      expectSurvived(world, events);
      expect(eventsOf(events, 'retrying').map(({ partNumber }) => partNumber)).toEqual([2, 4]);
    });
  });

  it('off at complete: corrected, and complete is sent again', () => {
    const fault = on('completeMultipartUpload').respond(403, 'RequestTimeTooSkewed', {
      headers: { date: new Date(SKEW).toUTCString() },
    });
    const world = uploadWorld({ maxSkewMs: Number.POSITIVE_INFINITY, faults: [fault] });
    const events = run(world);
    expectFired(fault);
    expect(expectSurvived(world, events).verified).toBe('etag');
    expect(world.fake.arrivals('completeMultipartUpload')[1]?.headers['x-obs-date']).toContain('00:20:');
  });

  describe('and nothing tells the time', () => {
    const silent: readonly [who: string, serverTime: (() => Observable<number>) | null][] = [
      ['nobody is there to ask', null],
      ['the application fails', () => throwError(() => new Error('down'))],
      ['the application completes without a word', () => EMPTY],
      ['the application never answers', () => NEVER],
      ['the application answers with no number', () => of(Number.NaN)],
      ['the application is off by two days', () => of(48 * HOUR)],
    ];

    it.each(silent)('as %s: SigningError clock-skew; the upload stays', (_, serverTime) => {
      const skewed = strict({ from: 3 }, SKEW, 'nothing');
      const world = uploadWorld(
        { maxSkewMs: Number.POSITIVE_INFINITY, faults: [skewed] },
        { signer: tiring(obsSigner(), 100), ...(serverTime === null ? {} : { serverTime }) },
      );
      const events = runVirtually(() => record(world.upload({ taskNum: 2, stallTimeoutMs: 5000 })));
      expectFired(skewed);
      expectKept(world, events, { name: 'SigningError', code: 'clock-skew', operation: 'uploadPart' });
      expect(skewed.fired).toBeLessThanOrEqual(2);
    });
  });

  describe('refused by an answer that a page may not read', () => {
    const mute: FakeObsOptions = { clockSkewMs: SKEW, origin: 'https://app.test', corsOnRefusedSignature: false };

    it('the application is asked once when the network error repeats, then it is signed again', () => {
      const { serverTime, asked } = timeService(() => world.fake);
      const world: UploadWorld = uploadWorld(mute, { serverTime });
      const events = run(world);
      expect(world.fake.log[0]?.status).toBe(403);
      expect(asked()).toBe(1);
      expectSurvived(world, events);
    });

    it('nobody can be asked: a typed error, and with the right time it works', () => {
      const world = uploadWorld(mute);
      const events = run(world);
      expect(world.fake.log[0]?.status).toBe(403);
      const healed: UploadWorld = {
        ...world,
        resume: (checkpoint, options) => world.resume(checkpoint, { ...options, requestDate: new Date(SKEW) }),
      };
      const name = expect.stringMatching(/^(?:SigningError|NetworkError)$/) as string;
      const failed = expectNothingKept(world, events, { name }, healed);
      expect(failed.operation).toBe('initiateMultipartUpload');
    });
  });

  it('looking for a hidden refusal takes its turn in the pool', () => {
    const fake = { clockSkewMs: SKEW, origin: 'https://app.test', corsOnRefusedSignature: false };
    const world = uploadWorld(fake, { maxConcurrentRequests: 1 });
    runVirtually(() => {
      for (const key of ['a', 'b', 'c']) record(world.upload({ key, retry: THREE_TIMES }));
      return record(EMPTY);
    });
    expect(world.fake.log.some(({ accessKeyId }) => accessKeyId === null)).toBe(true);
    expect(world.fake.maxInFlight()).toBe(1);
  });

  describe('a forged server time', () => {
    const forged = (ms: number) => ({ headers: { date: new Date(ms).toUTCString() } });
    const dates = ({ fake }: UploadWorld) => fake.log.map(({ headers }) => Date.parse(headers['x-obs-date'] ?? ''));

    it.each([-25 * HOUR, 25 * HOUR, 1000 * 24 * HOUR])(
      'of %i ms from ours in a skew answer: not believed, SigningError; the upload stays',
      (ms) => {
        const fault = on('uploadPart', { partNumber: 2 }).respond(403, 'RequestTimeTooSkewed', forged(ms));
        const world = uploadWorld({ faults: [fault] });
        const events = run(world, 1);
        expectFired(fault);
        expectKept(world, events, { name: 'SigningError', code: 'clock-skew' });
        expect(Math.max(...dates(world).map(Math.abs))).toBeLessThan(MINUTE);
      },
    );

    it.each([
      [200, null],
      [503, 'SlowDown'],
      [500, 'InternalError'],
      [404, 'NoSuchUpload'],
    ])('in an answer of %i %s: the clock is left alone', (status, code) => {
      const setDate = on('any', FOR_EVER).setHeaders({ date: new Date(10 * HOUR).toUTCString() });
      const faults = status === 200 ? [setDate] : [setDate, on('uploadPart', { partNumber: 2 }).respond(status, code)];
      const world = uploadWorld({ faults });
      const events = run(world);
      expectFired(...faults);
      expectSurvived(world, events);
      expect(Math.max(...dates(world))).toBeLessThan(MINUTE);
    });

    it.each([
      [403, 'AccessDenied'],
      [403, 'SignatureDoesNotMatch'],
      [401, null],
    ])('in a refusal of %i %s: the clock is left alone', (status, code) => {
      const fault = on('uploadPart', { partNumber: 2 }).respond(status, code, forged(10 * HOUR));
      const world = uploadWorld({ faults: [fault] });
      const events = run(world, 1);
      expectFired(fault);
      const { checkpoint } = expectFailed(world, events, { name: 'ServiceError' });
      expectSurvived(world, resumeAsJson(world, checkpoint));
      expect(Math.max(...dates(world))).toBeLessThan(MINUTE);
    });

    it('that the service itself contradicts later: put right again', () => {
      const fault = on('uploadPart', { partNumber: 2 }).respond(403, 'RequestTimeTooSkewed', forged(10 * HOUR));
      const world = uploadWorld({ faults: [fault] });
      const events = run(world, 1);
      expectFired(fault);
      if (events.completed) expectSurvived(world, events);
      else expectKept(world, events, { operation: 'uploadPart', partNumber: 2 });
    });
  });
});
