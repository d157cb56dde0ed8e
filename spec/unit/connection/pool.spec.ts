import { mergeMap, Observable, range } from 'rxjs';
import { fakeSource, on } from 'rx-obs-upload/testing';
import { createPool, type Pool } from '../../../lib/connection/pool.js';
import { expectObject, PART, uploadWorld } from '../../support/upload-world.js';
import { at, inVirtualTime, record, runVirtually } from '../../support/virtual-time.js';

/** How many requests the pool currently runs at once. */
function widthOf(pool: Pool): number {
  let running = 0;
  const request$ = new Observable<never>(() => {
    running++;
  });
  record(range(0, 100).pipe(mergeMap(() => pool.run({}, 'data', request$)))).unsubscribe();
  return running;
}

describe('pool', () => {
  it('halves its width once per burst of throttling, down to one', () => {
    inVirtualTime(() => {
      const pool = createPool(6);
      const widths: number[] = [];
      const throttle = (): void => {
        for (let i = 0; i < 4; i++) pool.throttled();
        widths.push(widthOf(pool));
      };
      for (const ms of [0, 2000, 4000, 6000]) at(ms, throttle);
      at(8000, () => expect(widths).toEqual([3, 1, 1, 1]));
    });
  });

  it('grows by one after as many successes as it has permits, up to its initial width', () => {
    inVirtualTime(() => {
      const pool = createPool(4);
      pool.throttled();
      const widths: number[] = [];
      for (let i = 0; i < 8; i++) {
        pool.succeeded();
        widths.push(widthOf(pool));
      }
      expect(widths).toEqual([2, 3, 3, 3, 4, 4, 4, 4]);
    });
  });

  it('sends fewer parts at once after a 429, and still completes the upload', () => {
    const { fake, file, upload } = uploadWorld(
      { faults: [on('uploadPart', { arrival: 3 }).respond(429, 'TooManyRequests')] },
      { maxConcurrentRequests: 4 },
      fakeSource({ size: 30 * PART }),
    );
    const inFlight: number[] = [];
    runVirtually(() => {
      for (const ms of [50, 150]) at(ms, () => inFlight.push(fake.inFlight('uploadPart')));
      return record(upload({ taskNum: 4 }));
    });
    expectObject(fake, 'film.mp4', file);
    expect(inFlight).toEqual([4, 2]);
  });
});
