import type { Clock } from '../../connection/clock.js';
import type { SharedParts } from '../../connection/obs-connection.js';
import type { Address } from '../../protocol/request/endpoint.js';
import type { ResolvedRetry } from '../../validation/retry.js';

/** What every call needs besides its request. */
export interface CallContext {
  readonly shared: SharedParts;
  /** Of the object or bucket that the requests are for. */
  readonly address: Address;
  /** Dates signatures. */
  readonly clock: Clock;
  /** Permits are shared fairly among these: one object per upload. */
  readonly fairnessKey: object;
  readonly retry: ResolvedRetry;
  readonly stallTimeoutMs: number;
}
