import type { Observable } from 'rxjs';
import type { Endpoint } from '../protocol/endpoint.js';
import type { Signer } from '../signing/signer.js';
import type { Transport } from '../transport/transport.js';
import type { LearningClock } from './clock.js';
import type { CredentialsHolder } from './credentials.js';
import type { Pool } from './pool.js';

/** A store to upload to, and what its uploads share. Made by `createObsConnection`. */
export interface ObsConnection {
  /** Origin of the store; checkpoints of other stores are refused. */
  readonly server: string;
  /** @internal */
  readonly shared: SharedParts;
}

/** What uploads of one connection learn and use together. */
export interface SharedParts {
  readonly endpoint: Endpoint;
  readonly signer: Signer;
  readonly credentials: CredentialsHolder;
  readonly clock: LearningClock;
  /** Asks the application for the time: one value, epoch milliseconds; null where it offers none. */
  readonly serverTime$: Observable<number> | null;
  readonly transport: Transport;
  readonly pool: Pool;
  readonly online$: Observable<boolean>;
}
