import { BehaviorSubject, defer, NEVER } from 'rxjs';
import type { UploadEvent, UploadOptions } from 'rx-obs-upload';
import { on } from 'rx-obs-upload/testing';
import { clockFrom, createClock } from '../../lib/connection/clock.js';
import { createPool, type Pool } from '../../lib/connection/pool.js';
import { holdCredentials } from '../../lib/signing/credentials.js';
import { expectLaws } from '../support/laws.js';
import { eventsOf, uploadWorld, type UploadWorld } from '../support/upload-world.js';
import { record, type Recording } from '../support/virtual-time.js';

const HOUR = 3_600_000;
const START = Date.UTC(2026, 0, 15, 12);

/** Real RxJS schedulers on fake timers; only `Date` shows that the clock is set. */
beforeEach(() => jest.useFakeTimers({ now: START }));
afterEach(() => jest.useRealTimers());

function setClock(byMs: number): void {
  jest.setSystemTime(Date.now() + byMs);
}

describe.each([
  ['an hour back', -HOUR],
  ['an hour forward', HOUR],
  ['23 hours back', -23 * HOUR],
  ['23 hours forward', 23 * HOUR],
])('a wall clock that is set %s', (_, byMs) => {
  it('while parts progress does not change elapsed time, speed and the number of events', () => {
    const undisturbed = measure(uploadWorld({ bytesPerSecond: 300_000 }), () => undefined);
    const disturbed = measure(uploadWorld({ bytesPerSecond: 300_000 }), () => setClock(byMs));
    expect(disturbed).toEqual(undisturbed);
    expect(disturbed.length).toBeGreaterThan(3);
  });

  it('while a part is silent does not change when it is aborted', () => {
    const world = uploadWorld({ faults: [on('uploadPart', { partNumber: 1 }).stall('mid-body')] });
    const events = record(world.upload({ stallTimeoutMs: 4000 }));
    jest.advanceTimersByTime(1000);
    setClock(byMs);
    jest.advanceTimersByTime(3500);
    expect(eventsOf(events, 'retrying').map(({ error }) => error.code)).toEqual(['stalled']);
    jest.advanceTimersByTime(5000);
    expectCompleted(events);
  });

  it('while a single PUT is silent does not prevent its retry', () => {
    const world = uploadWorld({ faults: [on('putObject').stall('mid-body')] });
    const events = record(world.upload({ multipart: 'auto', partSize: 1024 ** 2, stallTimeoutMs: 4000 }));
    jest.advanceTimersByTime(1000);
    setClock(byMs);
    jest.advanceTimersByTime(10_000);
    expectCompleted(events);
    expect(world.fake.arrivals('putObject')).toHaveLength(2);
  });

  it('and back during a backoff does not change the wait', () => {
    const world = uploadWorld({ faults: [on('uploadPart', { partNumber: 1 }).respond(503, 'ServiceUnavailable')] });
    const retry = { baseDelayMs: 8000, maxDelayMs: 8000, jitter: 'none' } as const;
    expectWait(world, { retry }, 8000, byMs);
  });

  it('and back during a Retry-After does not change the wait', () => {
    const headers = { 'retry-after': '20' };
    const fault = on('uploadPart', { partNumber: 1 }).respond(503, 'SlowDown', { headers });
    expectWait(uploadWorld({ faults: [fault] }), { retry: { baseDelayMs: 1, jitter: 'none' } }, 20_001, byMs);
  });

  it('and back during a Retry-After with a date does not change the wait', () => {
    const headers = { 'retry-after': new Date(START + 20_000).toUTCString(), date: new Date(START).toUTCString() };
    const fault = on('uploadPart', { partNumber: 1 }).respond(503, 'SlowDown', { headers });
    expectWait(uploadWorld({ faults: [fault] }), { retry: { baseDelayMs: 1, jitter: 'none' } }, 20_001, byMs);
  });

  it('and back while offline does not change when requests are tried', () => {
    const waits = (disturb: (ms: number) => void): readonly number[] => {
      const online$ = new BehaviorSubject(true);
      const offlineFault = on('any', { times: 99, when: () => !online$.value }).reset();
      const world = uploadWorld({ faults: [offlineFault] }, { online$ });
      const events = record(world.upload({ taskNum: 1 }));
      jest.advanceTimersByTime(100);
      online$.next(false);
      for (const ms of [byMs, -byMs, byMs, -byMs]) {
        jest.advanceTimersByTime(30_000);
        disturb(ms);
      }
      const { length } = world.fake.log;
      online$.next(true);
      jest.advanceTimersByTime(100);
      expect(world.fake.log.length).toBeGreaterThan(length);
      jest.advanceTimersByTime(60_000);
      expectCompleted(events);
      expect(offlineFault.fired).toBeGreaterThan(1);
      return [offlineFault.fired, length, eventsOf(events, 'waiting').length];
    };
    const undisturbed = waits(() => undefined);
    expect(waits(setClock)).toEqual(undisturbed);
  });

  it('in a burst of throttling does not change the length of the burst', () => {
    const pool = createPool(8);
    pool.throttled();
    setClock(byMs);
    pool.throttled();
    expect(permitsOf(pool)).toBe(4);
    jest.advanceTimersByTime(1000);
    pool.throttled();
    expect(permitsOf(pool)).toBe(2);
  });

  it('after credentials were refused does not change how long they are unusable', () => {
    const credentials = { accessKeyId: 'ID', secretAccessKey: 'secret' };
    const holder = holdCredentials(credentials, createClock());
    holder.discard(credentials);
    setClock(byMs);
    jest.advanceTimersByTime(29_000);
    expect(holder.isUsable(credentials)).toBe(false);
    jest.advanceTimersByTime(2000);
    expect(holder.isUsable(credentials)).toBe(true);
  });

  it('under a requestDate does not change the time that has passed since', () => {
    const clock = clockFrom(createClock(), START - 5000);
    jest.advanceTimersByTime(700);
    setClock(byMs);
    jest.advanceTimersByTime(300);
    expect(clock.now()).toBe(START - 4000);
  });

  it("leads to corrected signatures if the service's clock is not set", () => {
    const world = uploadWorld();
    const events = record(world.upload({ taskNum: 1 }));
    jest.advanceTimersByTime(150);
    setClock(byMs);
    world.fake.setClockSkew(-byMs);
    jest.advanceTimersByTime(60_000);
    expectCompleted(events);
    expect(eventsOf(events, 'retrying').map(({ error }) => error.serviceCode)).toEqual(['RequestTimeTooSkewed']);
  });
});

/** The first attempt of part 1 fails at once; the second one comes after that wait, to the millisecond. */
function expectWait(world: UploadWorld, options: Partial<UploadOptions>, delayMs: number, byMs: number): void {
  const attempts = (): number => world.fake.arrivals('uploadPart', 1).length;
  const events = record(world.upload({ taskNum: 1, ...options }));
  while (eventsOf(events, 'retrying').length === 0) jest.advanceTimersByTime(1);
  expect(eventsOf(events, 'retrying')).toMatchObject([{ delayMs }]);
  setClock(byMs);
  jest.advanceTimersByTime(delayMs / 4);
  setClock(-byMs);
  jest.advanceTimersByTime(delayMs / 4);
  setClock(byMs);
  jest.advanceTimersByTime(delayMs / 2 - 2);
  expect(attempts()).toBe(1);
  jest.advanceTimersByTime(5);
  expect(attempts()).toBe(2);
  jest.advanceTimersByTime(60_000);
  expectCompleted(events);
}

function permitsOf(pool: Pool): number {
  let started = 0;
  const subscriptions = Array.from({ length: pool.max }, () =>
    pool
      .run(
        {},
        'data',
        defer(() => (started++, NEVER)),
      )
      .subscribe(),
  );
  subscriptions.reverse().forEach((subscription) => subscription.unsubscribe());
  return started;
}

/** The progress events of an upload that is disturbed four times. */
function measure(world: UploadWorld, disturb: () => void): unknown[] {
  const events = record(world.upload({ progressIntervalMs: 100 }));
  for (let i = 0; i < 4; i++) {
    jest.advanceTimersByTime(90);
    disturb();
  }
  jest.advanceTimersByTime(60_000);
  expectCompleted(events);
  return eventsOf(events, 'progress');
}

function expectCompleted(events: Recording<UploadEvent>): void {
  expect(events.error).toBeUndefined();
  expect(events.values.at(-1)?.type).toBe('completed');
  expectLaws(events);
}
