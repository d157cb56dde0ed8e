import { asyncScheduler, BehaviorSubject, defer, EMPTY, of, Subject, throwError, timer } from 'rxjs';
import type { UploadEvent, UploadOptions } from 'rx-obs-upload';
import { fakeSource, on, type FaultRule, type ObsOperation } from 'rx-obs-upload/testing';
import { eventsOf, expectObject, PART, typesOf, uploadWorld, type UploadWorld } from '../support/upload-world.js';
import { at, record, runVirtually, type Recording } from '../support/virtual-time.js';
import {
  connectedBy,
  expectFired,
  expectKept,
  expectNothingKept,
  expectSurvived,
  first,
  interrupted,
  MINUTE,
  THREE_TIMES,
  urlSigner,
} from '../support/scenario-world.js';
import { seededRandom } from '../support/seeded-bytes.js';

const FOR_EVER = { times: Number.POSITIVE_INFINITY };
const ONCE: NonNullable<UploadOptions['retry']> = { maxAttempts: 1 };

const operations = ['initiateMultipartUpload', 'uploadPart', 'listParts', 'completeMultipartUpload'] as const;

/** An upload, or (where parts are to be listed) a resume. */
function start(world: UploadWorld, operation: ObsOperation, options: Partial<UploadOptions>): Recording<UploadEvent> {
  const given = operation === 'listParts' ? interrupted(world.reconnect()) : null;
  return runVirtually(() => record(given ? world.resume(given, options) : world.upload(options)));
}

describe('the network', () => {
  describe('offline and online', () => {
    it('twenty times: waits, says so, and spends no attempt', () => {
      const online$ = new BehaviorSubject(true);
      const fault = on('any', { ...FOR_EVER, when: () => !online$.value }).reset();
      const world = uploadWorld({ faults: [fault] }, { online$ }, fakeSource({ name: 'film.mp4', size: 20 * PART }));
      const events = runVirtually(() => {
        const film = record(world.upload({ taskNum: 2, retry: ONCE }));
        // 220 ms for two parts, sent 250 ms after the network is back: each time away while a request begins.
        for (let i = 0; i < 20; i++) {
          at(15 + 480 * i, () => online$.next(false));
          at(130 + 480 * i, () => online$.next(true));
        }
        return film;
      });
      expectSurvived(world, events);
      expect(fault.fired).toBeGreaterThanOrEqual(8);
      expect(eventsOf(events, 'waiting').length).toBeGreaterThanOrEqual(8);
      expect(eventsOf(events, 'waiting').every(({ reason }) => reason === 'offline')).toBe(true);
    });

    it('which the browser reports later than the requests, and takes back too early: no attempt is spent', () => {
      const online$ = new BehaviorSubject(true);
      let away = true;
      const fault = on('uploadPart', { ...FOR_EVER, when: () => away }).reset();
      const world = uploadWorld({ faults: [fault] }, { online$ });
      const events = runVirtually(() => {
        const film = record(world.upload({ taskNum: 1, retry: ONCE }));
        at(150, () => online$.next(false));
        at(5000, () => online$.next(true));
        at(5100, () => online$.next(false));
        at(6000, () => online$.next(true));
        at(6200, () => (away = false));
        return film;
      });
      expectSurvived(world, events);
      expect(fault.fired).toBe(1);
      expect(eventsOf(events, 'waiting')).toHaveLength(1);
    });

    it.each(operations)(
      'in the midst of %s: no attempt is spent, and it continues when the network is back',
      (operation) => {
        const online$ = new BehaviorSubject(true);
        let wasAway = false;
        const isAway = (): boolean => {
          if (!wasAway) online$.next(false);
          wasAway = true;
          return !online$.value;
        };
        const fault = on(operation, { ...FOR_EVER, when: isAway }).reset();
        const world = uploadWorld({}, { online$ });
        const given = operation === 'listParts' ? interrupted(world) : null;
        world.fake.addFaults(fault);
        const oneAtOnce = { taskNum: 1, retry: ONCE };
        const events = runVirtually(() => {
          const film = record(given ? world.resume(given, oneAtOnce) : world.upload(oneAtOnce));
          at(10 * MINUTE, () => online$.next(true));
          return film;
        });
        expectFired(fault);
        expectSurvived(world, events);
        // The browser may be wrong, so it is tried twice a minute.
        expect(fault.fired).toBeLessThanOrEqual(20);
        expect(eventsOf(events, 'waiting')).toHaveLength(fault.fired);
        expect(events.endedAt).toBeGreaterThan(10 * MINUTE);
        expect(events.endedAt).toBeLessThan(11 * MINUTE);
      },
    );

    it('after complete took effect and before its answer: the object is found', () => {
      const online$ = new BehaviorSubject(true);
      const lost = on('completeMultipartUpload').loseResponse();
      const gone = on('completeMultipartUpload').act(() => online$.next(false));
      const world = uploadWorld({ faults: [gone, lost] }, { online$ });
      const events = runVirtually(() => {
        const film = record(world.upload({ retry: ONCE }));
        at(5 * MINUTE, () => online$.next(true));
        return film;
      });
      expectFired(gone, lost);
      expect(expectSurvived(world, events).verified).toBe('etag');
    });

    it('silence instead of an error: no attempt is spent either', () => {
      const online$ = new BehaviorSubject(true);
      const silent = on('uploadPart', { ...FOR_EVER, when: () => !online$.value }).stall('before-body');
      const world = uploadWorld({ faults: [silent] }, { online$ });
      const events = runVirtually(() => {
        const film = record(world.upload({ taskNum: 1, retry: ONCE, stallTimeoutMs: 5000 }));
        at(50, () => online$.next(false));
        at(10 * MINUTE, () => online$.next(true));
        return film;
      });
      expectFired(silent);
      expectSurvived(world, events);
      expect(typesOf(events)).toContain('waiting');
    });

    it('while the credentials cannot be had: no attempt is spent either', () => {
      const online$ = new BehaviorSubject(false);
      let calls = 0;
      const credentials = () =>
        defer(() => {
          calls++;
          return online$.value ? of(world.fake.credentials) : throwError(() => new Error('Failed to fetch'));
        });
      const world: UploadWorld = uploadWorld({}, { online$, credentials });
      const events = runVirtually(() => {
        const film = record(world.upload({ retry: ONCE }));
        at(10 * MINUTE, () => online$.next(true));
        return film;
      });
      expect(calls).toBeGreaterThan(1);
      expectSurvived(world, events);
    });

    it('for good, with nobody to say that it ever comes back: the error; the upload stays', () => {
      const fault = on('uploadPart', FOR_EVER).reset();
      const world = uploadWorld({ faults: [fault] }, { online$: of(false) });
      const events = runVirtually(() => record(world.upload()));
      expectFired(fault);
      expectKept(world, events, { name: 'NetworkError', code: 'network' }, { healed: connectedBy(world, {}) });
    });

    it.each([
      ['has not spoken', () => new Subject<boolean>()],
      ['fails', () => throwError(() => new Error('no such event'))],
      ['ends without a word', () => EMPTY],
    ])('whose teller %s: taken for online', (_, make) => {
      const fault = on('uploadPart').reset();
      const world = uploadWorld({ faults: [fault] }, { online$: make() });
      const events = runVirtually(() => record(world.upload()));
      expectFired(fault);
      expectSurvived(world, events);
      expect(typesOf(events)).not.toContain('waiting');
    });
  });

  describe('Retry-After', () => {
    const noJitter = { maxAttempts: 3, baseDelayMs: 10, maxDelayMs: 100, jitter: () => 0 };
    const statuses: readonly [number, string][] = [
      [429, 'TooManyRequests'],
      [503, 'SlowDown'],
      [503, 'ServiceUnavailable'],
    ];
    const forms: readonly [form: string, header: (now: number) => string, seconds: number][] = [
      ['in seconds', () => '7', 7],
      ['in seconds, the longest', () => '300', 300],
      ['as a date', (now) => new Date(now + 20_000).toUTCString(), 20],
    ];
    const cases = statuses.flatMap(([status, code]) => forms.map((form) => [status, code, form[0], form] as const));

    it.each(cases)('of %i %s, %s: waited out, whatever maxDelayMs', (status, code, _, [, header, seconds]) => {
      const fault = on('uploadPart', { partNumber: 1 }).respond(status, code, {
        headers: { 'retry-after': header(0) },
      });
      const world = uploadWorld({ faults: [fault] });
      const events = runVirtually(() => record(world.upload({ taskNum: 1, retry: noJitter })));
      expectFired(fault);
      expectSurvived(world, events);
      const [refused, again] = world.fake.arrivals('uploadPart', 1);
      const waited = (again?.at ?? 0) - (refused?.at ?? 0);
      // Dates are whole seconds, and the body took 100 ms.
      expect(waited).toBeGreaterThanOrEqual((seconds - 1) * 1000);
      expect(waited).toBeLessThanOrEqual(seconds * 1000 + 200);
    });

    it.each(operations)('on %s: waited out', (operation) => {
      const fault = on(operation).respond(503, 'SlowDown', { headers: { 'retry-after': '30' } });
      const world = uploadWorld({ faults: [fault] });
      const events = start(world, operation, { retry: noJitter });
      expectFired(fault);
      expectSurvived(world, events);
      expect(first(events, 'retrying')).toMatchObject({ operation, delayMs: 30_000 });
    });

    it.each(['301', '86400', '99999999999999999999'])(
      'of %s seconds: an error at once; the upload stays',
      (seconds) => {
        const fault = on('uploadPart', { partNumber: 2 }).respond(503, 'SlowDown', {
          headers: { 'retry-after': seconds },
        });
        const world = uploadWorld({ faults: [fault] });
        const events = runVirtually(() => record(world.upload({ taskNum: 1 })));
        expectFired(fault);
        const error = { name: 'ServiceError', serviceCode: 'SlowDown', retryAfterMs: Number(seconds) * 1000 };
        expectKept(world, events, error);
        expect(events.endedAt).toBeLessThan(MINUTE);
      },
    );

    it('as a date in an hour: an error at once; the upload stays', () => {
      const date = new Date(60 * MINUTE).toUTCString();
      const fault = on('uploadPart', { partNumber: 2 }).respond(429, 'TooManyRequests', {
        headers: { 'retry-after': date },
      });
      const world = uploadWorld({ faults: [fault] });
      const events = runVirtually(() => record(world.upload({ taskNum: 1 })));
      expectFired(fault);
      expectKept(world, events, { name: 'ServiceError', status: 429 });
    });

    it.each([
      ['ahead', 10],
      ['behind', -10],
    ])("as a date by a service whose clock is 10 minutes %s: by the service's clock", (_, minutes) => {
      const clockSkewMs = minutes * MINUTE;
      const date = new Date(clockSkewMs + 20_000).toUTCString();
      const fault = on('uploadPart', { partNumber: 1 }).respond(503, 'SlowDown', { headers: { 'retry-after': date } });
      const world = uploadWorld({ faults: [fault], clockSkewMs });
      const events = runVirtually(() => record(world.upload({ taskNum: 1, retry: noJitter })));
      expectFired(fault);
      expectSurvived(world, events);
      const [refused, again] = world.fake.arrivals('uploadPart', 1);
      expect((again?.at ?? 0) - (refused?.at ?? 0)).toBeGreaterThanOrEqual(18_000);
      expect((again?.at ?? 0) - (refused?.at ?? 0)).toBeLessThanOrEqual(22_000);
    });

    it.each(['soon', '-5', '', '1.5e3', 'Thu, 99 Foo 1970', '0'])(
      "of '%s', which asks for nothing: backs off by itself",
      (header) => {
        const fault = on('uploadPart', { partNumber: 1 }).respond(503, 'SlowDown', {
          headers: { 'retry-after': header },
        });
        const world = uploadWorld({ faults: [fault] });
        const events = runVirtually(() => record(world.upload({ taskNum: 1, retry: THREE_TIMES })));
        expectFired(fault);
        expectSurvived(world, events);
        expect(first(events, 'retrying')?.delayMs).toBe(500);
      },
    );
  });

  describe('throttling', () => {
    it.each([
      [429, 'TooManyRequests'],
      [503, 'SlowDown'],
    ])('by %i %s: fewer requests at once, and more again later', (status, code) => {
      const fault = on('uploadPart', { arrival: 3 }).respond(status, code);
      const file = fakeSource({ name: 'film.mp4', size: 40 * PART });
      const world = uploadWorld({ faults: [fault] }, { maxConcurrentRequests: 8 }, file);
      const seen: number[] = [];
      const events = runVirtually(() => {
        const film = record(world.upload({ taskNum: 8 }));
        for (const ms of [100, 125, 400]) at(ms, () => seen.push(world.fake.inFlight('uploadPart')));
        return film;
      });
      expectFired(fault);
      expectSurvived(world, events);
      expect(seen[0]).toBe(8);
      expect(seen[1]).toBeLessThanOrEqual(5);
      expect(seen[2]).toBeGreaterThan(seen[1] ?? 0);
    });

    it('again and again: capped, jittered waits, then the error with the upload kept', () => {
      const fault = on('uploadPart', FOR_EVER).respond(429, 'TooManyRequests');
      const world = uploadWorld({ faults: [fault] });
      const shares = [0.25, 1, 0.5, 0, 0.75, 0.125];
      let drawn = 0;
      const jitter = () => shares[drawn++ % shares.length] ?? 0;
      const retry = { maxAttempts: 7, baseDelayMs: 1000, maxDelayMs: 6000, jitter };
      const events = runVirtually(() => record(world.upload({ taskNum: 1, retry })));
      expectFired(fault);
      // Of 1, 2, 4, 6, 6 and 6 seconds.
      expect(eventsOf(events, 'retrying').map(({ delayMs }) => delayMs)).toEqual([250, 2000, 2000, 0, 4500, 750]);
      expect(world.fake.arrivals('uploadPart')).toHaveLength(7);
      expectKept(world, events, { name: 'ServiceError', status: 429 });
    });

    it('by default: waits differ, within their bounds', () => {
      jest.spyOn(Math, 'random').mockImplementation(seededRandom());
      const fault = on('uploadPart', { times: 80 }).respond(503, 'ServiceUnavailable');
      const file = fakeSource({ name: 'film.mp4', size: 20 * PART });
      const world = uploadWorld({ faults: [fault], etags: 'fast' }, {}, file);
      const events = runVirtually(() => record(world.upload({ taskNum: 20, retry: { maxAttempts: 50 } })));
      expect(fault.fired).toBe(80);
      expect(events.values.at(-1)?.type).toBe('completed');
      const told = eventsOf(events, 'retrying');
      for (const { attempt, delayMs } of told) {
        expect(delayMs).toBeGreaterThanOrEqual(0);
        expect(delayMs).toBeLessThanOrEqual(Math.min(30_000, 500 * 2 ** (attempt - 1)));
      }
      expect(new Set(told.map(({ delayMs }) => delayMs)).size).toBeGreaterThan(40);
    });

    afterEach(() => jest.restoreAllMocks());
  });

  describe('without an answer', () => {
    const breaks: readonly [what: string, fault: (operation: ObsOperation, times: number) => FaultRule][] = [
      ['connection refused', (operation, times) => on(operation, { times, name: 'refused' }).reset()],
      ['DNS gone', (operation, times) => on(operation, { times, name: 'no such host' }).reset()],
      ['TLS reset in the body', (operation, times) => on(operation, { times }).reset({ afterBytes: 70 })],
    ];
    const cases = breaks.flatMap(([what, fault]) => operations.map((operation) => [what, operation, fault] as const));

    it.each(cases)('%s on %s: tried again with growing waits', (_, operation, make) => {
      const fault = make(operation, 2);
      const world = uploadWorld({ faults: [fault] });
      const events = start(world, operation, { taskNum: 1, retry: THREE_TIMES });
      expect(fault.fired).toBe(2);
      expectSurvived(world, events);
      expect(eventsOf(events, 'retrying')).toMatchObject([
        { operation, attempt: 1, delayMs: 500, error: { name: 'NetworkError', code: 'network' } },
        { operation, attempt: 2, delayMs: 1000 },
      ]);
    });

    it.each(breaks)('%s for good: NetworkError; the upload stays', (_, make) => {
      const fault = make('uploadPart', Number.POSITIVE_INFINITY);
      const world = uploadWorld({ faults: [fault] });
      const events = start(world, 'uploadPart', { taskNum: 1, retry: THREE_TIMES });
      expect(fault.fired).toBe(3);
      expectKept(world, events, { name: 'NetworkError', code: 'network', operation: 'uploadPart', partNumber: 1 });
    });

    it('for good from the first request on: NetworkError, and later it works', () => {
      const fault = on('any', FOR_EVER).reset();
      const world = uploadWorld({ faults: [fault] });
      const events = start(world, 'uploadPart', { retry: THREE_TIMES });
      expect(fault.fired).toBe(3);
      expectNothingKept(world, events, { name: 'NetworkError', operation: 'initiateMultipartUpload' });
    });
  });

  describe('a tab asleep for 30 minutes', () => {
    beforeEach(() => jest.useFakeTimers({ now: 1_000_000_000_000 }));
    afterEach(() => jest.useRealTimers());

    /** Timers stand still while the clock moves on. */
    function sleep(ms: number): void {
      jest.setSystemTime(Date.now() + ms);
    }

    /** Runs on until it has ended, in steps of 10 ms. */
    function awake(events: Recording<UploadEvent>, most: number): void {
      for (let ms = 0; ms < most && events.endedAt === null; ms += 10) jest.advanceTimersByTime(10);
    }

    it.each([
      ['a header', {}],
      ['a URL', { signer: urlSigner(900) }],
    ])('in the midst of a part, signed by %s: continues after it, nothing is taken for a stall', (_, options) => {
      const world = uploadWorld({ bytesPerSecond: 10 * 1024, progressSteps: 20 }, options);
      const events = record(world.upload({ taskNum: 1 }));
      jest.advanceTimersByTime(5000);
      sleep(30 * MINUTE);
      awake(events, 2 * MINUTE);
      expectSurvived(world, events);
      expect(eventsOf(events, 'retrying')).toHaveLength(0);
      expect(world.fake.log.every(({ status }) => status === 200)).toBe(true);
    });

    it('and the connection dead when it wakes: stalled after what was left of the wait, then sent again', () => {
      const fault = on('uploadPart', { partNumber: 2 }).stall('mid-body');
      const world = uploadWorld({ faults: [fault] });
      const events = record(world.upload({ taskNum: 1 }));
      jest.advanceTimersByTime(10_000);
      sleep(30 * MINUTE);
      const wokenAt = asyncScheduler.now();
      awake(events, 2 * MINUTE);
      expectFired(fault);
      expectSurvived(world, events);
      const stalledAt = events.times[typesOf(events).indexOf('retrying')] ?? Number.NaN;
      expect(stalledAt - wokenAt).toBeGreaterThan(20_000);
      expect(stalledAt - wokenAt).toBeLessThan(MINUTE);
    });

    it('and the connection reset when it wakes, in a backoff or offline: continues', () => {
      const online$ = new BehaviorSubject(true);
      const fault = on('uploadPart', { ...FOR_EVER, when: () => !online$.value }).reset();
      const world = uploadWorld({ faults: [fault] }, { online$ });
      const events = record(world.upload({ taskNum: 1, retry: ONCE }));
      jest.advanceTimersByTime(50);
      online$.next(false);
      jest.advanceTimersByTime(1000);
      sleep(30 * MINUTE);
      online$.next(true);
      awake(events, MINUTE);
      expectFired(fault);
      expectSurvived(world, events);
    });

    it('with keys that expired meanwhile: renewed by one call', () => {
      let calls = 0;
      const keysOf = (n: number) => ({ accessKeyId: `AK${n}`, secretAccessKey: `secret${n}` });
      const credentials = () => of({ ...keysOf(++calls), expiresAt: asyncScheduler.now() + 15 * MINUTE });
      const world = uploadWorld({ credentials: [keysOf(1), keysOf(2)], bytesPerSecond: 10 * 1024 }, { credentials });
      const events = record(world.upload({ taskNum: 1 }));
      jest.advanceTimersByTime(5000);
      sleep(30 * MINUTE);
      world.fake.setCredentials([keysOf(2)]);
      awake(events, 2 * MINUTE);
      expectSurvived(world, events);
      expect(calls).toBe(2);
      expect(world.fake.log.every(({ status }) => status === 200)).toBe(true);
    });
  });

  it('slow and shaky for long: the file arrives whole', () => {
    const faults = [
      on('any', { arrival: 3, times: 2 }).reset(),
      on('uploadPart', { arrival: 2, times: 2 }).loseResponse(),
      on('uploadPart', { arrival: 6 }).truncateResponse(),
      on('completeMultipartUpload').reset(),
    ];
    const world = uploadWorld({ faults });
    const events = runVirtually(() => {
      record(timer(1));
      return record(world.upload());
    });
    expectFired(...faults);
    expectSurvived(world, events);
    expectObject(world.fake, 'film.mp4', world.file);
  });
});
