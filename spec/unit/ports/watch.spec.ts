import { NEVER, Observable, tap } from 'rxjs';
import { TestScheduler } from 'rxjs/testing';
import { createWatch } from '../../../lib/ports/watch.js';

const stalled = new Error('stalled');

/** Fails when the source shows no sign of life for as long as each sign says. */
function watched(source$: Observable<unknown>, patienceMs: number, patienceAfter = (): number => patienceMs) {
  return new Observable((subscriber) => {
    const watch = createWatch(patienceMs, Math.min(patienceMs, patienceAfter()), () => subscriber.error(stalled));
    source$.pipe(tap(() => watch.alive(patienceAfter()))).subscribe(subscriber);
    return watch.start();
  });
}

function marbles(run: Parameters<TestScheduler['run']>[0]): void {
  new TestScheduler((actual, expected) => expect(actual).toEqual(expected)).run(run);
}

describe('a watch', () => {
  it('fires after that much silence', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold('--a-------------');
      expectObservable(watched(source, 8)).toBe('--a-------#', undefined, stalled);
      expectSubscriptions(source.subscriptions).toBe('^---------!');
    });
  });

  it('measures from the start where nothing ever comes', () => {
    marbles(({ expectObservable }) => {
      expectObservable(watched(NEVER, 8)).toBe('--------#', undefined, stalled);
    });
  });

  it('waits again after each sign of life, however long it all takes', () => {
    marbles(({ cold, expectObservable }) => {
      expectObservable(watched(cold('--a---b-----c------d|'), 8)).toBe('--a---b-----c------d|');
    });
  });

  it('is as patient as the last sign of life asks for', () => {
    marbles(({ cold, expectObservable }) => {
      expectObservable(watched(cold('--a-------------'), 80, () => 4)).toBe('--a---#', undefined, stalled);
      expectObservable(watched(cold('--a-------------'), 4, () => 8)).toBe('--a-------#', undefined, stalled);
    });
  });

  it('stops when it is unsubscribed from', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold('--a-----');
      expectObservable(watched(source, 80), '----!').toBe('--a');
      expectSubscriptions(source.subscriptions).toBe('^---!');
    });
  });

  it('does not take the sleep of a tab for silence', () => {
    jest.useFakeTimers({ now: 0 });
    try {
      let hasFired = false;
      createWatch(60_000, 60_000, () => (hasFired = true)).start();
      jest.advanceTimersByTime(10_000);
      // Timers stand still while half an hour passes on the clock, then the one that is due fires.
      const { now } = performance;
      jest.spyOn(performance, 'now').mockImplementation(() => now.call(performance) + 30 * 60_000);
      jest.advanceTimersByTime(5_000);
      expect(hasFired).toBe(false);
      jest.advanceTimersByTime(60_000);
      expect(hasFired).toBe(true);
    } finally {
      jest.restoreAllMocks();
      jest.useRealTimers();
    }
  });
});
