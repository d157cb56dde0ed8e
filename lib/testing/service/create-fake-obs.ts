import { wallNow } from '../../time.js';
import { utf8 } from '../../bytes.js';
import { md5Hex } from '../../ports/hash/md5.js';
import type { FakeCredentials } from '../../fake-obs/state/config.js';
import { createControl } from '../../fake-obs/state/control.js';
import { writeObjectHeaders } from '../../fake-obs/request/object-headers.js';
import { createObsService } from '../../fake-obs/service.js';
import { createBytesStore } from '../bytes/bytes-store.js';
import { createClogs } from '../fakes/clogs.js';
import type { FakeObsCore } from './core.js';
import type { FakeObs, FakeObsOptions } from './fake-obs.js';
import { fakeTransport } from './fake-transport.js';
import { pageOf } from './page.js';
import { collect, piecesOf } from '../bytes/pieces.js';
import { withoutTrailingSlashes } from '../../protocol/request/url.js';

const defaultCredentials: FakeCredentials = {
  accessKeyId: 'FAKEACCESSKEYID00001',
  secretAccessKey: 'fake-secret-access-key-for-tests-only-01',
};

/**
 * A complete in-memory OBS as a `Transport`: it checks signatures, stores parts, completes objects and injects faults.
 * Its time is RxJS time, so it runs in `TestScheduler.run`; there it does not read Blobs, since only Promises can, and
 * gives them an ETag that is not an MD5.
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
  let skew = options.clockSkewMs ?? 0;
  const now = (): number => wallNow() + skew;
  let ids = 0;
  let uploadCount = 0;
  const uploadIds = options.uploadIds ?? ((n: number): string => md5Hex(utf8(`upload ${n}`)).toUpperCase());

  const service = createObsService(options, {
    now,
    newId: () => (++ids).toString(16).toUpperCase().padStart(32, '0'),
    newUploadId: () => uploadIds(++uploadCount),
    credentials: () => credentials,
    serverHosts: [new URL(server).hostname],
    basePath: withoutTrailingSlashes(new URL(server).pathname),
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
    clogs: createClogs(),
    page: options.origin == null ? null : pageOf(options.origin),
    latencyMs: (plan) => (options.latencyMs ?? 0) + plan.delayMs,
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
    clog: (...lines) => lines.forEach((line) => core.clogs.clog(line)),
    unclog: (...lines) => lines.forEach((line) => core.clogs.unclog(line)),
    setClockSkew: (ms) => void (skew = ms),
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
