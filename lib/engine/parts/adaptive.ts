import { BehaviorSubject, defer, tap, type Observable, type OperatorFunction } from 'rxjs';
import { monotonicNow } from '../../time.js';
import type { UploadErrorInfo } from '../../model/upload/error-info.js';
import { kindOfCode } from '../../protocol/errors/service-codes.js';
import { isResult, type Activity, type Result } from '../step.js';
import { measure, newPace, throughput, type Pace, type Sample } from './pace.js';
import type { SentPart } from './body-digest.js';

/** Sends parts with a concurrency that adapts to their throughput and failures. */
export function adaptive<T>(
  bound: number,
  send: (concurrency$: Observable<number>) => OperatorFunction<T, Activity | Result<SentPart>>,
): OperatorFunction<T, Activity | Result<SentPart>> {
  return (parts$) =>
    defer(() => {
      let state = initialAdaptive(bound, monotonicNow());
      const concurrency$ = new BehaviorSubject(state.concurrency);
      const observe = (activity: Activity | Result<SentPart>): void => {
        const sample = sampleOf(activity, monotonicNow());
        if (sample === null) return;
        state = adjust(state, sample);
        if (state.concurrency !== concurrency$.value) concurrency$.next(state.concurrency);
      };
      return parts$.pipe(send(concurrency$), tap(observe));
    });
}

function sampleOf(activity: Activity | Result<SentPart>, at: number): Sample | null {
  if (isResult(activity)) {
    const { partNumber, size } = activity.value.part;
    return { type: 'acknowledged', partNumber, bytes: size, at };
  }
  switch (activity.type) {
    case 'part-started':
      return { type: 'started', partNumber: activity.partNumber, at };
    case 'bytes-sent':
      return { type: 'sent', partNumber: activity.partNumber, bytes: activity.loadedBytes, at };
    case 'retrying': {
      const type = failureOf(activity.error);
      return activity.partNumber === null || type === null ? null : { type, partNumber: activity.partNumber, at };
    }
    default:
      return null;
  }
}

/** The failures that too much concurrency can cause; credentials and clocks are not among them. */
function failureOf({ code, status, serviceCode }: UploadErrorInfo): 'throttled' | 'failed' | null {
  if (status === 429 || kindOfCode(serviceCode) === 'throttling') return 'throttled';
  return code === 'network' || code === 'stalled' || (status !== null && status >= 500) ? 'failed' : null;
}

/** How many parts are sent at once, and what has been measured. */
export interface AdaptiveConcurrency {
  readonly concurrency: number;
  readonly bound: number;
  /** Before the last increase, to compare with; null if not measured. */
  readonly narrower: Throughput | null;
  /** Every increase has paid off, and no part has failed. */
  readonly growsFast: boolean;
  /** The last increase did not pay off. */
  readonly isDoubtful: boolean;
  /** No increase before this time. */
  readonly heldUntil: number;
  readonly narrowedAt: number;
  readonly pace: Pace;
}

interface Throughput {
  readonly concurrency: number;
  readonly bytesPerMs: number;
  readonly byParts: boolean;
}

/** Most connections carry several parts well, and a few are enough to see if this one does not. */
const FIRST_CONCURRENCY = 4;

/** Connections that browsers open to one host over HTTP/1.1; over HTTP/2 all parts share one, and it takes many to fill it. */
const HTTP1_CONNECTIONS = 6;

/** More parts must gain at least this share of a proportional increase. */
const WORTH = 1 / 3;

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
    growsFast: true,
    isDoubtful: false,
    heldUntil: now,
    narrowedAt: -Infinity,
    pace: newPace(now),
  };
}

/**
 * From four parts to six, then twice as many each time, as long as that pays off; back if it did not, and one by one from
 * then on; one fewer if a part failed, half as many if the service throttles.
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
  const { concurrency, bound, narrower, growsFast, pace } = state;
  const measured = { concurrency, bytesPerMs, byParts: pace.byParts };
  if (narrower !== null && !paysOff(narrower, measured)) {
    // Once proves little: the first parts fill the buffers on the way and look faster than the connection is.
    const heldUntil = state.isDoubtful ? now + NO_ROOM_MS : now;
    return resized({ ...state, growsFast: false, isDoubtful: true, heldUntil }, narrower.concurrency, now);
  }
  const known = { ...state, isDoubtful: state.isDoubtful && narrower === null };
  if (concurrency >= bound || now < state.heldUntil) return resized(known, concurrency, now);
  const leap = concurrency < HTTP1_CONNECTIONS ? HTTP1_CONNECTIONS : 2 * concurrency;
  const wider = growsFast ? leap : concurrency + 1;
  return { ...resized(known, Math.min(bound, wider), now), narrower: measured };
}

/** What was measured in different ways cannot be compared, and counts as paid off. */
function paysOff(narrower: Throughput, { concurrency, bytesPerMs, byParts }: Throughput): boolean {
  const proportional = concurrency / narrower.concurrency - 1;
  return byParts !== narrower.byParts || bytesPerMs >= narrower.bytesPerMs * (1 + WORTH * proportional);
}

function narrowed(state: AdaptiveConcurrency, concurrency: number, now: number, holdMs: number): AdaptiveConcurrency {
  if (now - state.narrowedAt < BURST_MS) return state;
  const heldUntil = Math.max(state.heldUntil, now + holdMs);
  return resized({ ...state, growsFast: false, heldUntil, narrowedAt: now }, Math.max(1, concurrency), now);
}

function resized(state: AdaptiveConcurrency, concurrency: number, now: number): AdaptiveConcurrency {
  return { ...state, concurrency, narrower: null, pace: newPace(now, state.pace) };
}
