import { eventsOf, expectObject, uploadWorld } from '../../../support/upload-world.js';
import { at, inVirtualTime, record } from '../../../support/virtual-time.js';

describe('clogged connections', () => {
  it('transfer nothing until they are unclogged, in any order, and lose nothing', () => {
    inVirtualTime(() => {
      const world = uploadWorld();
      const events = record(world.upload({ taskNum: 3 }));
      at(30, () => world.fake.clog(2, 1));
      at(40, () => world.fake.clog(3));
      at(5000, () => {
        expect(world.fake.inFlight('uploadPart')).toBe(3);
        expect(eventsOf(events, 'part-completed')).toEqual([]);
        world.fake.unclog(3);
      });
      at(6000, () => expect(eventsOf(events, 'part-completed').map((part) => part.partNumber)).toEqual([3, 4]));
      at(7000, () => world.fake.unclog(1, 2));
      at(60_000, () => {
        expect(events.completed).toBe(true);
        expect(eventsOf(events, 'retrying')).toEqual([]);
        expectObject(world.fake, 'film.mp4', world.file);
      });
    });
  });

  it('hold up requests without a part', () => {
    inVirtualTime(() => {
      const world = uploadWorld();
      world.fake.clog(null);
      const events = record(world.upload());
      at(1000, () => {
        expect(events.values).toEqual([]);
        expect(world.fake.inFlight('initiateMultipartUpload')).toBe(1);
        world.fake.unclog(null);
      });
      at(60_000, () => expect(events.completed).toBe(true));
    });
  });

  it('emit no error: a request on a clogged connection stalls, and so does its retry', () => {
    inVirtualTime(() => {
      const world = uploadWorld();
      world.fake.clog(2);
      const events = record(world.upload({ stallTimeoutMs: 2000, retry: { maxAttempts: 2, jitter: 'none' } }));
      at(100_000, () => {
        expect(events.error).toMatchObject({ code: 'stalled', partNumber: 2 });
        expect(world.fake.inFlight()).toBe(0);
      });
    });
  });
});
