import { Refusal } from '../response/refusal.js';
import { extensionOf, type RequestHead } from '../request/request.js';

/**
 * The bytes a second that a request's own limit leaves it; null without one.
 * @throws {@link Refusal} InvalidArgument outside 819,200 to 838,860,800 bits a second
 */
export function readTrafficLimit(request: RequestHead): number | null {
  const bits = extensionOf(request, 'traffic-limit');
  if (bits === null) return null;
  if (!/^\d{6,9}$/.test(bits) || Number(bits) < 819_200 || Number(bits) > 838_860_800) {
    throw new Refusal('InvalidArgument', 'traffic-limit must be from 819200 to 838860800 bits a second.');
  }
  return Number(bits) / 8;
}

/** The slower of two speeds, where null is unlimited. */
export function slower(one: number | null, other: number | null): number | null {
  return one === null || other === null ? (one ?? other) : Math.min(one, other);
}
