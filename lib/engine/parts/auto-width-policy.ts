import { measure, measureAfresh, throughput, type Pace, type Sample } from './auto-width-pace.js';

/** How many parts go at once, and what is known of it. */
export interface AutoWidth {
  readonly width: number;
  readonly bound: number;
  /** Bytes a millisecond with one part fewer; null where that was not measured, so that nothing can be compared. */
  readonly narrower: number | null;
  /** One part more did not pay the last time. */
  readonly isDoubtful: boolean;
  /** No wider until then. */
  readonly heldUntil: number;
  readonly narrowedAt: number;
  readonly pace: Pace;
}

/** Most lines carry more than one part well; what waits behind the first ones is no longer than needed to see that. */
const FIRST_WIDTH = 4;

/** Of what one more part would bring on an unshared line, so much must come. */
const WORTH = 0.5;

/** A line that had no room may have some later. */
const NO_ROOM_MS = 5000;

/** A service that asked for less is left alone for longer. */
const THROTTLED_MS = 15_000;

/** Failures of one burst come together and count once. */
const BURST_MS = 1000;

/** @param bound - never more parts at once */
export function beginAutoWidth(bound: number, now: number): AutoWidth {
  const width = Math.min(FIRST_WIDTH, bound);
  return {
    width,
    bound,
    narrower: null,
    isDoubtful: false,
    heldUntil: now,
    narrowedAt: Number.NEGATIVE_INFINITY,
    pace: measureAfresh(now),
  };
}

/**
 * One part more as long as that pays, one fewer where it did not or a part failed, half of them where the service asks
 * for less.
 */
export function adjustWidth(before: AutoWidth, sample: Sample): AutoWidth {
  const state = { ...before, pace: measure(before.pace, sample) };
  const { width } = state;
  if (sample.type === 'throttled') return narrowed(state, Math.floor(width / 2), sample.at, THROTTLED_MS);
  if (sample.type === 'failed') return narrowed(state, width - 1, sample.at, 0);
  const bytesPerMs = throughput(state.pace, width);
  return bytesPerMs === null ? state : judged(state, bytesPerMs, sample.at);
}

function judged(state: AutoWidth, bytesPerMs: number, now: number): AutoWidth {
  const { width, bound, narrower } = state;
  const pays = narrower === null || bytesPerMs >= narrower * (1 + WORTH / (width - 1));
  if (!pays) {
    // Once is no proof: the first parts, which fill the buffers on the way, promise more than those after them hold.
    const heldUntil = state.isDoubtful ? now + NO_ROOM_MS : now;
    return resized({ ...state, isDoubtful: true, heldUntil }, width - 1, now);
  }
  const known = { ...state, isDoubtful: state.isDoubtful && narrower === null };
  if (width >= bound || now < state.heldUntil) return resized(known, width, now);
  return { ...resized(known, width + 1, now), narrower: bytesPerMs };
}

function narrowed(state: AutoWidth, width: number, now: number, holdMs: number): AutoWidth {
  if (now - state.narrowedAt < BURST_MS) return state;
  const heldUntil = Math.max(state.heldUntil, now + holdMs);
  return resized({ ...state, heldUntil, narrowedAt: now }, Math.max(1, width), now);
}

function resized(state: AutoWidth, width: number, now: number): AutoWidth {
  return { ...state, width, narrower: null, pace: measureAfresh(now, state.pace.inFlight) };
}
