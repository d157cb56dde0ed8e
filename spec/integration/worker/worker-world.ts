import { createHash } from 'node:crypto';
import { firstValueFrom, from, lastValueFrom, toArray } from 'rxjs';
import {
  uploadFile$,
  type CheckpointStore,
  type ObsConnection,
  type UploadCheckpoint,
  type UploadError,
  type UploadEvent,
  type UploadOptions,
} from 'rx-obs-upload';
import { createFakeObs, type FakeObs } from 'rx-obs-upload/testing';
import { workerConnection, type WorkerConnectionOptions } from '../../../lib/worker/uploads/worker-connection.js';
import { FakeUploadWorker } from './upload-worker.js';

export const PART: number = 100 * 1024;
export const CHUNK: number = 10 * 1024;

/** A connection to a fake OBS with fake workers. */
export interface WorkerWorld {
  readonly fake: FakeObs;
  readonly obs: ObsConnection;
  readonly workers: readonly FakeUploadWorker[];
}

export interface StreamWorld extends WorkerWorld {
  upload(
    sourceFile: UploadOptions['sourceFile'],
    options?: Partial<UploadOptions & { key: string; uploadCheckpoint: UploadCheckpoint | null | undefined }>,
  ): ReturnType<typeof uploadFile$>;
}

export function workerWorld(options: Partial<WorkerConnectionOptions> = {}): WorkerWorld {
  const fake = createFakeObs();
  const workers: FakeUploadWorker[] = [];
  const create = (): FakeUploadWorker => {
    const worker = new FakeUploadWorker(fake);
    workers.push(worker);
    return worker;
  };
  const obs = workerConnection(create, { server: fake.server, credentials: fake.credentials, ...options } as never);
  return { fake, obs, workers };
}

export function streamWorld(): StreamWorld {
  const world = workerWorld();
  const { fake, obs } = world;
  const request = { bucket: fake.bucket, key: 'film.webm', partSize: PART, lock: null, progressIntervalMs: 0 };
  return { ...world, upload: (sourceFile, options) => uploadFile$(obs, { ...request, sourceFile, ...options }) };
}

/** Bytes that differ from chunk to chunk. */
export function chunkAt(i: number, size = CHUNK): Uint8Array {
  return new Uint8Array(size).map((_, at) => (at * 7 + i * 31 + (at >> 8)) % 256);
}

export function chunks(count: number): Uint8Array[] {
  return Array.from({ length: count }, (_, i) => chunkAt(i));
}

export function expectStored({ fake }: WorkerWorld, bytes: readonly Uint8Array[], key = 'film.webm'): void {
  const object = fake.object(key);
  expect(object?.bytes.byteLength).toBe(Buffer.concat(bytes).length);
  expect(sha256(object?.bytes ?? new Uint8Array())).toBe(sha256(Buffer.concat(bytes)));
}

export function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

export function all(event$: ReturnType<typeof uploadFile$>): Promise<readonly UploadEvent[]> {
  return lastValueFrom(event$.pipe(toArray()));
}

export async function errorOf(event$: ReturnType<typeof uploadFile$>): Promise<UploadError | null> {
  return all(event$).then(
    () => null,
    (error: unknown) => error as UploadError,
  );
}

/** Waits until a condition is true, while messages are delivered. */
export async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  for (let turns = 0; !(await condition()); turns += 1) {
    if (turns > 20_000) throw new Error('It never happened.');
    await settle();
  }
}

export function settle(): Promise<unknown> {
  return new Promise((resolve) => setImmediate(resolve));
}

export async function pending(store: CheckpointStore): Promise<readonly UploadCheckpoint[]> {
  const found = await firstValueFrom(from(store.list()));
  return found.map(({ checkpoint }) => checkpoint);
}

/** With fake timers: each timer fires that is due after a sleep, but none that it starts. `jest.restoreAllMocks()` undoes it. */
export function sleep(ms: number): void {
  const { now } = performance;
  jest.spyOn(performance, 'now').mockImplementation(() => now.call(performance) + ms);
  jest.runOnlyPendingTimers();
}

/** Uses real time, without timers that keep the process alive: an idle worker is terminated much later. */
export function withoutLongTimers(): void {
  beforeAll(() =>
    jest.useFakeTimers({ advanceTimers: true, doNotFake: ['setImmediate', 'nextTick', 'queueMicrotask'] }),
  );
  afterAll(() => jest.useRealTimers());
}
