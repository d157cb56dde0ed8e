import { asyncScheduler, type Subscription } from 'rxjs';
import { monotonicNow } from '../time.js';

const TICKS = 4;

/** Waits for signs of life. */
export interface Watch {
  /** Something moved: from now on silence may last this long. */
  readonly alive: (patienceMs: number) => void;
  /** Starts the timer. Until then silence is measured and has no consequence. */
  readonly start: () => Subscription;
}

/**
 * Calls `stalled` when nothing has moved for as long as it may while the machine was awake. Timers of a sleeping tab
 * stand still and then fire at once: a tick that took much longer than it should have counts as one tick.
 *
 * @param shortestMs - the shortest patience that `alive` is called with
 */
export function createWatch(patienceMs: number, shortestMs: number, stalled: () => void): Watch {
  let leftMs = patienceMs;
  let since = monotonicNow();
  return {
    // A sign of life starts no timer: the one that runs finds out, and there are thousands of signs.
    alive: (nextPatienceMs) => {
      leftMs = nextPatienceMs;
      since = monotonicNow();
    },
    start: () => {
      let tickMs = Math.min(shortestMs / TICKS, leftMs);
      return asyncScheduler.schedule(function () {
        const now = monotonicNow();
        leftMs -= Math.min(now - since, 1.5 * tickMs);
        since = now;
        if (leftMs <= 0) return stalled();
        tickMs = Math.min(shortestMs / TICKS, leftMs);
        this.schedule(undefined, tickMs);
      }, tickMs);
    },
  };
}
