import { BehaviorSubject } from 'rxjs';
import { emptyQueueState, type QueueState } from 'rx-obs-upload';
import { speedHistory$ } from '../../../examples/browser-page/speed.js';
import { at, inVirtualTime, record } from '../../support/virtual-time.js';

function withSpeed(bytesPerSecond: number | null): QueueState {
  return { ...emptyQueueState, totals: { ...emptyQueueState.totals, bytesPerSecond } };
}

describe('speedHistory$', () => {
  it('samples only while files upload, so a pause leaves no gap', () => {
    inVirtualTime(() => {
      const state$ = new BehaviorSubject(emptyQueueState);
      const history = record(speedHistory$(state$));
      at(600, () => state$.next(withSpeed(2000)));
      at(1200, () => state$.next(withSpeed(3000)));
      at(1700, () => state$.next(withSpeed(null)));
      at(90_100, () => state$.next(withSpeed(1000)));
      at(90_600, () => {
        expect(history.values.at(-1)).toEqual([2000, 3000, 1000]);
        history.unsubscribe();
      });
    });
  });
});
