import { BehaviorSubject } from 'rxjs';
import { on } from 'rx-obs-upload/testing';
import { eventsOf, expectObject, uploadWorld } from '../support/upload-world.js';
import { record, runVirtually } from '../support/virtual-time.js';

describe('a browser that always reports offline', () => {
  it('does not stop an upload whose requests work', () => {
    const online$ = new BehaviorSubject(false);
    const { fake, file, upload } = uploadWorld({ faults: [on('uploadPart').reset()] }, { online$ });
    const events = runVirtually(() => record(upload({ retry: { maxAttempts: 1 } })));
    expect(events.error).toBeUndefined();
    expectObject(fake, 'film.mp4', file);
    expect(eventsOf(events, 'waiting')).toHaveLength(1);
    expect(events.endedAt).toBeLessThan(60_000);
  });

  it('is believed while requests fail, which use up no attempt', () => {
    const online$ = new BehaviorSubject(false);
    const fault = on('uploadPart', { times: 10 }).reset();
    const { fake, file, upload } = uploadWorld({ faults: [fault] }, { online$ });
    const events = runVirtually(() => record(upload({ taskNum: 1, retry: { maxAttempts: 1 } })));
    expect(events.error).toBeUndefined();
    expectObject(fake, 'film.mp4', file);
    expect(eventsOf(events, 'waiting')).toHaveLength(10);
  });
});
