import { monotonicNow, wallNow } from '../time.js';

/** The best estimate of the service's time: the machine's clock plus the learned offset. */
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

/** A larger offset is rejected: real clocks are not off by more than a day. */
const MAX_OFFSET_MS = 24 * 60 * 60_000;
/** A smaller offset does not explain a refusal: the service allows 15 minutes. */
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
      // NaN fails this comparison too.
      if (!(Math.abs(learned) <= MAX_OFFSET_MS)) return false;
      if (offsetMs !== null && Math.abs(learned - offsetMs) < MIN_CHANGE_MS) return false;
      offsetMs = learned;
      return true;
    },
  };
}

/** A clock that starts at a given time, until the connection learns the service's time. */
export function clockFrom(connectionClock: LearningClock, startTime: number | null): Clock {
  if (startTime === null) return connectionClock;
  const startedAt = monotonicNow();
  return {
    now: () => (connectionClock.offsetMs === null ? startTime + monotonicNow() - startedAt : connectionClock.now()),
  };
}
