import type { Observable, ObservableInput } from 'rxjs';
import type { Dialect } from '../protocol/dialect.js';
import type { Endpoint } from '../protocol/endpoint.js';
import type { SignedRequest, SigningContext, UnsignedRequest } from '../signing/signer.js';
import type { Transport } from '../ports/transport/transport.js';
import type { LearningClock } from './clock.js';
import type { CredentialsHolder } from '../signing/credentials.js';
import type { Pool } from './pool.js';

/** A store to upload to, and what its uploads share. Made by `createObsConnection`. */
export interface ObsConnection {
  /** Address of the store; checkpoints of other stores are refused. */
  readonly server: string;
  /** @internal */
  readonly shared: SharedParts;
}

/** What the uploads of one connection share. */
export interface SharedParts {
  readonly endpoint: Endpoint;
  readonly signer: SharedSigner;
  /** Hosts that a signed URL may have besides the endpoint's own. */
  readonly allowedHosts: readonly string[];
  readonly credentials: CredentialsHolder;
  readonly clock: LearningClock;
  /** Asks the application for the time: one value, epoch milliseconds; null if it has no `serverTime`. */
  readonly serverTime$: Observable<number> | null;
  readonly transport: Transport;
  readonly pool: Pool;
  readonly online$: Observable<boolean>;
  /** Subscribes to an upload or a call where the application wants requests and timers to run (Angular: outside its zone). */
  readonly around: <T>(source$: Observable<T>) => Observable<T>;
}

/** A `Signer`, or one that asks a backend, which may request signatures ahead of time. */
export interface SharedSigner {
  readonly dialect: Dialect;
  /** A backend dates the signatures: correcting the clock here does not help. */
  readonly isRemote?: true;
  sign(request: UnsignedRequest, context: SigningContext, ahead: Prefetch): ObservableInput<SignedRequest>;
}

/** The requests that an upload sends next. */
export interface Prefetch {
  /** One object per upload. */
  readonly fairnessKey: object;
  /** The next requests that have not been started, at most `limit`. */
  readonly next: (limit: number) => readonly UnsignedRequest[];
}
