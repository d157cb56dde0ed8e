import type { AnyObservable } from '../ports/from-port.js';
import { requireTrafficLimits, type Dialect } from '../protocol/dialect.js';
import { requireInteger } from './check.js';

/** OBS, "Flow control": 100 KB/s to 100 MB/s, in bits a second. */
const MIN_BITS = 819_200;
const MAX_BITS = 838_860_800;

/** null: unlimited */
export type TrafficLimit = number | AnyObservable<number> | null;

/** @throws InvalidOptionsError */
export function resolveTrafficLimit(option: unknown, dialect: Dialect): TrafficLimit {
  if (option === undefined || option === null) return null;
  requireTrafficLimits(dialect);
  if (typeof option === 'object' && 'subscribe' in option) return option as AnyObservable<number>;
  return requireTrafficLimit(option);
}

/** @throws InvalidOptionsError */
export function requireTrafficLimit(bitsPerSecond: unknown): number {
  return requireInteger('trafficLimit', bitsPerSecond, MIN_BITS, MAX_BITS);
}
