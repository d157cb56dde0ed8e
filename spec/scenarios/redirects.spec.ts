import { isUploadError } from 'rx-obs-upload';
import { fakeSource, on } from 'rx-obs-upload/testing';
import {
  expectFired,
  expectCanResume,
  expectCanRestart,
  expectFailed,
  interrupted,
} from '../support/scenario-world.js';
import { uploadWorld } from '../support/upload-world.js';
import { record, runVirtually } from '../support/virtual-time.js';

const ALWAYS = { times: Number.POSITIVE_INFINITY };
const STATUSES = [301, 302, 303, 307, 308] as const;
const ELSEWHERE = 'https://evil.test/film.mp4';
const operations = ['initiateMultipartUpload', 'uploadPart', 'listParts', 'completeMultipartUpload'] as const;
const clients = [
  ['Node', null],
  ['a page', 'https://app.test'],
] as const;

describe.each(clients)('a redirect in %s', (_, origin) => {
  const cases = operations.flatMap((operation) => STATUSES.map((status) => [operation, status] as const));

  it.each(cases)('of %s (%i) is final, and the upload can be resumed', (operation, status) => {
    const fault = on(operation, ALWAYS).redirect(status, ELSEWHERE);
    const world = uploadWorld({ origin });
    const given = operation === 'listParts' ? interrupted(world) : null;
    world.fake.addFaults(fault);
    const events = runVirtually(() => record(given === null ? world.upload({ taskNum: 1 }) : world.resume(given)));
    expectFired(fault);
    expect(world.fake.arrivals(operation).filter((arrival) => arrival.fault !== null)).toHaveLength(1);
    const error = { name: 'ServiceError', code: 'service', operation, retryable: false };
    const failed =
      operation === 'initiateMultipartUpload'
        ? expectCanRestart(world, events, error)
        : expectCanResume(world, events, error, { given });
    expect(failed.message).toMatch(/redirect.*region|region.*redirect/);
    expect(failed.message).toContain('endpoint');
    expect(failed.message).not.toContain('evil.test');
    expect(failed).toMatchObject({ status: origin === null ? status : 0 });
  });

  it('of a single PUT is final', () => {
    const fault = on('putObject', ALWAYS).redirect(307, ELSEWHERE);
    const world = uploadWorld({ origin, faults: [fault] }, {}, fakeSource({ name: 'film.mp4', size: 1000 }));
    const events = runVirtually(() => record(world.upload()));
    expect(fault.fired).toBe(1);
    expectFailed(world, events, { name: 'ServiceError', code: 'service', retryable: false });
    expect(isUploadError(events.error)).toBe(true);
  });

  it('without Location is final', () => {
    const fault = on('initiateMultipartUpload', ALWAYS).redirect(301);
    const world = uploadWorld({ origin, faults: [fault] });
    const events = runVirtually(() => record(world.upload()));
    expect(fault.fired).toBe(1);
    expectCanRestart(world, events, { name: 'ServiceError', code: 'service' });
  });
});

describe('a HEAD of the object', () => {
  it('bypasses a cache with an older version', () => {
    const cached = on('headObject', ALWAYS).cached({
      etag: '"0123456789abcdef0123456789abcdef"',
      'content-length': '5',
    });
    const faults = [on('completeMultipartUpload').loseResponse(), cached];
    const world = uploadWorld({ origin: 'https://app.test', faults });
    const events = runVirtually(() => record(world.upload()));
    expect(events.error).toBeUndefined();
    expect(events.values.at(-1)).toMatchObject({ type: 'completed', result: { verified: 'etag' } });
    expect(cached.fired).toBe(0);
    expect(world.fake.arrivals('headObject').length).toBeGreaterThan(0);
  });
});
