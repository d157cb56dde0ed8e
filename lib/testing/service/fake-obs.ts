import type { ObsCredentials } from '../../model/credentials.js';
import type { Transport } from '../../ports/transport/transport.js';
import type { Arrival } from '../../fake-obs/arrivals.js';
import type { FakeCredentials, ObsServiceOptions } from '../../fake-obs/state/config.js';
import type { ObsControl } from '../../fake-obs/state/control.js';
import type { FaultRule } from '../../fake-obs/faults/fault.js';
import type { ObsOperation } from '../../fake-obs/request/request.js';
import type { PartRecord, UploadRecord } from '../../fake-obs/state/state.js';
import type { FakeLine } from '../fakes/clogs.js';
import type { EtagKind } from '../bytes/receive-body.js';

/** Options of an in-memory fake OBS. */
export interface FakeObsOptions extends ObsServiceOptions {
  /** Its address. @defaultValue 'https://obs.test' */
  readonly server?: string | undefined;
  /** The first one is `bucket` of the result. @defaultValue ['media'] */
  readonly buckets?: readonly string[] | undefined;
  /** The credentials that it accepts; the first are `credentials` of the result. */
  readonly credentials?: readonly FakeCredentials[] | undefined;
  /** A plan of faults: see {@link on}. */
  readonly faults?: readonly FaultRule[] | undefined;
  /** Milliseconds from the end of a request's body to its response. @defaultValue 0: synchronous */
  readonly latencyMs?: number | undefined;
  /** How fast each body is sent; null: instantly. @defaultValue null */
  readonly bytesPerSecond?: number | null | undefined;
  /** `upload-progress` events per body. @defaultValue 4 */
  readonly progressSteps?: number | undefined;
  /** @defaultValue true */
  readonly reportsProgress?: boolean | undefined;
  /** How far the service's clock is ahead of RxJS time, in milliseconds. @defaultValue 0 */
  readonly clockSkewMs?: number | undefined;
  /** Origin of the page that sends: CORS then hides what it does not expose. @defaultValue null: not a page */
  readonly origin?: string | null | undefined;
  /** `fast` for many bytes: ETags are then not MD5s. @defaultValue 'md5' */
  readonly etags?: EtagKind | undefined;
  /** The n-th upload's id, counted from 1. @defaultValue 32 hexadecimal digits */
  readonly uploadIds?: ((n: number) => string) | undefined;
}

/** An object of the fake OBS. */
export interface FakeObject {
  /** A new copy on each call. */
  readonly bytes: Uint8Array;
  /** bytes */
  readonly size: number;
  /** Without quotes. */
  readonly etag: string;
  /** The headers of GET: `content-type`, `x-obs-meta-*` … */
  readonly headers: Readonly<Record<string, string>>;
  /** The values of OBS's own headers at its creation, without prefix: `acl`, `tagging`, `meta-*` … */
  readonly options: Readonly<Record<string, string>>;
  /** null if it was created by a single PUT */
  readonly uploadId: string | null;
}

/** A fake OBS in memory, and its log. */
export interface FakeObs extends ObsControl {
  /** To pass to `createObsConnection`. */
  readonly transport: Transport;
  /** The first of those that it accepts. */
  readonly credentials: ObsCredentials;
  /** Such as `https://obs.test`. */
  readonly server: string;
  /** Its first bucket. */
  readonly bucket: string;
  /** Every request that arrived, in order; preflights are not among them. */
  readonly log: readonly Arrival[];
  /** Those arrivals that match. */
  arrivals(operation: ObsOperation, partNumber?: number): readonly Arrival[];
  /** How many requests (of an operation) are in flight now. */
  inFlight(operation?: ObsOperation): number;
  /** The maximum number of requests (of an operation) in flight at once so far. */
  maxInFlight(operation?: ObsOperation): number;
  /** The service's clock, epoch milliseconds. */
  now(): number;
  /**
   * From now on nothing comes through on these connections until `unclog`: bodies stop, responses wait, nothing is
   * lost.
   * @param lines - part numbers, and null for all requests that carry no part
   */
  clog(...lines: readonly FakeLine[]): void;
  /** What was stopped moves on, in the order of the calls. */
  unclog(...lines: readonly FakeLine[]): void;
  /** From now on the service's clock is this many milliseconds ahead of RxJS time: as if the client's had been set. */
  setClockSkew(ms: number): void;
  /** Adds faults to the plan. */
  addFaults(...faults: readonly FaultRule[]): void;
  /** Removes all faults. */
  clearFaults(): void;
  /** From now on only these credentials are accepted. */
  setCredentials(credentials: readonly FakeCredentials[]): void;
  /** null if there is none. @param bucket - by default the fake's first */
  object(key: string, bucket?: string): FakeObject | null;
  /** Unfinished uploads, oldest first. */
  uploads(): readonly UploadRecord[];
  /** By part number; empty if there is no such upload. */
  partsOf(uploadId: string): readonly PartRecord[];
}
