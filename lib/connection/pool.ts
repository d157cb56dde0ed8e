import { monotonicNow } from '../time.js';
import { createLimiter, type Limiter } from './limiter.js';

/** The connection's permits: fewer after throttling, gradually more with each success. */
export interface Pool extends Pick<Limiter, 'acquire' | 'run'> {
  /** The number of permits while the service does not throttle. */
  readonly max: number;
  /** Call when the service throttles. */
  throttled(): void;
  /** Call when a request succeeds. */
  succeeded(): void;
  /** Whether any request has succeeded. */
  hasSucceeded(): boolean;
}

/** Throttled responses within this time count as one. */
const BURST_MS = 1000;

/**
 * Halves on throttling, and gains one permit after as many successes as it has permits: the additive increase and
 * multiplicative decrease of TCP.
 * @param max - the most permits
 */
export function createPool(max: number): Pool {
  const limiter = createLimiter(max);
  let permits = max;
  let successes = 0;
  let hasSucceeded = false;
  let narrowedAt = -Infinity;

  const resize = (newPermits: number): void => {
    permits = newPermits;
    successes = 0;
    limiter.resize(newPermits);
  };

  return {
    max,
    acquire: limiter.acquire,
    run: limiter.run,
    throttled: () => {
      const now = monotonicNow();
      if (now - narrowedAt < BURST_MS) return;
      narrowedAt = now;
      resize(Math.max(1, Math.floor(permits / 2)));
    },
    succeeded: () => {
      hasSucceeded = true;
      if (permits < max && ++successes >= permits) resize(permits + 1);
    },
    hasSucceeded: () => hasSucceeded,
  };
}
