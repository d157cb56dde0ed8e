import { NEVER, Observable, tap } from 'rxjs';
import { TestScheduler } from 'rxjs/testing';
import { createWatch } from '../../../lib/ports/watch.js';

const stalled = new Error('stalled');

/** Fails if the source emits nothing within the timeout, which each value may change. */
function watched(source$: Observable<unknown>, timeoutMs: number, nextTimeoutMs = (): number => timeoutMs) {
  return new Observable((subscriber) => {
    const watch = createWatch(timeoutMs, Math.min(timeoutMs, nextTimeoutMs()), () => subscriber.error(stalled));
    source$.pipe(tap(() => watch.alive(nextTimeoutMs()))).subscribe(subscriber);
    return watch.start();
  });
}

function marbles(run: Parameters<TestScheduler['run']>[0]): void {
  new TestScheduler((actual, expected) => expect(actual).toEqual(expected)).run(run);
}

describe('a watch', () => {
  it('fires if nothing is emitted within the timeout', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold('--a-------------');
      expectObservable(watched(source, 8)).toBe('--a-------#', undefined, stalled);
      expectSubscriptions(source.subscriptions).toBe('^---------!');
    });
  });

  it('measures from the start if nothing is ever emitted', () => {
    marbles(({ expectObservable }) => {
      expectObservable(watched(NEVER, 8)).toBe('--------#', undefined, stalled);
    });
  });

  it('restarts with each value, however long the source takes', () => {
    marbles(({ cold, expectObservable }) => {
      expectObservable(watched(cold('--a---b-----c------d|'), 8)).toBe('--a---b-----c------d|');
    });
  });

  it('uses the timeout that the last value set', () => {
    marbles(({ cold, expectObservable }) => {
      expectObservable(watched(cold('--a-------------'), 80, () => 4)).toBe('--a---#', undefined, stalled);
      expectObservable(watched(cold('--a-------------'), 4, () => 8)).toBe('--a-------#', undefined, stalled);
    });
  });

  it('stops when it is unsubscribed', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold('--a-----');
      expectObservable(watched(source, 80), '----!').toBe('--a');
      expectSubscriptions(source.subscriptions).toBe('^---!');
    });
  });

  it('does not fire because a tab was asleep', () => {
    jest.useFakeTimers({ now: 0 });
    try {
      let hasFired = false;
      createWatch(60_000, 60_000, () => (hasFired = true)).start();
      jest.advanceTimersByTime(10_000);
      // Timers stop while half an hour passes on the clock, then the timer that is due fires.
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
