import { BehaviorSubject, NEVER, throwError } from 'rxjs';
import { InvalidOptionsError } from 'rx-obs-upload';
import { fakeSource } from 'rx-obs-upload/testing';
import { trafficLimitSigning, s3Signing } from '../support/signed-worlds.js';
import { expectObject, PART, uploadWorld } from '../support/upload-world.js';
import { at, record, runVirtually } from '../support/virtual-time.js';

/** 100 KiB per second, in bits. */
const SLOW = 819_200;

describe.each(trafficLimitSigning)('trafficLimit, $name', ({ dialect, world: createWorld }) => {
  const header = `${dialect.headerPrefix}traffic-limit`;

  it('is sent with each part and enforced by the service', () => {
    const world = createWorld({ bytesPerSecond: null }, fakeSource({ size: 2 * PART }));
    const events = runVirtually(() => record(world.upload({ trafficLimit: SLOW, taskNum: 1 })));
    expectObject(world.fake, 'film.mp4', world.file);
    expect(world.fake.arrivals('uploadPart').map(({ headers }) => headers[header])).toEqual(['819200', '819200']);
    expect(world.fake.arrivals('completeMultipartUpload')[0]?.headers[header]).toBeUndefined();
    expect(events.endedAt).toBeGreaterThanOrEqual(2000);
  });

  it('is sent with a single PUT', () => {
    const world = createWorld({ bytesPerSecond: null }, fakeSource({ size: PART / 2 }));
    const events = runVirtually(() => record(world.upload({ trafficLimit: SLOW })));
    expect(world.fake.arrivals('putObject')[0]?.headers[header]).toBe('819200');
    expect(events.endedAt).toBeGreaterThanOrEqual(500);
  });

  it('applies a new value of an Observable to the parts that start later', () => {
    const world = createWorld({ bytesPerSecond: null }, fakeSource({ size: 3 * PART }));
    const limit$ = new BehaviorSubject(SLOW);
    runVirtually(() => {
      at(1500, () => limit$.next(8 * SLOW));
      return record(world.upload({ trafficLimit: limit$, taskNum: 1 }));
    });
    const limits = world.fake.arrivals('uploadPart').map(({ headers }) => headers[header]);
    expect(limits).toEqual(['819200', '819200', '6553600']);
    expect(limit$.observed).toBe(false);
  });
});

describe('trafficLimit', () => {
  it('does not limit before the first value of an Observable', () => {
    const world = uploadWorld();
    expect(runVirtually(() => record(world.upload({ trafficLimit: NEVER }))).completed).toBe(true);
    expect(world.fake.arrivals('uploadPart')[0]?.headers['x-obs-traffic-limit']).toBeUndefined();
  });

  it.each([819_199, 838_860_801, 819_200.5, '819200', Number.NaN])('cannot be %p', (trafficLimit) => {
    const { fake, upload } = uploadWorld();
    const { error } = runVirtually(() => record(upload({ trafficLimit: trafficLimit as number })));
    expect(error).toMatchObject({ code: 'invalid-options', option: 'trafficLimit' });
    expect(fake.log).toEqual([]);
    const later = uploadWorld();
    const limit$ = new BehaviorSubject(trafficLimit as number);
    const failed = runVirtually(() => record(later.upload({ trafficLimit: limit$ })));
    expect(failed.error).toMatchObject({ code: 'invalid-options', option: 'trafficLimit' });
    expect(later.fake.arrivals('uploadPart')).toEqual([]);
  });

  it('fails the upload if its Observable fails', () => {
    const { upload } = uploadWorld();
    const { error } = runVirtually(() => record(upload({ trafficLimit: throwError(() => new Error('broken')) })));
    expect(error).toMatchObject({ code: 'invalid-options', option: 'trafficLimit' });
  });

  it.each(s3Signing)('is rejected, $name', ({ world: createWorld }) => {
    const { fake, upload } = createWorld();
    const { error } = runVirtually(() => record(upload({ trafficLimit: SLOW })));
    expect(error).toBeInstanceOf(InvalidOptionsError);
    expect(error).toMatchObject({ option: 'trafficLimit' });
    expect(fake.log).toEqual([]);
  });
});
