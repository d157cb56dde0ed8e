import { BehaviorSubject, EMPTY, map, NEVER, of, Subject, throwError, timer } from 'rxjs';
import type { ObsCredentials } from 'rx-obs-upload';
import { on } from 'rx-obs-upload/testing';
import { eventsOf, expectObject, typesOf, uploadWorld } from '../support/upload-world.js';
import { at, record, runVirtually } from '../support/virtual-time.js';

const MINUTE = 60_000;
const INITIATE = 'initiateMultipartUpload';
const skewed = { clockSkewMs: 20 * MINUTE };

describe('a clock that is off', () => {
  it("is corrected by the refusal's ServerTime, once for the whole connection", () => {
    const { fake, file, upload } = uploadWorld(skewed);
    const events = runVirtually(() => record(upload({ taskNum: 4 })));
    expectObject(fake, 'film.mp4', file);
    expect(eventsOf(events, 'retrying').map((event) => event.error.serviceCode)).toEqual(['RequestTimeTooSkewed']);
    expect(fake.arrivals('abortMultipartUpload')).toHaveLength(0);
  });

  it('is corrected during an upload, without losing a part', () => {
    const { fake, file, upload } = uploadWorld({
      faults: [
        on('uploadPart', { partNumber: 2, times: 1 }).respond(403, 'RequestTimeTooSkewed', {
          headers: { date: new Date(30 * MINUTE).toUTCString() },
        }),
      ],
      maxSkewMs: Number.POSITIVE_INFINITY,
    });
    const events = runVirtually(() => record(upload()));
    expectObject(fake, 'film.mp4', file);
    expect(eventsOf(events, 'retrying')).toHaveLength(1);
    expect(fake.arrivals('uploadPart', 2)[1]?.headers['x-obs-date']).toMatch(/^Thu, 01 Jan 1970 00:30/);
  });

  it('is corrected once for all parts that were refused', () => {
    const skewedResponse = { headers: { date: new Date(30 * MINUTE).toUTCString() } };
    const { fake, file, upload } = uploadWorld({
      faults: [on('uploadPart', { times: 4 }).respond(403, 'RequestTimeTooSkewed', skewedResponse)],
      maxSkewMs: Number.POSITIVE_INFINITY,
    });
    const events = runVirtually(() => record(upload({ taskNum: 4 })));
    expectObject(fake, 'film.mp4', file);
    expect(eventsOf(events, 'retrying')).toHaveLength(4);
  });

  it("that requestDate sets wrong is corrected by the service's time", () => {
    const { fake, file, upload } = uploadWorld();
    runVirtually(() => record(upload({ requestDate: new Date(5 * 60 * MINUTE) })));
    expectObject(fake, 'film.mp4', file);
  });

  it('is corrected by serverTime if the service reveals no time', () => {
    let calls = 0;
    const serverTime = () => {
      calls++;
      return timer(100).pipe(map(() => 20 * MINUTE + 110));
    };
    const { fake, file, upload } = uploadWorld(
      { ...skewed, tellsServerTime: false, faults: [on('any', { times: Infinity }).hideHeaders('date')] },
      { serverTime },
    );
    runVirtually(() => record(upload({ taskNum: 4 })));
    expectObject(fake, 'film.mp4', file);
    expect(calls).toBe(1);
  });

  it.each([
    ['no serverTime', undefined],
    ['a serverTime that fails', () => throwError(() => new Error('down'))],
    ['a serverTime that completes without a value', () => EMPTY],
    ['a serverTime that never responds', () => NEVER],
    ['a serverTime that is off by two days', () => of(48 * 60 * MINUTE)],
  ])('ends in clock-skew, which is not resumable as nothing was started: %s', (_, serverTime) => {
    const { upload } = uploadWorld(
      { ...skewed, tellsServerTime: false, faults: [on('any', { times: Infinity }).hideHeaders('date')] },
      serverTime === undefined ? {} : { serverTime },
    );
    const events = runVirtually(() => record(upload()));
    expect(events.error).toMatchObject({ name: 'SigningError', code: 'clock-skew', resumable: false });
  });

  it('is not corrected by a service whose time is more than a day off', () => {
    const forged = new Date(3 * 24 * 60 * MINUTE).toUTCString();
    const { fake, upload } = uploadWorld({
      faults: [on('initiateMultipartUpload').respond(403, 'RequestTimeTooSkewed', { headers: { date: forged } })],
    });
    const events = runVirtually(() => record(upload()));
    expect(events.error).toMatchObject({ code: 'clock-skew' });
    expect(fake.log).toHaveLength(1);
  });

  it('is corrected by serverTime if a page may not read the refusal', () => {
    let calls = 0;
    const serverTime = () => {
      calls++;
      return of(20 * MINUTE + 500);
    };
    const { fake, file, upload } = uploadWorld(
      { ...skewed, origin: 'https://app.test', corsOnRefusedSignature: false },
      { serverTime },
    );
    runVirtually(() => record(upload()));
    expectObject(fake, 'film.mp4', file);
    expect(calls).toBe(1);
  });

  it('is named in the error, with credentials and token, if a page may not read the refusal', () => {
    const { fake, upload } = uploadWorld({ ...skewed, origin: 'https://app.test', corsOnRefusedSignature: false });
    const events = runVirtually(() => record(upload()));
    expect(events.error).toMatchObject({
      name: 'SigningError',
      message: expect.stringMatching(/clock.*credentials.*token/),
    });
    expect(fake.arrivals(INITIATE)).toHaveLength(3);
    expect(fake.arrivals('headObject')).toHaveLength(1);
  });

  it.each([
    ['the network works again', []],
    ['the service is busy', [on(INITIATE).respond(503, 'ServiceUnavailable')]],
    ['the next request is silent', [on(INITIATE).stall('before-response')]],
  ])('is not blamed for two lost requests when the unsigned one is answered and then %s', (_, then) => {
    const faults = [on(INITIATE, { times: 2 }).reset(), ...then];
    const { fake, file, upload } = uploadWorld({ origin: 'https://app.test', faults });
    const events = runVirtually(() => record(upload({ stallTimeoutMs: 5000 })));
    expect(faults.map(({ fired }) => fired)).toEqual([2, ...then.map(() => 1)]);
    expectObject(fake, 'film.mp4', file);
    expect(fake.arrivals('headObject').map(({ status }) => status)).toEqual([403]);
    expect(eventsOf(events, 'retrying')).toHaveLength(2 + then.length);
  });

  it('is not blamed for requests that are lost after a response could be read', () => {
    const faults = [
      on(INITIATE, { times: 2 }).reset(),
      on(INITIATE).respond(503, 'ServiceUnavailable'),
      on(INITIATE, { times: Infinity }).reset(),
    ];
    const { fake, upload } = uploadWorld({ origin: 'https://app.test', faults });
    const events = runVirtually(() => record(upload()));
    expect(events.error).toMatchObject({ name: 'NetworkError', code: 'network', resumable: true });
    expect(fake.arrivals('headObject')).toHaveLength(1);
  });

  it('is not blamed for three lost requests if another upload succeeds meanwhile', () => {
    const { fake, file, upload } = uploadWorld({ origin: 'https://app.test' });
    fake.addFaults(
      on(INITIATE, { key: 'film.mp4', times: 3 }).reset(),
      on('headObject').act(() => record(upload({ key: 'other.mp4' }))),
    );
    const events = runVirtually(() => record(upload()));
    expect(events.error).toBeUndefined();
    expect(fake.arrivals(INITIATE).map(({ key }) => key)).toEqual([
      'film.mp4',
      'film.mp4',
      'other.mp4',
      'film.mp4',
      'film.mp4',
    ]);
    expectObject(fake, 'film.mp4', file);
  });

  it('is not blamed if the network fails for the unsigned request too', () => {
    const { upload } = uploadWorld({ origin: 'https://app.test', faults: [on('any', { times: Infinity }).reset()] });
    const events = runVirtually(() => record(upload()));
    expect(events.error).toMatchObject({ name: 'NetworkError', code: 'network' });
  });

  it('is not changed by responses that do not refuse it', () => {
    const forged = new Date(10 * MINUTE).toUTCString();
    const { fake, upload } = uploadWorld({ faults: [on('any', { times: Infinity }).setHeaders({ date: forged })] });
    runVirtually(() => record(upload()));
    expect(fake.log.every((arrival) => arrival.headers['x-obs-date']?.startsWith('Thu, 01 Jan 1970 00:00:0'))).toBe(
      true,
    );
  });
});

describe('credentials', () => {
  const credentialsOf = (n: number): ObsCredentials => ({
    accessKeyId: `AK${n}`,
    secretAccessKey: `secret${n}`,
    securityToken: `token${n}`,
  });

  it('are requested once for all parts, and once more when they are refused', () => {
    let calls = 0;
    const { fake, file, upload } = uploadWorld(
      { credentials: [credentialsOf(1)] },
      { credentials: () => timer(50).pipe(map(() => credentialsOf(++calls))) },
    );
    const events = runVirtually(() => {
      const recording = record(upload({ taskNum: 4 }));
      at(100, () => fake.setCredentials([credentialsOf(2)]));
      return recording;
    });
    expectObject(fake, 'film.mp4', file);
    expect(calls).toBe(2);
    expect(eventsOf(events, 'retrying').every((event) => event.delayMs === 0)).toBe(true);
  });

  it('are renewed before they expire', () => {
    let calls = 0;
    const { fake, file, upload } = uploadWorld(
      { credentials: [1, 2, 3, 4, 5].map(credentialsOf), bytesPerSecond: 1024 },
      { credentials: () => of({ ...credentialsOf(++calls), expiresAt: 120_000 * calls }) },
    );
    runVirtually(() => record(upload({ taskNum: 1 })));
    expectObject(fake, 'film.mp4', file);
    expect(fake.log.filter((arrival) => arrival.status !== 200)).toHaveLength(0);
    expect(calls).toBeGreaterThan(1);
  });

  it('end the upload when the provider returns the same refused token again', () => {
    const { fake, upload } = uploadWorld({}, { credentials: () => of(credentialsOf(1)) });
    const events = runVirtually(() => record(upload()));
    expect(events.error).toMatchObject({ name: 'ServiceError', serviceCode: 'InvalidAccessKeyId' });
    expect(fake.log).toHaveLength(1);
  });

  it('end the upload when the service refuses the new ones too', () => {
    let calls = 0;
    const { fake, upload } = uploadWorld({}, { credentials: () => of(credentialsOf(++calls)) });
    const events = runVirtually(() => record(upload()));
    expect(events.error).toMatchObject({ name: 'ServiceError', serviceCode: 'InvalidAccessKeyId' });
    expect(fake.log).toHaveLength(2);
  });

  it('that are static are tried once', () => {
    const { fake, upload } = uploadWorld({}, { credentials: credentialsOf(1) });
    const events = runVirtually(() => record(upload()));
    expect(events.error).toMatchObject({ name: 'ServiceError', serviceCode: 'InvalidAccessKeyId' });
    expect(fake.log).toHaveLength(1);
  });

  it('that are static and refused are not sent again for a while', () => {
    const { fake, upload } = uploadWorld({}, { credentials: credentialsOf(1), maxConcurrentRequests: 1 });
    let afterwards = 0;
    runVirtually(() => {
      const all = ['a', 'b', 'c', 'd'].map((key) => record(upload({ key })));
      at(29_000, () => {
        expect(all.every((one) => one.error !== undefined)).toBe(true);
        record(upload({ key: 'e' }));
      });
      at(31_000, () => {
        afterwards = fake.log.length;
        record(upload({ key: 'f' }));
      });
      return record(EMPTY);
    });
    expect(afterwards).toBe(1);
    expect(fake.log).toHaveLength(2);
  });

  it('are requested again if the provider fails once', () => {
    let calls = 0;
    const { fake, file, upload } = uploadWorld(
      { credentials: [credentialsOf(2)] },
      { credentials: () => (++calls === 1 ? throwError(() => new Error('backend down')) : of(credentialsOf(2))) },
    );
    const events = runVirtually(() => record(upload()));
    expectObject(fake, 'film.mp4', file);
    expect(eventsOf(events, 'retrying')[0]?.error).toMatchObject({ code: 'credentials' });
  });

  it.each([
    ['never responds', () => NEVER],
    ['completes without a value', () => EMPTY],
  ])('end the upload if the provider %s', (_, credentials) => {
    const { fake, upload } = uploadWorld({}, { credentials });
    const events = runVirtually(() => record(upload()));
    expect(events.error).toMatchObject({ name: expect.stringMatching(/SigningError|NetworkError/) });
    expect(fake.log).toHaveLength(0);
  });
});

describe('offline', () => {
  it('emits `waiting` and uses up no attempt, however often', () => {
    const online$ = new BehaviorSubject(true);
    const { fake, file, upload } = uploadWorld(
      { faults: [on('uploadPart', { when: () => !online$.value, times: Infinity }).reset()] },
      { online$ },
    );
    const events = runVirtually(() => {
      const recording = record(upload({ taskNum: 1, retry: { maxAttempts: 1 } }));
      for (let i = 0; i < 20; i++) {
        at(15 + 200 * i, () => online$.next(false));
        at(115 + 200 * i, () => online$.next(true));
      }
      return recording;
    });
    expectObject(fake, 'film.mp4', file);
    expect(eventsOf(events, 'waiting').every((event) => event.reason === 'offline')).toBe(true);
    expect(eventsOf(events, 'waiting').length).toBeGreaterThan(0);
  });

  it('fails rather than hangs if online$ completes with false', () => {
    const { upload } = uploadWorld({ faults: [on('any', { times: Infinity }).reset()] }, { online$: of(false) });
    const events = runVirtually(() => record(upload()));
    expect(events.error).toMatchObject({ name: 'NetworkError', code: 'network' });
  });

  it('is not assumed if online$ has not emitted', () => {
    const { fake, file, upload } = uploadWorld({ faults: [on('uploadPart').reset()] }, { online$: new Subject() });
    const events = runVirtually(() => record(upload()));
    expectObject(fake, 'film.mp4', file);
    expect(typesOf(events)).not.toContain('waiting');
  });
});

describe('Retry-After', () => {
  it.each([
    ['seconds', '7', 7000],
    ['a date', new Date(9000).toUTCString(), 9000],
  ])('is respected if it is %s', (_, retryAfter, until) => {
    const { fake, file, upload } = uploadWorld({
      faults: [
        on('uploadPart', { partNumber: 1 }).respond(503, 'SlowDown', { headers: { 'retry-after': retryAfter } }),
      ],
    });
    runVirtually(() => record(upload({ taskNum: 1, retry: { maxDelayMs: 100, jitter: () => 0 } })));
    expectObject(fake, 'film.mp4', file);
    expect(fake.arrivals('uploadPart', 1)[1]?.at).toBeGreaterThanOrEqual(until - 1000);
    expect(fake.arrivals('uploadPart', 1)[1]?.at).toBeLessThanOrEqual(until + 1000);
  });

  it('of more than five minutes is an error', () => {
    const { upload } = uploadWorld({
      faults: [on('uploadPart').respond(503, 'SlowDown', { headers: { 'retry-after': '301' } })],
    });
    const events = runVirtually(() => record(upload()));
    expect(events.error).toMatchObject({ name: 'ServiceError', serviceCode: 'SlowDown', retryAfterMs: 301_000 });
  });
});
