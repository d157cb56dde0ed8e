import { monotonicNow, wallNow } from '../time.js';

/** The service's time as far as it is known: the machine's clock plus what was learned. */
export interface Clock {
  /** epoch milliseconds */
  now(): number;
}

/** Learned from the service, shared by all uploads of a connection. */
export interface LearningClock extends Clock {
  readonly offsetMs: number | null;
  /** @returns whether the offset changed enough to be worth signing again */
  learn(serverTime: number): boolean;
}

/** A clock that is off by more than a day is nobody's mistake: whoever says so is not believed. */
const MAX_OFFSET_MS = 24 * 60 * 60_000;
/** Less than this does not explain a refusal: the service allows 15 minutes. */
const MIN_CHANGE_MS = 60_000;

export function createClock(): LearningClock {
  let offsetMs: number | null = null;
  return {
    get offsetMs() {
      return offsetMs;
    },
    now: () => wallNow() + (offsetMs ?? 0),
    learn(serverTime) {
      const learned = serverTime - wallNow();
      // No number at all is no time either.
      if (!(Math.abs(learned) <= MAX_OFFSET_MS)) return false;
      if (offsetMs !== null && Math.abs(learned - offsetMs) < MIN_CHANGE_MS) return false;
      offsetMs = learned;
      return true;
    },
  };
}

/** Starts at a time of its own, until the connection has learned a better one. */
export function clockFrom(connectionClock: LearningClock, startTime: number | null): Clock {
  if (startTime === null) return connectionClock;
  const startedAt = monotonicNow();
  return {
    now: () => (connectionClock.offsetMs === null ? startTime + monotonicNow() - startedAt : connectionClock.now()),
  };
}
