import { asyncScheduler, Observable, Subscription } from 'rxjs';
import { monotonicNow } from '../time.js';

const TICKS = 4;

/** A watchdog for progress. */
export interface Watch {
  /** There was progress: the next must follow within this time. */
  readonly alive: (patienceMs: number) => void;
  /** Starts the timer. Time before that counts, but has no effect yet. */
  readonly start: () => Subscription;
}

/**
 * Calls `stalled` after too long without progress while the machine was awake. Timers of a sleeping tab stop and then
 * fire at once: a tick that took much longer than it should have counts as one tick.
 *
 * @param shortestMs - the shortest time that `alive` is called with
 */
export function createWatch(patienceMs: number, shortestMs: number, stalled: () => void): Watch {
  let leftMs = patienceMs;
  let since = monotonicNow();
  const nextTickMs = (): number => Math.min(shortestMs / TICKS, leftMs);
  return {
    // Progress does not restart the timer, as there are thousands of events: the next tick checks.
    alive: (nextPatienceMs) => {
      leftMs = nextPatienceMs;
      since = monotonicNow();
    },
    start: () => {
      const running = new Subscription();
      // Each tick has a timer of its own: RxJS's TestScheduler fails where intervals that end each other are due at once.
      const schedule = (tickMs: number): void => {
        const timer = asyncScheduler.schedule(() => {
          running.remove(timer);
          const now = monotonicNow();
          leftMs -= Math.min(now - since, 1.5 * tickMs);
          since = now;
          if (leftMs <= 0) stalled();
          else schedule(nextTickMs());
        }, tickMs);
        running.add(timer);
      };
      schedule(nextTickMs());
      return running;
    },
  };
}

/** Fails after so long while awake: `takeUntil` it to wait no longer than that. */
export function silence$(withinMs: number, silent: () => Error): Observable<never> {
  return new Observable((subscriber) => createWatch(withinMs, withinMs, () => subscriber.error(silent())).start());
}
