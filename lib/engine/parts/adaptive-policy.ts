import { measure, newPace, throughput, type Pace, type Sample } from './pace.js';

/** How many parts are sent at once, and what has been measured. */
export interface AdaptiveConcurrency {
  readonly concurrency: number;
  readonly bound: number;
  /** Before the last increase, to compare with; null if not measured. */
  readonly narrower: { readonly concurrency: number; readonly bytesPerMs: number } | null;
  /** Doubling has not failed to pay off, and no part has failed. */
  readonly mayDouble: boolean;
  /** The last increase did not pay off. */
  readonly isDoubtful: boolean;
  /** No increase before this time. */
  readonly heldUntil: number;
  readonly narrowedAt: number;
  readonly pace: Pace;
}

/** Most connections carry several parts well, and a few are enough to see if this one does not. */
const FIRST_CONCURRENCY = 4;

/**
 * Connections that browsers open to one host over HTTP/1.1. Where a seventh part pays off, all parts share a connection
 * (HTTP/2), and it takes many to fill it.
 */
const HTTP1_CONNECTIONS = 6;

/** More parts must gain at least this share of a proportional increase. */
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
    mayDouble: true,
    isDoubtful: false,
    heldUntil: now,
    narrowedAt: Number.NEGATIVE_INFINITY,
    pace: newPace(now),
  };
}

/**
 * One part more as long as that pays off, twice as many where all share a connection; back if it did not, one fewer if a
 * part failed, half as many if the service throttles.
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
  if (narrower !== null && !paysOff(narrower, { concurrency, bytesPerMs })) {
    // Once proves little: the first parts fill the buffers on the way and look faster than the connection is.
    const heldUntil = state.isDoubtful ? now + NO_ROOM_MS : now;
    const mayDouble = state.mayDouble && concurrency - narrower.concurrency === 1;
    return resized({ ...state, mayDouble, isDoubtful: true, heldUntil }, narrower.concurrency, now);
  }
  const known = { ...state, isDoubtful: state.isDoubtful && narrower === null };
  if (concurrency >= bound || now < state.heldUntil) return resized(known, concurrency, now);
  const wider = state.mayDouble && concurrency > HTTP1_CONNECTIONS ? 2 * concurrency : concurrency + 1;
  return { ...resized(known, Math.min(bound, wider), now), narrower: { concurrency, bytesPerMs } };
}

type Throughput = NonNullable<AdaptiveConcurrency['narrower']>;

function paysOff(narrower: Throughput, { concurrency, bytesPerMs }: Throughput): boolean {
  const proportional = concurrency / narrower.concurrency - 1;
  return bytesPerMs >= narrower.bytesPerMs * (1 + WORTH * proportional);
}

function narrowed(state: AdaptiveConcurrency, concurrency: number, now: number, holdMs: number): AdaptiveConcurrency {
  if (now - state.narrowedAt < BURST_MS) return state;
  const heldUntil = Math.max(state.heldUntil, now + holdMs);
  return resized({ ...state, mayDouble: false, heldUntil, narrowedAt: now }, Math.max(1, concurrency), now);
}

function resized(state: AdaptiveConcurrency, concurrency: number, now: number): AdaptiveConcurrency {
  return { ...state, concurrency, narrower: null, pace: newPace(now, state.pace.inFlight) };
}
