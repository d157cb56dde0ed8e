import { measure, newPace, throughput, type Pace, type Sample } from './pace.js';

/** How many parts are sent at once, and what has been measured. */
export interface AdaptiveConcurrency {
  readonly concurrency: number;
  readonly bound: number;
  /** Bytes per millisecond with one part fewer, to compare with; null if not measured. */
  readonly narrower: number | null;
  /** The last increase did not pay off. */
  readonly isDoubtful: boolean;
  /** No increase before this time. */
  readonly heldUntil: number;
  readonly narrowedAt: number;
  readonly pace: Pace;
}

/** Most connections carry several parts well, and a few are enough to see if this one does not. */
const FIRST_CONCURRENCY = 4;

/** One more part must gain at least this share of a proportional increase. */
const WORTH = 0.5;

/** How long to wait after an increase that did not pay off. */
const NO_ROOM_MS = 5000;

/** How long to wait after throttling. */
const THROTTLED_MS = 15_000;

/** Failures within this time count as one. */
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
 * One part more as long as that pays off, one fewer if it did not or a part failed, half as many if the service
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
    // Once proves little: the first parts fill the buffers on the way and look faster than the connection is.
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
