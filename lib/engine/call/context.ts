import type { Clock } from '../../connection/clock.js';
import type { SharedParts } from '../../connection/obs-connection.js';
import type { ResolvedRetry } from '../../validation/retry.js';

/** What every call needs besides its request. */
export interface CallContext {
  readonly shared: SharedParts;
  /** Dates signatures. */
  readonly clock: Clock;
  /** Identifies who competes for permits in the pool: one object an upload. */
  readonly owner: object;
  readonly retry: ResolvedRetry;
  readonly stallTimeoutMs: number;
}
