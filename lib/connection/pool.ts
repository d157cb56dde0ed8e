import { monotonicNow } from '../time.js';
import { createLimiter, type Limiter } from './limiter.js';

/** The connection's permits: fewer while the service asks for less, slowly more again as it answers. */
export interface Pool extends Pick<Limiter, 'acquire' | 'run'> {
  /** Requests at once while nothing is asked for less. */
  readonly max: number;
  /** The service asked for less. */
  throttled(): void;
  /** The service did what it was asked. */
  succeeded(): void;
  /** Whether it ever did. */
  hasSucceeded(): boolean;
}

/** Refusals of one burst come together and count once. */
const BURST_MS = 1000;

/**
 * Halves on throttling, and gains one permit after as many successes as it has permits: the additive increase and
 * multiplicative decrease of TCP.
 * @param max - requests at once
 */
export function createPool(max: number): Pool {
  const limiter = createLimiter(max);
  let permits = max;
  let successes = 0;
  let hasSucceeded = false;
  let narrowedAt = Number.NEGATIVE_INFINITY;

  const resize = (to: number): void => {
    permits = to;
    successes = 0;
    limiter.resize(to);
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
