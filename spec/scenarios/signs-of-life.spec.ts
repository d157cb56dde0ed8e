import { on } from 'rx-obs-upload/testing';
import { expectFired, expectUploaded, interrupted } from '../support/scenario-world.js';
import { eventsOf, PART, uploadWorld } from '../support/upload-world.js';
import { record, runVirtually } from '../support/virtual-time.js';

const ALWAYS = { times: Number.POSITIVE_INFINITY };

describe('signs of life', () => {
  it('a complete that drips for longer than stallTimeoutMs is waited for, and sent once', () => {
    const fault = on('completeMultipartUpload').drip(30_000);
    const world = uploadWorld({ faults: [fault] });
    const events = runVirtually(() => record(world.upload({ stallTimeoutMs: 5000 })));
    expectFired(fault);
    expect(expectUploaded(world, events).verified).toBe('etag');
    expect(world.fake.arrivals('completeMultipartUpload')).toHaveLength(1);
    expect(world.fake.arrivals('headObject')).toHaveLength(0);
    expect(eventsOf(events, 'retrying')).toEqual([]);
  });

  it('a complete that drips and ends in an error is sent again', () => {
    const faults = [on('completeMultipartUpload').drip(30_000), on('completeMultipartUpload').errorIn200()];
    const world = uploadWorld({ faults });
    const events = runVirtually(() => record(world.upload({ stallTimeoutMs: 5000 })));
    expectFired(...faults);
    expectUploaded(world, events);
    expect(world.fake.arrivals('completeMultipartUpload')).toHaveLength(2);
  });

  it('a list of parts that drips is read once', () => {
    const world = uploadWorld();
    const given = interrupted(world);
    const fault = on('listParts').drip(30_000);
    world.fake.addFaults(fault);
    const events = runVirtually(() => record(world.resume(given, { stallTimeoutMs: 5000 })));
    expectFired(fault);
    expectUploaded(world, events);
    expect(world.fake.arrivals('listParts').filter(({ status }) => status !== 200)).toEqual([]);
    expect(eventsOf(events, 'retrying')).toEqual([]);
  });

  it('a part without any progress event gets the time that its size requires', () => {
    const slow = on('uploadPart', ALWAYS).slow({ bytesPerSecond: 20 * 1024 });
    const world = uploadWorld({ progressSteps: 0, faults: [slow] });
    const events = runVirtually(() => record(world.upload({ stallTimeoutMs: 2000 })));
    expectFired(slow);
    expectUploaded(world, events);
    expect(eventsOf(events, 'retrying')).toEqual([]);
  });

  it('parts that a proxy has taken and forwards slowly on one line are waited for', () => {
    const proxy = on('uploadPart', ALWAYS).slowProxy({ bytesPerSecond: 100 * 1024 });
    const world = uploadWorld({ faults: [proxy] });
    const events = runVirtually(() => record(world.upload({ stallTimeoutMs: 1000, taskNum: 4 })));
    expectFired(proxy);
    expectUploaded(world, events);
    expect(eventsOf(events, 'retrying')).toEqual([]);
    expect(world.fake.arrivals('uploadPart')).toHaveLength(4);
    // 301 KiB at 100 KiB/s.
    expect(events.endedAt).toBeGreaterThan((3 * PART) / 102.4);
  });
});
