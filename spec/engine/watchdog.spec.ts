import { asyncScheduler, EMPTY, NEVER, of, take } from 'rxjs';
import { TestScheduler } from 'rxjs/testing';
import { watchdog } from '../../lib/engine/call/watchdog.js';

const stalled = (): Error => new Error('stalled');

function marbles(run: Parameters<TestScheduler['run']>[0]): void {
  new TestScheduler((actual, expected) => expect(actual).toEqual(expected)).run(run);
}

describe('watchdog', () => {
  it('fails after so much silence, and unsubscribes', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold('--a-------------');
      expectObservable(source.pipe(watchdog(8, stalled))).toBe('--a-------#', undefined, stalled());
      expectSubscriptions(source.subscriptions).toBe('^---------!');
    });
  });

  it('counts from the subscription where nothing ever comes', () => {
    marbles(({ expectObservable }) => {
      expectObservable(NEVER.pipe(watchdog(8, stalled))).toBe('--------#', undefined, stalled());
    });
  });

  it('begins anew with each value, however long it all takes', () => {
    marbles(({ cold, expectObservable }) => {
      const source = cold('--a---b-----c------d|');
      expectObservable(source.pipe(watchdog(8, stalled))).toBe('--a---b-----c------d|');
    });
  });

  it('is quiet after the end, and passes failures on', () => {
    marbles(({ cold, expectObservable }) => {
      expectObservable(EMPTY.pipe(watchdog(8, stalled))).toBe('|');
      expectObservable(of('a').pipe(watchdog(8, stalled))).toBe('(a|)');
      expectObservable(cold('--#').pipe(watchdog(8, stalled))).toBe('--#');
      expectObservable(cold('a-b-c').pipe(watchdog(8, stalled), take(2))).toBe('a-(b|)');
    });
  });

  it('unsubscribes when it is unsubscribed from', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold('--a-----');
      expectObservable(source.pipe(watchdog(80, stalled)), '----!').toBe('--a');
      expectSubscriptions(source.subscriptions).toBe('^---!');
    });
  });

  it('does not take the sleep of a tab for silence', () => {
    jest.useFakeTimers({ now: 0 });
    try {
      let failedAt: number | null = null;
      NEVER.pipe(watchdog(60_000, stalled)).subscribe({ error: () => (failedAt = asyncScheduler.now()) });
      jest.advanceTimersByTime(10_000);
      // Timers stand still while the clock goes on for half an hour, then the one that is due fires.
      jest.setSystemTime(Date.now() + 30 * 60_000);
      jest.advanceTimersByTime(5_000);
      expect(failedAt).toBeNull();
      jest.advanceTimersByTime(60_000);
      expect(failedAt).not.toBeNull();
    } finally {
      jest.useRealTimers();
    }
  });
});
