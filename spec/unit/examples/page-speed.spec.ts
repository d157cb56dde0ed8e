import { BehaviorSubject } from 'rxjs';
import { TestScheduler } from 'rxjs/testing';
import { emptyPage, reducePage, type PageState } from '../../../examples/browser-page/page-state.js';
import { speed$, type Speed } from '../../../examples/browser-page/speed.js';

const running = reducePage(emptyPage, {
  type: 'upload',
  told: { id: 'a', signal: { type: 'waiting', reason: 'queued', totalBytes: 100 } },
});
const paused = reducePage(running, {
  type: 'upload',
  told: { id: 'a', signal: { type: 'paused', checkpoint: null } },
});

describe('speed$', () => {
  it('looks while files run; a pause is no gap and no slow time', () => {
    const scheduler = new TestScheduler((actual, expected) => expect(actual).toEqual(expected));
    scheduler.run(() => {
      const page$ = new BehaviorSubject<PageState>(emptyPage);
      const speeds: Speed[] = [];
      const subscription = speed$(
        page$,
        () => page$.value,
        () => scheduler.now(),
      ).subscribe((speed) => speeds.push(speed));
      const at = (ms: number, page: PageState): unknown => scheduler.schedule(() => page$.next(page), ms);
      at(0, running);
      at(400, { ...running, sentBytes: 1000 });
      at(900, { ...running, sentBytes: 3000 });
      at(1200, { ...paused, sentBytes: 3000 });
      at(90_000, { ...running, sentBytes: 3000 });
      at(90_400, { ...running, sentBytes: 4000 });
      scheduler.schedule(() => subscription.unsubscribe(), 90_600);
      scheduler.flush();
      expect(speeds.at(-1)?.history).toEqual([2000, 3000, 2000]);
      expect(speeds.map(({ bytesPerSecond }) => bytesPerSecond)).toEqual([null, 2000, 3000, null, 2000]);
    });
  });
});
