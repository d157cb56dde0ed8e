import type { Clock } from '../../connection/clock.js';
import type { SharedParts } from '../../connection/obs-connection.js';
import type { ResolvedRetry } from '../../validation/retry.js';

/** What every call is made with. */
export interface CallContext {
  readonly shared: SharedParts;
  /** Signatures are dated by it. */
  readonly clock: Clock;
  /** Whose turn it is in the pool: one object an upload. */
  readonly owner: object;
  readonly retry: ResolvedRetry;
  readonly stallTimeoutMs: number;
}
