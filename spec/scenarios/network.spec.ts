import { asyncScheduler, BehaviorSubject, defer, EMPTY, of, Subject, throwError } from 'rxjs';
import type { UploadEvent, UploadOptions } from 'rx-obs-upload';
import { fakeSource, on, type FaultRule, type ObsOperation } from 'rx-obs-upload/testing';
import { eventsOf, expectObject, PART, typesOf, uploadWorld, type UploadWorld } from '../support/upload-world.js';
import { at, record, runVirtually, type Recording } from '../support/virtual-time.js';
import {
  withConnection,
  expectFired,
  expectCanResume,
  expectCanRestart,
  expectUploaded,
  first,
  interrupted,
  MINUTE,
  THREE_ATTEMPTS,
  urlSigner,
} from '../support/scenario-world.js';
import { seededRandom } from '../support/seeded-bytes.js';

const ALWAYS = { times: Number.POSITIVE_INFINITY };
const ONCE: NonNullable<UploadOptions['retry']> = { maxAttempts: 1 };

const operations = ['initiateMultipartUpload', 'uploadPart', 'listParts', 'completeMultipartUpload'] as const;

/** An upload, or (where parts are to be listed) a resume. */
function start(world: UploadWorld, operation: ObsOperation, options: Partial<UploadOptions>): Recording<UploadEvent> {
  const given = operation === 'listParts' ? interrupted(world.reconnect()) : null;
  return runVirtually(() => record(given ? world.resume(given, options) : world.upload(options)));
}

describe('the network', () => {
  describe('that goes offline and online', () => {
    it('twenty times causes `waiting` and uses up no attempt', () => {
      const online$ = new BehaviorSubject(true);
      const fault = on('any', { ...ALWAYS, when: () => !online$.value }).reset();
      const world = uploadWorld({ faults: [fault] }, { online$ }, fakeSource({ name: 'film.mp4', size: 20 * PART }));
      const events = runVirtually(() => {
        const film = record(world.upload({ taskNum: 2, retry: ONCE }));
        // Two parts take 220 ms and start 250 ms after the network is back: it is away whenever a request starts.
        for (let i = 0; i < 20; i++) {
          at(15 + 480 * i, () => online$.next(false));
          at(130 + 480 * i, () => online$.next(true));
        }
        return film;
      });
      expectUploaded(world, events);
      expect(fault.fired).toBeGreaterThanOrEqual(8);
      expect(eventsOf(events, 'waiting').length).toBeGreaterThanOrEqual(8);
      expect(eventsOf(events, 'waiting').every(({ reason }) => reason === 'offline')).toBe(true);
    });

    it('uses up no attempt if the browser reports it late and revokes it early', () => {
      const online$ = new BehaviorSubject(true);
      let away = true;
      const fault = on('uploadPart', { ...ALWAYS, when: () => away }).reset();
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
      expectUploaded(world, events);
      expect(fault.fired).toBe(1);
      expect(eventsOf(events, 'waiting')).toHaveLength(1);
    });

    it.each(operations)(
      'during %s uses up no attempt, and the upload continues when the network is back',
      (operation) => {
        const online$ = new BehaviorSubject(true);
        let wasAway = false;
        const isAway = (): boolean => {
          if (!wasAway) online$.next(false);
          wasAway = true;
          return !online$.value;
        };
        const fault = on(operation, { ...ALWAYS, when: isAway }).reset();
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
        expectUploaded(world, events);
        // The browser may be wrong, so a request is tried twice a minute.
        expect(fault.fired).toBeLessThanOrEqual(20);
        expect(eventsOf(events, 'waiting')).toHaveLength(fault.fired);
        expect(events.endedAt).toBeGreaterThan(10 * MINUTE);
        expect(events.endedAt).toBeLessThan(11 * MINUTE);
      },
    );

    it('before the response to complete lets the upload find the object', () => {
      const online$ = new BehaviorSubject(true);
      const lost = on('completeMultipartUpload').loseResponse();
      const goesOffline = on('completeMultipartUpload').act(() => online$.next(false));
      const world = uploadWorld({ faults: [goesOffline, lost] }, { online$ });
      const events = runVirtually(() => {
        const film = record(world.upload({ retry: ONCE }));
        at(5 * MINUTE, () => online$.next(true));
        return film;
      });
      expectFired(goesOffline, lost);
      expect(expectUploaded(world, events).verified).toBe('etag');
    });

    it('uses up no attempt if requests stall instead of failing', () => {
      const online$ = new BehaviorSubject(true);
      const silent = on('uploadPart', { ...ALWAYS, when: () => !online$.value }).stall('before-body');
      const world = uploadWorld({ faults: [silent] }, { online$ });
      const events = runVirtually(() => {
        const film = record(world.upload({ taskNum: 1, retry: ONCE, stallTimeoutMs: 5000 }));
        at(50, () => online$.next(false));
        at(10 * MINUTE, () => online$.next(true));
        return film;
      });
      expectFired(silent);
      expectUploaded(world, events);
      expect(typesOf(events)).toContain('waiting');
    });

    it('uses up no attempt if the credentials cannot be fetched', () => {
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
      expectUploaded(world, events);
    });

    it('fails with a resumable error if online$ completes with false', () => {
      const fault = on('uploadPart', ALWAYS).reset();
      const world = uploadWorld({ faults: [fault] }, { online$: of(false) });
      const events = runVirtually(() => record(world.upload()));
      expectFired(fault);
      expectCanResume(world, events, { name: 'NetworkError', code: 'network' }, { healed: withConnection(world, {}) });
    });

    it.each([
      ['has not emitted', () => new Subject<boolean>()],
      ['fails', () => throwError(() => new Error('no such event'))],
      ['completes without a value', () => EMPTY],
    ])('counts as online if online$ %s', (_, make) => {
      const fault = on('uploadPart').reset();
      const world = uploadWorld({ faults: [fault] }, { online$: make() });
      const events = runVirtually(() => record(world.upload()));
      expectFired(fault);
      expectUploaded(world, events);
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
      ['in seconds, the maximum', () => '300', 300],
      ['as a date', (now) => new Date(now + 20_000).toUTCString(), 20],
    ];
    const cases = statuses.flatMap(([status, code]) => forms.map((form) => [status, code, form[0], form] as const));

    it.each(cases)('of %i %s, %s, is respected even beyond maxDelayMs', (status, code, _, [, header, seconds]) => {
      const fault = on('uploadPart', { partNumber: 1 }).respond(status, code, {
        headers: { 'retry-after': header(0) },
      });
      const world = uploadWorld({ faults: [fault] });
      const events = runVirtually(() => record(world.upload({ taskNum: 1, retry: noJitter })));
      expectFired(fault);
      expectUploaded(world, events);
      const [refused, again] = world.fake.arrivals('uploadPart', 1);
      const waited = (again?.at ?? 0) - (refused?.at ?? 0);
      // Dates have a resolution of one second, and the body took 100 ms.
      expect(waited).toBeGreaterThanOrEqual((seconds - 1) * 1000);
      expect(waited).toBeLessThanOrEqual(seconds * 1000 + 200);
    });

    it.each(operations)('is respected for %s', (operation) => {
      const fault = on(operation).respond(503, 'SlowDown', { headers: { 'retry-after': '30' } });
      const world = uploadWorld({ faults: [fault] });
      const events = start(world, operation, { retry: noJitter });
      expectFired(fault);
      expectUploaded(world, events);
      expect(first(events, 'retrying')).toMatchObject({ operation, delayMs: 30_000 });
    });

    it.each(['301', '86400', '99999999999999999999'])('of %s seconds ends in a resumable error at once', (seconds) => {
      const fault = on('uploadPart', { partNumber: 2 }).respond(503, 'SlowDown', {
        headers: { 'retry-after': seconds },
      });
      const world = uploadWorld({ faults: [fault] });
      const events = runVirtually(() => record(world.upload({ taskNum: 1 })));
      expectFired(fault);
      const error = { name: 'ServiceError', serviceCode: 'SlowDown', retryAfterMs: Number(seconds) * 1000 };
      expectCanResume(world, events, error);
      expect(events.endedAt).toBeLessThan(MINUTE);
    });

    it('as a date in an hour ends in a resumable error at once', () => {
      const date = new Date(60 * MINUTE).toUTCString();
      const fault = on('uploadPart', { partNumber: 2 }).respond(429, 'TooManyRequests', {
        headers: { 'retry-after': date },
      });
      const world = uploadWorld({ faults: [fault] });
      const events = runVirtually(() => record(world.upload({ taskNum: 1 })));
      expectFired(fault);
      expectCanResume(world, events, { name: 'ServiceError', status: 429 });
    });

    it.each([
      ['ahead', 10],
      ['behind', -10],
    ])("as a date refers to the service's clock, even if that is 10 minutes %s", (_, minutes) => {
      const clockSkewMs = minutes * MINUTE;
      const date = new Date(clockSkewMs + 20_000).toUTCString();
      const fault = on('uploadPart', { partNumber: 1 }).respond(503, 'SlowDown', { headers: { 'retry-after': date } });
      const world = uploadWorld({ faults: [fault], clockSkewMs });
      const events = runVirtually(() => record(world.upload({ taskNum: 1, retry: noJitter })));
      expectFired(fault);
      expectUploaded(world, events);
      const [refused, again] = world.fake.arrivals('uploadPart', 1);
      expect((again?.at ?? 0) - (refused?.at ?? 0)).toBeGreaterThanOrEqual(18_000);
      expect((again?.at ?? 0) - (refused?.at ?? 0)).toBeLessThanOrEqual(22_000);
    });

    it.each(['soon', '-5', '', '1.5e3', 'Thu, 99 Foo 1970', '0'])(
      "of '%s' is ignored in favor of the usual backoff",
      (header) => {
        const fault = on('uploadPart', { partNumber: 1 }).respond(503, 'SlowDown', {
          headers: { 'retry-after': header },
        });
        const world = uploadWorld({ faults: [fault] });
        const events = runVirtually(() => record(world.upload({ taskNum: 1, retry: THREE_ATTEMPTS })));
        expectFired(fault);
        expectUploaded(world, events);
        expect(first(events, 'retrying')?.delayMs).toBe(500);
      },
    );
  });

  describe('throttling', () => {
    it.each([
      [429, 'TooManyRequests'],
      [503, 'SlowDown'],
    ])('by %i %s reduces the concurrency, which grows again later', (status, code) => {
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
      expectUploaded(world, events);
      expect(seen[0]).toBe(8);
      expect(seen[1]).toBeLessThanOrEqual(5);
      expect(seen[2]).toBeGreaterThan(seen[1] ?? 0);
    });

    it('that persists causes capped, jittered waits, then a resumable error', () => {
      const fault = on('uploadPart', ALWAYS).respond(429, 'TooManyRequests');
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
      expectCanResume(world, events, { name: 'ServiceError', status: 429 });
    });

    it('causes different waits within their bounds by default', () => {
      jest.spyOn(Math, 'random').mockImplementation(seededRandom());
      const fault = on('uploadPart', { times: 80 }).respond(503, 'ServiceUnavailable');
      const file = fakeSource({ name: 'film.mp4', size: 20 * PART });
      const world = uploadWorld({ faults: [fault], etags: 'fast' }, {}, file);
      const events = runVirtually(() => record(world.upload({ taskNum: 20, retry: { maxAttempts: 50 } })));
      expect(fault.fired).toBe(80);
      expect(events.values.at(-1)?.type).toBe('completed');
      const retries = eventsOf(events, 'retrying');
      for (const { attempt, delayMs } of retries) {
        expect(delayMs).toBeGreaterThanOrEqual(0);
        expect(delayMs).toBeLessThanOrEqual(Math.min(30_000, 500 * 2 ** (attempt - 1)));
      }
      expect(new Set(retries.map(({ delayMs }) => delayMs)).size).toBeGreaterThan(40);
    });

    afterEach(() => jest.restoreAllMocks());
  });

  describe('without a response', () => {
    const failures: readonly [what: string, fault: (operation: ObsOperation, times: number) => FaultRule][] = [
      ['connection refused', (operation, times) => on(operation, { times, name: 'refused' }).reset()],
      ['DNS failure', (operation, times) => on(operation, { times, name: 'no such host' }).reset()],
      ['TLS reset during the body', (operation, times) => on(operation, { times }).reset({ afterBytes: 70 })],
    ];
    const cases = failures.flatMap(([what, fault]) => operations.map((operation) => [what, operation, fault] as const));

    it.each(cases)('retries with growing waits: %s on %s', (_, operation, make) => {
      const fault = make(operation, 2);
      const world = uploadWorld({ faults: [fault] });
      const events = start(world, operation, { taskNum: 1, retry: THREE_ATTEMPTS });
      expect(fault.fired).toBe(2);
      expectUploaded(world, events);
      expect(eventsOf(events, 'retrying')).toMatchObject([
        { operation, attempt: 1, delayMs: 500, error: { name: 'NetworkError', code: 'network' } },
        { operation, attempt: 2, delayMs: 1000 },
      ]);
    });

    it.each(failures)('fails with a resumable NetworkError if it persists: %s', (_, make) => {
      const fault = make('uploadPart', Number.POSITIVE_INFINITY);
      const world = uploadWorld({ faults: [fault] });
      const events = start(world, 'uploadPart', { taskNum: 1, retry: THREE_ATTEMPTS });
      expect(fault.fired).toBe(3);
      expectCanResume(world, events, { name: 'NetworkError', code: 'network', operation: 'uploadPart', partNumber: 1 });
    });

    it('fails with a NetworkError from the first request on, and works later', () => {
      const fault = on('any', ALWAYS).reset();
      const world = uploadWorld({ faults: [fault] });
      const events = start(world, 'uploadPart', { retry: THREE_ATTEMPTS });
      expect(fault.fired).toBe(3);
      expectCanRestart(world, events, { name: 'NetworkError', operation: 'initiateMultipartUpload' });
    });
  });

  describe('a tab asleep for 30 minutes', () => {
    beforeEach(() => jest.useFakeTimers({ now: 1_000_000_000_000 }));
    afterEach(() => jest.useRealTimers());

    /** Moves the clock forward without running timers. */
    function sleep(ms: number): void {
      jest.setSystemTime(Date.now() + ms);
    }

    /** Advances the timers in steps of 10 ms until the upload has ended. */
    function runToEnd(events: Recording<UploadEvent>, most: number): void {
      for (let ms = 0; ms < most && events.endedAt === null; ms += 10) jest.advanceTimersByTime(10);
    }

    it.each([
      ['a header', {}],
      ['a URL', { signer: urlSigner(900) }],
    ])('during a part, signed by %s, is not taken for a stall', (_, options) => {
      const world = uploadWorld({ bytesPerSecond: 10 * 1024, progressSteps: 20 }, options);
      const events = record(world.upload({ taskNum: 1 }));
      jest.advanceTimersByTime(5000);
      sleep(30 * MINUTE);
      runToEnd(events, 2 * MINUTE);
      expectUploaded(world, events);
      expect(eventsOf(events, 'retrying')).toHaveLength(0);
      expect(world.fake.log.every(({ status }) => status === 200)).toBe(true);
    });

    it('with a dead connection stalls after the rest of stallTimeoutMs, then sends the part again', () => {
      const fault = on('uploadPart', { partNumber: 2 }).stall('mid-body');
      const world = uploadWorld({ faults: [fault] });
      const events = record(world.upload({ taskNum: 1 }));
      jest.advanceTimersByTime(10_000);
      sleep(30 * MINUTE);
      const wokenAt = asyncScheduler.now();
      runToEnd(events, 2 * MINUTE);
      expectFired(fault);
      expectUploaded(world, events);
      const stalledAt = events.times[typesOf(events).indexOf('retrying')] ?? Number.NaN;
      expect(stalledAt - wokenAt).toBeGreaterThan(20_000);
      expect(stalledAt - wokenAt).toBeLessThan(MINUTE);
    });

    it("sends a part again that the service refuses as late, though the service's time is known already", () => {
      const second = { partNumber: 2 };
      const date = new Date(Date.now() + 50 * MINUTE).toUTCString();
      const faults = [
        on('uploadPart', second).delay(5000),
        on('uploadPart', second).respond(403, 'RequestTimeTooSkewed', { headers: { date } }),
      ];
      const world = uploadWorld({ clockSkewMs: 20 * MINUTE, tellsServerTime: false, faults });
      const events = record(world.upload({ taskNum: 1 }));
      jest.advanceTimersByTime(1000);
      sleep(30 * MINUTE);
      runToEnd(events, 2 * MINUTE);
      expectFired(...faults);
      expectUploaded(world, events);
      expect(world.fake.log.filter(({ status }) => status === 403)).toHaveLength(2);
    });

    it('while offline continues when it wakes', () => {
      const online$ = new BehaviorSubject(true);
      const fault = on('uploadPart', { ...ALWAYS, when: () => !online$.value }).reset();
      const world = uploadWorld({ faults: [fault] }, { online$ });
      const events = record(world.upload({ taskNum: 1, retry: ONCE }));
      jest.advanceTimersByTime(50);
      online$.next(false);
      jest.advanceTimersByTime(1000);
      sleep(30 * MINUTE);
      online$.next(true);
      runToEnd(events, MINUTE);
      expectFired(fault);
      expectUploaded(world, events);
    });

    it('with credentials that expired meanwhile renews them by one call', () => {
      let calls = 0;
      const credentialsOf = (n: number) => ({ accessKeyId: `AK${n}`, secretAccessKey: `secret${n}` });
      const credentials = () => of({ ...credentialsOf(++calls), expiresAt: asyncScheduler.now() + 15 * MINUTE });
      const world = uploadWorld(
        { credentials: [credentialsOf(1), credentialsOf(2)], bytesPerSecond: 10 * 1024 },
        { credentials },
      );
      const events = record(world.upload({ taskNum: 1 }));
      jest.advanceTimersByTime(5000);
      sleep(30 * MINUTE);
      world.fake.setCredentials([credentialsOf(2)]);
      runToEnd(events, 2 * MINUTE);
      expectUploaded(world, events);
      expect(calls).toBe(2);
      expect(world.fake.log.every(({ status }) => status === 200)).toBe(true);
    });
  });

  it('that is unreliable does not damage the file', () => {
    const faults = [
      on('any', { arrival: 3, times: 2 }).reset(),
      on('uploadPart', { arrival: 2, times: 2 }).loseResponse(),
      on('uploadPart', { arrival: 6 }).truncateResponse(),
      on('completeMultipartUpload').reset(),
    ];
    const world = uploadWorld({ faults });
    const events = runVirtually(() => record(world.upload()));
    expectFired(...faults);
    expectUploaded(world, events);
    expectObject(world.fake, 'film.mp4', world.file);
  });
});
