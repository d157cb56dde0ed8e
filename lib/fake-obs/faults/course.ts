import type { ArrivalPlan } from './plan.js';

/** Where in its body a request is cut off. */
export interface Cut {
  /** Nothing of the request is looked at. */
  readonly atOnce: boolean;
  readonly afterBytes: number;
  readonly then: 'break' | 'silence';
}

/** How a request ends that was not cut off: what becomes of its response, or where in it the end comes. */
export type Ending = 'whole' | 'break' | 'silence' | 'resend' | 'break-within' | 'silence-within' | 'endless';

/** @param size - bytes of the body. @returns null where the request is not cut off */
export function cutOf({ outcome }: ArrivalPlan, size: number): Cut | null {
  if (outcome?.type === 'reset') {
    return { atOnce: outcome.afterBytes === 0, afterBytes: Math.min(outcome.afterBytes, size), then: 'break' };
  }
  if (outcome?.type !== 'stall') return null;
  const cut = (afterBytes: number, atOnce = false): Cut => ({ atOnce, afterBytes, then: 'silence' });
  switch (outcome.at) {
    case 'before-body':
      return cut(0, true);
    case 'mid-body':
      return cut(Math.min(outcome.afterBytes ?? Math.floor(size / 2), size));
    case 'before-response':
      return cut(size);
    default:
      return null;
  }
}

export function endingOf({ outcome }: ArrivalPlan): Ending {
  switch (outcome?.type) {
    case 'lose-response':
      return 'break';
    case 'truncate-response':
      return 'break-within';
    case 'endless-response':
      return 'endless';
    case 'resend':
      return 'resend';
    case 'stall':
      return outcome.at === 'mid-response' ? 'silence-within' : 'silence';
    default:
      return 'whole';
  }
}

/** Blanks of a response that drips: one at once, then one each second. */
export function blanksOf({ dripMs }: ArrivalPlan): number {
  return Math.ceil(dripMs / BLANK_INTERVAL_MS);
}

export const BLANK_INTERVAL_MS = 1000;
