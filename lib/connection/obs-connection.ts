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

/** What uploads of one connection learn and use together. */
export interface SharedParts {
  readonly endpoint: Endpoint;
  readonly signer: SharedSigner;
  /** Hosts that a signed URL may name beside the endpoint's own. */
  readonly allowedHosts: readonly string[];
  readonly credentials: CredentialsHolder;
  readonly clock: LearningClock;
  /** Asks the application for the time: one value, epoch milliseconds; null where it offers none. */
  readonly serverTime$: Observable<number> | null;
  readonly transport: Transport;
  readonly pool: Pool;
  readonly online$: Observable<boolean>;
  /** Subscribes to an upload or a call where the application wants requests and timers to run (Angular: outside its zone). */
  readonly around: <T>(source$: Observable<T>) => Observable<T>;
}

/** A `Signer`, or one that asks a backend: that one may ask for what comes next as well. */
export interface SharedSigner {
  readonly dialect: Dialect;
  /** Its signatures have an end of their own, which no clock of ours moves. */
  readonly isRemote?: true;
  sign(request: UnsignedRequest, context: SigningContext, ahead: Prefetch): ObservableInput<SignedRequest>;
}

/** What an upload sends next. */
export interface Prefetch {
  /** Whose: one object an upload. */
  readonly owner: object;
  /** The next ones that have not begun yet, at most so many. */
  readonly next: (most: number) => readonly UnsignedRequest[];
}
