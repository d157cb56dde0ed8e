import type { UploadEvent, UploadOptions } from 'rx-obs-upload';
import { fakeSource, on, type FakeObsOptions } from 'rx-obs-upload/testing';
import { expectUploaded } from '../../../support/scenario-world.js';
import { eventsOf, PART, uploadWorld, type UploadWorld } from '../../../support/upload-world.js';
import { at, record, runVirtually, type Recording } from '../../../support/virtual-time.js';

const GIB = 1024 ** 3;
const MIB = 1024 ** 2;

/** A latency of 50 ms and 20 Mbit/s per connection; progress is reported every 50 ms, as in browsers. */
const far: FakeObsOptions = { latencyMs: 50, bytesPerSecond: 2_500_000, progressSteps: 75, etags: 'fast' };

function farWorld(size: number, maxConcurrentRequests = 6, options: FakeObsOptions = {}): UploadWorld {
  const file = fakeSource({ name: 'film.mp4', size, lazyAboveBytes: 0 });
  return uploadWorld({ ...far, ...options }, { maxConcurrentRequests }, file);
}

function send({ upload }: UploadWorld, taskNum: UploadOptions['taskNum'] & {}): Recording<UploadEvent> {
  const events = runVirtually(() => record(upload({ taskNum, partSize: 9 * MIB })));
  expect(events.completed).toBe(true);
  return events;
}

/** Every new maximum of concurrent parts: when it was reached, and how many parts were completed by then. */
function curveOf({
  values,
  times,
}: Recording<UploadEvent>): (readonly [ms: number, concurrent: number, completed: number])[] {
  const curve: (readonly [number, number, number])[] = [];
  let [inFlight, completed, maximum] = [0, 0, 0];
  values.forEach((event, i) => {
    if (event.type === 'part-completed') [inFlight, completed] = [inFlight - 1, completed + 1];
    if (event.type !== 'part-started' || event.attempt > 1) return;
    maximum = Math.max(maximum, ++inFlight);
    const last = curve.at(-1);
    if (last?.[1] === maximum) return;
    const point = [times[i] ?? 0, maximum, completed] as const;
    if (last?.[0] === point[0]) curve.pop();
    curve.push(point);
  });
  return curve;
}

describe("taskNum: 'auto'", () => {
  it('follows the curve of docs/task-num.md for 1 GiB at 20 Mbit/s per connection', () => {
    const auto = send(farWorld(GIB), 'auto');
    expect(curveOf(auto)).toEqual([
      [50, 4, 0],
      [503, 6, 0],
    ]);
    const [one = NaN, six = NaN] = [1, 6].map((fixed) => send(farWorld(GIB), fixed).endedAt ?? NaN);
    expect(six / (auto.endedAt ?? NaN)).toBeGreaterThan(0.97);
    expect(six).toBeLessThan(one / 5);
  });

  it('increases the concurrency up to the size of a larger pool', () => {
    const world = farWorld(400 * MIB, 12);
    const curve = curveOf(send(world, 'auto'));
    expect(curve.at(-1)?.[1]).toBe(12);
    expect(curve.at(-1)?.[2]).toBeLessThan(5);
    expect(world.fake.maxInFlight()).toBe(12);
  });

  it.each([1, 2, 3, 5])('never has more parts in flight than a pool of %i allows', (bound) => {
    const world = farWorld(100 * MIB, bound);
    send(world, 'auto');
    expect(world.fake.maxInFlight()).toBe(bound);
  });

  it('is deterministic', () => {
    const faults = (): FakeObsOptions => ({ faults: [on('uploadPart', { arrival: 7, times: 3 }).respond(500)] });
    const [one, two] = [1, 2].map(() => send(farWorld(200 * MIB, 6, faults()), 'auto'));
    expect(two?.times).toEqual(one?.times);
    expect(two?.values.map(({ type }) => type)).toEqual(one?.values.map(({ type }) => type));
  });

  it.each([
    [429, 'TooManyRequests'],
    [503, 'SlowDown'],
  ])('halves the concurrency once for a burst of %i %s', (status, code) => {
    const faults = [on('uploadPart', { arrival: 20, times: 2 }).respond(status, code)];
    const world = farWorld(400 * MIB, 6, { faults });
    const inFlight: number[] = [];
    const events = runVirtually(() => {
      for (const ms of [10_000, 20_000]) at(ms, () => inFlight.push(world.fake.inFlight('uploadPart')));
      return record(world.upload({ taskNum: 'auto', partSize: 9 * MIB }));
    });
    expect(events.completed).toBe(true);
    expect(inFlight).toEqual([6, 3]);
  });

  it('does not treat a clock error as throttling', () => {
    const faults = [on('uploadPart', { arrival: 20 }).respond(403, 'RequestTimeTooSkewed')];
    const events = send(farWorld(400 * MIB, 6, { faults }), 'auto');
    const plain = send(farWorld(400 * MIB), 'auto');
    expect(eventsOf(events, 'retrying')).toHaveLength(1);
    expect(curveOf(events)).toEqual(curveOf(plain));
  });

  it('stores a complete object without latency, after a lost upload, with and without a checksum', () => {
    for (const options of [{ checksum: 'md5' }, {}] as const) {
      const lostUpload = on('uploadPart', { arrival: 9 }).dropUpload();
      const world = uploadWorld(
        { faults: [lostUpload], latencyMs: 0 },
        {},
        fakeSource({ name: 'film.mp4', size: 20 * PART }),
      );
      const events = runVirtually(() => record(world.upload({ taskNum: 'auto', ...options })));
      expectUploaded(world, events);
    }
  });

  it('sends nothing more after an unsubscribe', () => {
    const world = farWorld(GIB);
    runVirtually(() => {
      const events = record(world.upload({ taskNum: 'auto', partSize: 9 * MIB }));
      at(700, () => events.unsubscribe());
      at(701, () => expect(world.fake.inFlight()).toBe(0));
      return events;
    });
    expect(world.fake.arrivals('uploadPart')).toHaveLength(6);
  });
});
