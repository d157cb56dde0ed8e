import { Subject, type Observable, type ObservableInput } from 'rxjs';
import type { CredentialsHolder } from '../signing/credentials.js';
import type { Dialect } from '../protocol/dialect.js';
import { serverOf, type Endpoint } from '../protocol/request/endpoint.js';
import { InvalidOptionsError } from '../model/errors/errors.js';
import type { UploadEvent } from '../model/upload/event.js';
import type { RequestRecord } from '../model/upload/request-record.js';
import type { SignedRequest, SigningContext, UnsignedRequest } from '../signing/signer.js';
import type { Transport } from '../ports/transport/transport.js';
import type { UploadRequest } from '../upload-request.js';
import type { LearningClock } from './clock.js';
import type { Pool } from './pool.js';

/** A store to upload to, and what its uploads share. Made by `createObsConnection`. */
export interface ObsConnection {
  /** Address of the store; checkpoints of other stores are refused. */
  readonly server: string;
  /**
   * Hot: emits one record for each request of this connection that has ended, by success, failure or abort, before its
   * upload or call emits the outcome. Never completes or fails. A subscriber that throws does not affect uploads; without
   * a subscriber nothing is recorded.
   *
   * @example
   * ```ts
   * obs.requests$.subscribe(({ operation, partNumber, status, durationMs }) =>
   *   console.log(operation, partNumber, status, `${Math.round(durationMs)} ms`),
   * );
   * ```
   */
  readonly requests$: Observable<RequestRecord>;
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
  readonly requests: RequestLog;
  readonly online$: Observable<boolean>;
  /** Subscribes to an upload or a call where the application wants requests and timers to run. */
  readonly around: Around;
  /** null: uploads run in this thread. */
  readonly remote: RemoteUploads | null;
}

/** Uploads that run in another thread. */
export interface RemoteUploads {
  readonly upload$: (request: UploadRequest) => Observable<UploadEvent>;
  /** Upload ids. The other thread learns late that an upload was stopped: no checkpoint of these is saved any more. */
  readonly aborted: Set<string>;
}

/** An operator for any upload or call, which leaves its values as they are. */
export type Around = <T>(source$: Observable<T>) => Observable<T>;

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

/** Registered, so that it is the same in an ESM and a CommonJS copy of this library. */
const SHARED: unique symbol = Symbol.for('rx-obs-upload.connection');

/** A connection with these parts, which only this library can reach. */
export function connectionOver(shared: SharedParts): ObsConnection {
  const connection = { server: serverOf(shared.endpoint), requests$: shared.requests.records$, [SHARED]: shared };
  return connection;
}

/** @throws InvalidOptionsError for anything that `createObsConnection` has not made */
export function sharedOf(connection: ObsConnection): SharedParts {
  const shared = (connection as { readonly [SHARED]?: SharedParts } | null | undefined)?.[SHARED];
  if (shared !== undefined) return shared;
  throw new InvalidOptionsError('connection', 'The connection must be one that createObsConnection returns.');
}

/** The same connection (its permits, clock and records) with other parts in some places. */
export function withShared(connection: ObsConnection, changes: Partial<SharedParts>): ObsConnection {
  return connectionOver({ ...sharedOf(connection), ...changes });
}

/**
 * The same connection, whose uploads and calls are subscribed to through an operator: for frameworks that care where
 * requests and timers run, as Angular does with its zone.
 *
 * @example
 * ```ts
 * const outside = withAround(obs, (source$) => source$.pipe(subscribeOn(asyncScheduler)));
 * ```
 * @throws InvalidOptionsError
 */
export function withAround(connection: ObsConnection, around: Around): ObsConnection {
  const { around: inner } = sharedOf(connection);
  return withShared(connection, { around: (source$) => around(inner(source$)) });
}

/** Emits the records of a connection's requests. */
export interface RequestLog {
  readonly records$: Observable<RequestRecord>;
  /** @param make - called only if there is a subscriber */
  readonly add: (make: () => RequestRecord) => void;
}

export function createRequestLog(): RequestLog {
  const records$ = new Subject<RequestRecord>();
  return {
    // Subscribers get no way to emit.
    records$: records$.asObservable(),
    add: (make) => {
      if (records$.observed) records$.next(make());
    },
  };
}
