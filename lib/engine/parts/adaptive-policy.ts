import { measure, newPace, throughput, type Pace, type Sample } from './pace.js';

/** How many parts are sent at once, and what is known about it. */
export interface AdaptiveConcurrency {
  readonly concurrency: number;
  readonly bound: number;
  /** Bytes a millisecond with one part fewer; null where that was not measured, so that there is nothing to compare with. */
  readonly narrower: number | null;
  /** One part more did not pay the last time. */
  readonly isDoubtful: boolean;
  /** Not raised before this time. */
  readonly heldUntil: number;
  readonly narrowedAt: number;
  readonly pace: Pace;
}

/** Most lines carry several parts well, and a few parts are enough to see where they do not. */
const FIRST_CONCURRENCY = 4;

/** One more part must bring this share of what it would bring on an unshared line. */
const WORTH = 0.5;

/** How long a line without room for more is left alone. */
const NO_ROOM_MS = 5000;

/** How long a service that asked for fewer requests is left alone. */
const THROTTLED_MS = 15_000;

/** Failures within this time belong to one burst and count once. */
const BURST_MS = 1000;

/** @param bound - the most parts at once */
export function initialAdaptive(bound: number, now: number): AdaptiveConcurrency {
  const concurrency = Math.min(FIRST_CONCURRENCY, bound);
  return {
    concurrency,
    bound,
    narrower: null,
    isDoubtful: false,
    heldUntil: now,
    narrowedAt: Number.NEGATIVE_INFINITY,
    pace: newPace(now),
  };
}

/**
 * One part more as long as that pays, one fewer where it did not or a part failed, half of them where the service
 * throttles.
 */
export function adjust(before: AdaptiveConcurrency, sample: Sample): AdaptiveConcurrency {
  const state = { ...before, pace: measure(before.pace, sample) };
  const { concurrency } = state;
  if (sample.type === 'throttled') return narrowed(state, Math.floor(concurrency / 2), sample.at, THROTTLED_MS);
  if (sample.type === 'failed') return narrowed(state, concurrency - 1, sample.at, 0);
  const bytesPerMs = throughput(state.pace, concurrency);
  return bytesPerMs === null ? state : judged(state, bytesPerMs, sample.at);
}

function judged(state: AdaptiveConcurrency, bytesPerMs: number, now: number): AdaptiveConcurrency {
  const { concurrency, bound, narrower } = state;
  const pays = narrower === null || bytesPerMs >= narrower * (1 + WORTH / (concurrency - 1));
  if (!pays) {
    // Once proves little: the first parts fill the buffers on the way and look faster than the line is.
    const heldUntil = state.isDoubtful ? now + NO_ROOM_MS : now;
    return resized({ ...state, isDoubtful: true, heldUntil }, concurrency - 1, now);
  }
  const known = { ...state, isDoubtful: state.isDoubtful && narrower === null };
  if (concurrency >= bound || now < state.heldUntil) return resized(known, concurrency, now);
  return { ...resized(known, concurrency + 1, now), narrower: bytesPerMs };
}

function narrowed(state: AdaptiveConcurrency, concurrency: number, now: number, holdMs: number): AdaptiveConcurrency {
  if (now - state.narrowedAt < BURST_MS) return state;
  const heldUntil = Math.max(state.heldUntil, now + holdMs);
  return resized({ ...state, heldUntil, narrowedAt: now }, Math.max(1, concurrency), now);
}

function resized(state: AdaptiveConcurrency, concurrency: number, now: number): AdaptiveConcurrency {
  return { ...state, concurrency, narrower: null, pace: newPace(now, state.pace.inFlight) };
}
