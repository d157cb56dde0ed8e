import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { UploadOptions } from 'rx-obs-upload';
import { fakeSource } from 'rx-obs-upload/testing';
import { of } from 'rxjs';
import { KIB, PART, uploadWorld } from '../../../support/upload-world.js';
import { at, inVirtualTime, record } from '../../../support/virtual-time.js';

setFlagsFromString('--expose-gc');
const gc = runInNewContext('gc') as () => void;

/** The bytes of heap in use after garbage collection, which needs several rounds for what earlier specs left behind. */
function usedHeap(): number {
  for (let used = Number.POSITIVE_INFINITY; ;) {
    gc();
    const now = process.memoryUsage().heapUsed;
    if (now > used - 16 * KIB) return now;
    used = now;
  }
}

/** The bytes of heap that an upload holds while its first part is in flight and all others wait. */
function heapWhileWaiting(parts: number, options: Partial<UploadOptions>): number {
  const file = fakeSource({ name: 'film.mp4', size: parts * PART });
  const { fake, upload } = uploadWorld({ latencyMs: 1000, bytesPerSecond: null, progressSteps: 0 }, {}, file);
  let bytes = Number.NaN;
  inVirtualTime(() => {
    const before = usedHeap();
    const events = record(upload(options));
    at(1500, () => {
      expect(fake.inFlight('uploadPart')).toBeGreaterThanOrEqual(1);
      bytes = usedHeap() - before;
      events.unsubscribe();
    });
  });
  return bytes;
}

describe('10,000 waiting parts hold at most 1 MB more heap than 100', () => {
  it.each<[string, Partial<UploadOptions>]>([
    ['a number', { taskNum: 4 }],
    ['auto', { taskNum: 'auto' }],
    ['an Observable', { taskNum: of(4) }],
  ])('taskNum: %s', (_, options) => {
    // Code that is compiled meanwhile is on the heap too, so only the minimum of several runs counts.
    const minimumHeap = (parts: number): number =>
      Math.min(...Array.from({ length: 3 }, () => heapWhileWaiting(parts, options)));
    expect(minimumHeap(10_000) - minimumHeap(100)).toBeLessThan(1024 * KIB);
  });
});
