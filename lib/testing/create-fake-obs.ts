import { asyncScheduler } from 'rxjs';
import { utf8 } from '../hash/bytes.js';
import { md5Hex } from '../hash/md5.js';
import type { ObsCredentials } from '../model/credentials.js';
import type { Transport } from '../transport/transport.js';
import type { Arrival } from '../fake-obs/arrivals.js';
import type { FakeCredentials, ObsServiceOptions } from '../fake-obs/config.js';
import { createControl, type ObsControl } from '../fake-obs/control.js';
import type { FaultRule } from '../fake-obs/faults/fault.js';
import { writeObjectHeaders } from '../fake-obs/object-headers.js';
import type { ObsOperation } from '../fake-obs/request.js';
import { createObsService } from '../fake-obs/service.js';
import type { PartRecord, UploadRecord } from '../fake-obs/state.js';
import { createBytesStore } from './bytes-store.js';
import type { FakeObsCore } from './core.js';
import { fakeTransport } from './fake-transport.js';
import { pageOf } from './page.js';
import { collect, piecesOf } from './pieces.js';
import type { EtagKind } from './receive-body.js';

/** How a fake OBS in memory differs from the plainest one. */
export interface FakeObsOptions extends ObsServiceOptions {
  /** Its address. @defaultValue 'https://obs.test' */
  readonly server?: string;
  /** The first one is `bucket` of the result. @defaultValue ['media'] */
  readonly buckets?: readonly string[];
  /** The keys that it accepts; the first ones are `credentials` of the result. */
  readonly credentials?: readonly FakeCredentials[];
  readonly faults?: readonly FaultRule[];
  /** Milliseconds from the end of a request's body to its answer. @defaultValue 0: synchronous */
  readonly latencyMs?: number;
  /** How fast each body goes out; null: at once. @defaultValue null */
  readonly bytesPerSecond?: number | null;
  /** `upload-progress` events a body. @defaultValue 4 */
  readonly progressSteps?: number;
  /** @defaultValue true */
  readonly reportsProgress?: boolean;
  /** How far the service's clock is ahead of RxJS time, in milliseconds. @defaultValue 0 */
  readonly clockSkewMs?: number;
  /** Origin of the page that sends: CORS then hides what it does not expose. @defaultValue null: no page */
  readonly origin?: string | null;
  /** `fast` for many bytes: ETags are then no MD5s. @defaultValue 'md5' */
  readonly etags?: EtagKind;
  /** The n-th upload's id, counted from 1. @defaultValue 32 hexadecimal digits */
  readonly uploadIds?: (n: number) => string;
}

/** An object of the fake OBS. */
export interface FakeObject {
  /** Made anew at each call. */
  readonly bytes: Uint8Array;
  readonly size: number;
  /** Without quotes. */
  readonly etag: string;
  /** What GET tells of it: `content-type`, `x-obs-meta-*` … */
  readonly headers: Readonly<Record<string, string>>;
  /** All that it was made with by OBS's own headers, without prefix: `acl`, `tagging`, `meta-*` … */
  readonly options: Readonly<Record<string, string>>;
  /** null where one PUT made it */
  readonly uploadId: string | null;
}

/** A fake OBS in memory, and its log. */
export interface FakeObs extends ObsControl {
  /** To be given to `createObsConnection`. */
  readonly transport: Transport;
  readonly credentials: ObsCredentials;
  /** Such as `https://obs.test`. */
  readonly server: string;
  readonly bucket: string;
  /** Every request that arrived, in order; preflights are not among them. */
  readonly log: readonly Arrival[];
  /** Those arrivals that match. */
  arrivals(operation: ObsOperation, partNumber?: number): readonly Arrival[];
  /** How many requests (of an operation) are in flight now. */
  inFlight(operation?: ObsOperation): number;
  /** The most requests (of an operation) that ever were in flight at once. */
  maxInFlight(operation?: ObsOperation): number;
  /** The service's clock, epoch milliseconds. */
  now(): number;
  addFaults(...faults: readonly FaultRule[]): void;
  /** From now on nothing goes wrong. */
  clearFaults(): void;
  /** From now on only these keys are accepted. */
  setCredentials(credentials: readonly FakeCredentials[]): void;
  /** null where there is none. @param bucket - by default the fake's first */
  object(key: string, bucket?: string): FakeObject | null;
  /** Unfinished uploads, oldest first. */
  uploads(): readonly UploadRecord[];
  /** By part number; empty where there is no such upload. */
  partsOf(uploadId: string): readonly PartRecord[];
}

const defaultCredentials: FakeCredentials = {
  accessKeyId: 'FAKEACCESSKEYID00001',
  secretAccessKey: 'fake-secret-access-key-for-tests-only-01',
};

/**
 * A whole OBS in memory as a `Transport`: it checks signatures, keeps parts, completes objects and does the faults it
 * is told to. Its time is RxJS time, so it runs in `TestScheduler.run`; there it takes Blobs unread, with an ETag that
 * is no MD5, as they can be read by Promises only.
 *
 * @example
 * ```ts
 * const obs = createFakeObs({ faults: [on('uploadPart', { partNumber: 3 }).respond(503, 'SlowDown')] });
 * const connection = createObsConnection({ server: obs.server, credentials: obs.credentials, transport: obs.transport });
 * ```
 */
export function createFakeObs(options: FakeObsOptions = {}): FakeObs {
  const server = options.server ?? 'https://obs.test';
  const buckets = options.buckets ?? ['media'];
  let credentials = options.credentials ?? [defaultCredentials];
  const first = credentials[0] ?? defaultCredentials;
  const skew = options.clockSkewMs ?? 0;
  const now = (): number => asyncScheduler.now() + skew;
  let ids = 0;
  let uploadCount = 0;
  const uploadIds = options.uploadIds ?? ((n: number): string => md5Hex(utf8(`upload ${n}`)).toUpperCase());

  const service = createObsService(options, {
    now,
    newId: () => (++ids).toString(16).toUpperCase().padStart(32, '0'),
    newUploadId: () => uploadIds(++uploadCount),
    credentials: () => credentials,
    serverHosts: [new URL(server).hostname],
    scheme: server.startsWith('http:') ? 'http' : 'https',
  });
  const bytes = createBytesStore(service.store);
  for (const name of buckets)
    bytes.carryOut({ type: 'create-bucket', bucket: { name, createdAt: now(), objects: new Map() } }, null);
  const { state } = service.store;
  const control = createControl(state, service.config, (effect, content) =>
    bytes.carryOut(effect, content === null ? null : piecesOf(content)),
  );
  const core: FakeObsCore = {
    service,
    bytes,
    control,
    etags: options.etags ?? 'md5',
    page: options.origin == null ? null : pageOf(options.origin),
    latencyMs: (plan) => (options.latencyMs ?? 0) + plan.delayMs + plan.dripMs,
    bytesPerSecond: (plan) => plan.bytesPerSecond ?? options.bytesPerSecond ?? null,
  };
  const bucket = buckets[0] ?? 'media';

  return {
    ...control,
    transport: fakeTransport(core, {
      reportsProgress: options.reportsProgress ?? true,
      progressSteps: options.progressSteps ?? 4,
      origin: options.origin ?? null,
    }),
    credentials: {
      accessKeyId: first.accessKeyId,
      secretAccessKey: first.secretAccessKey,
      securityToken: first.securityToken ?? null,
      expiresAt: first.expiresAt ?? null,
    },
    server,
    bucket,
    log: service.log.entries,
    arrivals: (operation, partNumber) =>
      service.log.entries.filter(
        (entry) => entry.operation === operation && (partNumber === undefined || entry.partNumber === partNumber),
      ),
    inFlight: (operation) => service.log.inFlight(operation),
    maxInFlight: (operation) => service.log.maxInFlight(operation),
    now,
    addFaults: (...faults) => service.faults.add(...faults),
    clearFaults: () => service.faults.clear(),
    setCredentials: (next) => void (credentials = next),
    object(key, from = bucket) {
      const record = state.buckets.get(from)?.objects.get(key);
      if (record === undefined) return null;
      return {
        get bytes() {
          return collect(bytes.get(record.bytesId));
        },
        size: record.size,
        etag: record.etag,
        headers: writeObjectHeaders(record.headers, 'x-obs-'),
        options: record.headers.extension,
        uploadId: record.uploadId,
      };
    },
    uploads: () => [...state.uploads.values()],
    partsOf: (uploadId) =>
      [...(state.uploads.get(uploadId)?.parts.values() ?? [])].sort((a, b) => a.partNumber - b.partNumber),
  };
}
