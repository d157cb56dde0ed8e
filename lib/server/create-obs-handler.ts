import { randomBytes } from 'node:crypto';
import { rm, writeFile } from 'node:fs/promises';
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { resolve } from 'node:path';
import { wallNow } from '../time.js';
import type { ArrivalLog } from '../fake-obs/arrivals.js';
import { loopbackCorsRule, type FakeCredentials, type ObsServiceOptions } from '../fake-obs/state/config.js';
import { createControl, type ObsControl } from '../fake-obs/state/control.js';
import type { FaultRule } from '../fake-obs/faults/fault.js';
import { createObsService } from '../fake-obs/service.js';
import { newName } from './storage/disk.js';
import type { ServerCore } from './core.js';
import { handle } from './http/handle.js';
import { createHostCheck, localHosts, refuseHost } from './http/host-check.js';
import { isolate } from './http/send-answer.js';
import { createLocks, lockNameOf } from './storage/locks.js';
import { createStorage } from './storage/storage.js';

/** What a local OBS stores and accepts, and its faults. */
export interface ObsHandlerOptions extends ObsServiceOptions {
  /**
   * Where everything is stored; finished objects are plain files in `objects/<bucket>/<key>`. It belongs to one
   * local OBS at a time.
   */
  readonly directory: string;
  /**
   * What requests may be signed with.
   * @defaultValue an access key with a random secret: see `credentials` of the result
   */
  readonly credentials?: FakeCredentials | readonly FakeCredentials[] | undefined;
  /** Made at the start if they are not there. @defaultValue ['media'] */
  readonly buckets?: readonly string[] | undefined;
  /** A plan of faults: see {@link on}. */
  readonly faults?: readonly FaultRule[] | undefined;
  /** epoch milliseconds. @defaultValue Date.now */
  readonly clock?: (() => number) | undefined;
  /** Milliseconds after which the response of a long complete is begun with spaces. @defaultValue 10,000 */
  readonly dripAfterMs?: number | undefined;
  /** Maximum number of requests in the log. @defaultValue 100,000 */
  readonly logLimit?: number | undefined;
}

/** A local OBS as a request listener, to be put into a server of one's own. */
export interface ObsHandler extends RequestListener {
  (request: IncomingMessage, response: ServerResponse): void;
  /** For the server's `checkContinue` event, so that a body that will be refused is not sent. */
  readonly checkContinue: RequestListener;
  /** Resolves once what is on disk has been read; rejects where the directory cannot be used. */
  readonly ready: Promise<void>;
  /** Credentials to sign with: the first that were given, otherwise generated at the start. */
  readonly credentials: FakeCredentials;
  /** The requests that arrived. */
  readonly log: ArrivalLog;
  /** Reads and changes the state independently of requests; `settled` resolves when that is on disk. */
  readonly control: ObsControl;
  /** Resolves when what `control` changed is on disk. */
  readonly settled: () => Promise<void>;
  /** Adds faults to the plan. */
  readonly addFaults: (...faults: readonly FaultRule[]) => void;
  /** From now on only these are accepted. */
  readonly setCredentials: (credentials: FakeCredentials | readonly FakeCredentials[]) => void;
  /** Path of an object's file; null if there is no such object. */
  readonly fileOf: (bucket: string, key: string) => string | null;
  /** Breaks what is in flight and waits until nothing is written any more. The server itself is closed by its owner. */
  close(): Promise<void>;
}

/**
 * A local OBS as a request listener. It begins to read its directory at once; requests wait for that.
 *
 * What its defaults let in is this machine alone: pages of `localhost` by CORS, and requests by a Host that is an
 * address, `localhost` or one of `serverHosts` and `cnames` (others get 421: a name of the web may point here, which
 * is called DNS rebinding).
 *
 * @example
 * ```ts
 * const obs = createObsHandler({ directory: '.obs', credentials: { accessKeyId: 'local', secretAccessKey: 'secret' } });
 * createServer({ requestTimeout: 0 }, obs).listen(8080, '127.0.0.1');
 * ```
 */
export function createObsHandler(options: ObsHandlerOptions): ObsHandler {
  let credentials = listOf(options.credentials ?? randomCredentials());
  const [first = randomCredentials()] = credentials;
  const isOwnHost = createHostCheck(options);
  const service = createObsService(
    { ...options, cors: options.cors === undefined ? loopbackCorsRule : options.cors },
    {
      now: options.clock ?? wallNow,
      newId: newName,
      newUploadId: () => randomBytes(16).toString('hex').toUpperCase(),
      credentials: () => credentials,
      serverHosts: localHosts,
      scheme: 'http',
    },
    options.logLimit ?? 100_000,
  );
  const { store } = service;
  const storage = createStorage(resolve(options.directory), store);
  const locks = createLocks();
  let changes: Promise<void> = Promise.resolve();
  const control = createControl(store.state, service.config, (effect, bytes) => {
    changes = changes
      .catch(() => undefined)
      .then(async () => {
        const path = bytes === null ? null : storage.temporaryPath();
        try {
          if (path !== null) await writeFile(path, bytes ?? '', { flush: true, flag: 'wx' });
          await locks.run(lockNameOf(effect, store.state), () => storage.carryOut(effect, path));
        } finally {
          if (path !== null) await rm(path, { force: true });
        }
      });
    changes.catch(() => undefined);
  });
  const core: ServerCore = {
    service,
    storage,
    locks,
    control,
    settled: () => changes,
    dripAfterMs: options.dripAfterMs ?? 10_000,
  };
  const ready = start(core, options.buckets ?? ['media']);
  ready.catch(() => undefined);

  const running = new Map<Promise<void>, ServerResponse>();
  const listener =
    (waits: boolean) =>
    (request: IncomingMessage, response: ServerResponse): void => {
      isolate(response);
      if (!isOwnHost(request.headers.host)) return refuseHost(response);
      const task = ready.then(
        () => handle(core, request, response, waits),
        (error: unknown) => {
          response.writeHead(500, { 'content-type': 'text/plain' });
          response.end(error instanceof Error ? error.message : 'The local OBS could not be started.');
        },
      );
      running.set(task, response);
      task.catch(() => response.destroy()).finally(() => running.delete(task));
    };

  return Object.assign(listener(false), {
    checkContinue: listener(true),
    ready,
    credentials: first,
    log: service.log,
    control,
    settled: () => changes,
    addFaults: (...faults: readonly FaultRule[]) => service.faults.add(...faults),
    setCredentials: (next: FakeCredentials | readonly FakeCredentials[]) => void (credentials = listOf(next)),
    fileOf(bucket: string, key: string) {
      const object = store.state.buckets.get(bucket)?.objects.get(key);
      return object === undefined ? null : storage.fileOf(object.bytesId);
    },
    async close() {
      for (const response of running.values()) response.destroy();
      await Promise.allSettled([...running.keys(), changes, ready]);
      await storage.close();
    },
  });
}

async function start({ service, storage }: ServerCore, buckets: readonly string[]): Promise<void> {
  await storage.load();
  for (const name of buckets) {
    if (service.store.state.buckets.has(name)) continue;
    const bucket = { name, createdAt: service.config.now(), objects: new Map() };
    await storage.carryOut({ type: 'create-bucket', bucket }, null);
  }
}

function randomCredentials(): FakeCredentials {
  return { accessKeyId: 'local', secretAccessKey: randomBytes(20).toString('hex') };
}

function listOf(credentials: FakeCredentials | readonly FakeCredentials[]): readonly FakeCredentials[] {
  return Array.isArray(credentials) ? (credentials as readonly FakeCredentials[]) : [credentials as FakeCredentials];
}
