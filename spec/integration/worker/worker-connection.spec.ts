import {
  BehaviorSubject,
  defer,
  filter,
  firstValueFrom,
  lastValueFrom,
  of,
  Subject,
  takeUntil,
  tap,
  throwError,
} from 'rxjs';
import {
  InvalidOptionsError,
  isUploadError,
  memoryCheckpointStore,
  ServiceError,
  SigningError,
  uploadFile$,
  WorkerError,
  type UploadCheckpoint,
  type UploadError,
  type UploadRequest,
} from 'rx-obs-upload';
import { createFakeObs, on } from 'rx-obs-upload/testing';
import {
  workerConnection,
  type UploadWorker,
  type WorkerConnectionOptions,
} from '../../../lib/worker/uploads/worker-connection.js';
import { FakeUploadWorker } from './upload-worker.js';
import {
  all,
  errorOf,
  expectStored as expectBytesStored,
  PART,
  pending,
  settle,
  sleep,
  until,
  withoutLongTimers,
  workerWorld,
  type WorkerWorld,
} from './worker-world.js';
import { seededBytes } from '../../support/seeded-bytes.js';

const KEY = 'film.mp4';

interface World extends WorkerWorld {
  readonly bytes: Uint8Array;
  readonly request: UploadRequest;
}

const { credentials } = createFakeObs();

function createWorld(parts: number, options: Partial<WorkerConnectionOptions> = {}): World {
  const world = workerWorld(options);
  const bytes = new Uint8Array(seededBytes(parts * PART));
  const sourceFile = new Blob([bytes]);
  const request: UploadRequest = { bucket: world.fake.bucket, key: KEY, sourceFile, partSize: PART, lock: null };
  return { ...world, bytes, request };
}

function createCircularCause(): Error {
  const error = new Error('a');
  error.cause = error;
  return error;
}

function throwUnreadable(): never {
  throw new Error('it is not there');
}

function expectStored(world: World): void {
  expectBytesStored(world, [world.bytes], KEY);
}

withoutLongTimers();

afterEach(() => jest.restoreAllMocks());

describe('a connection with uploads in a worker', () => {
  it('starts no worker before an upload is subscribed to', () => {
    const { obs, request, workers } = createWorld(1);
    uploadFile$(obs, request);
    expect(workers).toHaveLength(0);
  });

  it('fails if the script of its worker does not call serveUploads, and starts another worker for the next upload', async () => {
    const { fake, request } = createWorld(1);
    const silent = { addEventListener: jest.fn(), postMessage: jest.fn(), terminate: jest.fn() };
    const start = jest.fn<UploadWorker, []>().mockReturnValueOnce(silent).mockReturnValue(new FakeUploadWorker(fake));
    const obs = workerConnection(start, { server: fake.server, credentials: fake.credentials });
    const failed = errorOf(uploadFile$(obs, request));
    await jest.advanceTimersByTimeAsync(30_000);
    const error = await failed;
    expect(error).toBeInstanceOf(WorkerError);
    expect(error?.message).toContain('must call serveUploads()');
    expect(silent.terminate).toHaveBeenCalledTimes(1);
    expect((await all(uploadFile$(obs, request))).at(-1)?.type).toBe('completed');
  });

  it('does not count sleep as silence of a worker that starts', async () => {
    // Those of other specs.
    jest.clearAllTimers();
    const { fake, request } = createWorld(1);
    const silent = { addEventListener: jest.fn(), postMessage: jest.fn(), terminate: jest.fn() };
    const obs = workerConnection(() => silent, { server: fake.server, credentials: fake.credentials });
    const failed = errorOf(uploadFile$(obs, request));
    sleep(30 * 60_000);
    await settle();
    expect(silent.terminate).not.toHaveBeenCalled();
    await jest.advanceTimersByTimeAsync(30_000);
    expect(await failed).toBeInstanceOf(WorkerError);
    expect(silent.terminate).toHaveBeenCalledTimes(1);
  });

  it('emits the same events as an upload in the page', async () => {
    const world = createWorld(3);
    const events = await all(uploadFile$(world.obs, { ...world.request, progressIntervalMs: 0 }));
    expectStored(world);
    const types = events.map(({ type }) => type);
    expect(types.filter((type) => type === 'part-started')).toHaveLength(3);
    // Parts are sent while the file is still being sampled, so the order of their starts depends on timing.
    expect(types.filter((type) => type !== 'progress' && type !== 'part-started')).toEqual([
      'started',
      'checkpoint',
      ...['checkpoint', 'part-completed', 'checkpoint', 'part-completed', 'checkpoint', 'part-completed'],
      'completing',
      'completed',
    ]);
    expect(world.workers).toHaveLength(1);
  });

  it('sends events in fewer messages than there are events', async () => {
    const { obs, request, workers } = createWorld(60);
    // The interval is much longer than the upload, so all events wait for the end.
    const events = await all(uploadFile$(obs, { ...request, taskNum: 6, progressIntervalMs: 600_000 }));
    const messages = workers[0]?.messages.filter(({ from, type }) => from === 'worker' && type === 'next').length ?? 0;
    expect(events.length).toBeGreaterThan(120);
    expect(messages).toBeLessThan(events.length / 10);
  });

  it.each([20, 100])(
    'sends at most one message with events per %i ms, besides the first checkpoint and the last event',
    async (progressIntervalMs) => {
      const { fake, obs, request, workers } = createWorld(60);
      fake.addFaults(on('uploadPart', { partNumber: 30 }).delay(250));
      // The worker batches events by the same clock.
      const startedAt = performance.now();
      await all(uploadFile$(obs, { ...request, taskNum: 6, progressIntervalMs }));
      const intervals = (performance.now() - startedAt) / progressIntervalMs;
      const fromWorker = workers[0]?.messages.filter(({ from, type }) => from === 'worker' && type === 'next') ?? [];
      // The first one says that the worker has started.
      const messages = fromWorker.length - 1;
      expect(messages).toBeGreaterThan(1);
      expect(messages).toBeLessThanOrEqual(Math.floor(intervals) + 3);
    },
  );

  it('requests credentials in the page, once', async () => {
    const calls: number[] = [];
    const world = createWorld(3);
    const credentials = (): typeof world.fake.credentials => {
      calls.push(1);
      return world.fake.credentials;
    };
    const obs = workerConnection(() => new FakeUploadWorker(world.fake), {
      server: world.fake.server,
      credentials: () => of(credentials()),
    });
    await all(uploadFile$(obs, { ...world.request, taskNum: 3 }));
    expectStored(world);
    expect(calls).toHaveLength(1);
  });

  it('accepts credentials that their function returns directly, as in the page', async () => {
    const world = createWorld(1, { credentials: (() => credentials) as never });
    await all(uploadFile$(world.obs, world.request));
    expectStored(world);
  });

  it('fails with errors that have their class, fields and checkpoint', async () => {
    const { fake, obs, request } = createWorld(3);
    fake.addFaults(on('uploadPart', { partNumber: 2, times: 20 }).respond(403, 'AccessDenied'));
    const error = await errorOf(uploadFile$(obs, { ...request, retry: { maxAttempts: 1 } }));
    expect(error).toBeInstanceOf(ServiceError);
    expect(isUploadError(error)).toBe(true);
    expect(error).toMatchObject({
      code: 'service',
      status: 403,
      serviceCode: 'AccessDenied',
      operation: 'uploadPart',
      partNumber: 2,
      checkpoint: { parts: [{ partNumber: 1 }] },
    });
    expect((error as ServiceError).name).toBe('ServiceError');
    expect((error as ServiceError).resumable).toBe(true);
  });

  it('fails as in the page if a presigning backend denies a request', async () => {
    const { fake, request } = createWorld(1);
    const obs = workerConnection(() => new FakeUploadWorker(fake), {
      server: fake.server,
      presign: () => throwError(() => Object.assign(new Error('log in again'), { status: 401 })),
    });
    const error = await errorOf(uploadFile$(obs, request));
    expect(error).toBeInstanceOf(SigningError);
    expect(error).toMatchObject({ code: 'presign', retryable: false, cause: { message: 'log in again', status: 401 } });
  });

  it('aborts in the worker after an unsubscribe, and resumes from the checkpoint', async () => {
    const world = createWorld(4);
    const { fake, obs, request } = world;
    fake.addFaults(on('uploadPart', { partNumber: 3 }).stall('before-body'));
    const stop$ = new Subject<void>();
    let checkpoint: UploadCheckpoint | null = null;
    await lastValueFrom(
      uploadFile$(obs, { ...request, progressIntervalMs: 0 }).pipe(
        tap((event) => {
          if (event.type !== 'checkpoint') return;
          checkpoint = event.checkpoint;
          if (event.checkpoint.parts.length === 2) stop$.next();
        }),
        takeUntil(stop$),
      ),
    );
    await until(() => fake.inFlight() === 0);
    expect(fake.log.at(-1)).toMatchObject({ partNumber: 3, aborted: true });
    const sent = fake.log.length;
    fake.clearFaults();
    await all(uploadFile$(obs, { ...request, uploadCheckpoint: checkpoint }));
    expectStored(world);
    const numbers = fake.log.slice(sent).map(({ partNumber }) => partNumber);
    expect(numbers).not.toContain(1);
  });

  it('follows an Observable of taskNum', async () => {
    const world = createWorld(6);
    const taskNum = new BehaviorSubject(1);
    await all(
      uploadFile$(world.obs, { ...world.request, taskNum, progressIntervalMs: 0 }).pipe(
        tap(({ type }) => type === 'part-completed' && taskNum.next(3)),
      ),
    );
    expectStored(world);
    expect(taskNum.observed).toBe(false);
  });

  it.each([1, 3])(
    'knows the value that an Observable of trafficLimit has at once, before %i parts are sent',
    async (parts) => {
      const world = createWorld(parts);
      const trafficLimit = new BehaviorSubject(8_388_608);
      await all(uploadFile$(world.obs, { ...world.request, trafficLimit, taskNum: 3 }));
      const sent = world.fake.log.filter(({ size }) => size === PART);
      expect(sent.map(({ headers }) => headers['x-obs-traffic-limit'])).toEqual(Array(parts).fill('8388608'));
      expect(trafficLimit.observed).toBe(false);
    },
  );

  it('subscribes to an Observable of the request once', async () => {
    const world = createWorld(2);
    let subscriptions = 0;
    const taskNum = defer(() => of(++subscriptions));
    await all(uploadFile$(world.obs, { ...world.request, taskNum }));
    expect(subscriptions).toBe(1);
  });

  it('saves checkpoints in a store of the page, even the last one after an unsubscribe', async () => {
    const world = createWorld(4);
    world.fake.addFaults(on('uploadPart', { partNumber: 3 }).stall('before-body'));
    const store = memoryCheckpointStore();
    const request = { ...world.request, checkpointStore: store, progressIntervalMs: 0 };
    await firstValueFrom(
      uploadFile$(world.obs, request).pipe(
        filter((event) => event.type === 'part-completed' && event.partNumber === 2),
      ),
    );
    await until(async () => (await pending(store))[0]?.parts.length === 2);
    await all(uploadFile$(world.obs, request));
    expectStored(world);
    await until(async () => (await pending(store)).length === 0);
  });

  it('can resume in another worker after its worker has crashed', async () => {
    const world = createWorld(4);
    const { obs, request, workers } = world;
    world.fake.addFaults(on('uploadPart', { partNumber: 3 }).stall('before-body'));
    const error = await errorOf(
      uploadFile$(obs, { ...request, progressIntervalMs: 0 }).pipe(
        tap((event) => {
          if (event.type === 'part-completed' && event.partNumber === 2) workers[0]?.crash();
        }),
      ),
    );
    expect(error).toBeInstanceOf(WorkerError);
    const { code, resumable, checkpoint } = error as UploadError;
    expect([code, resumable]).toEqual(['worker-lost', true]);
    expect(checkpoint?.parts).toHaveLength(2);
    await all(uploadFile$(obs, { ...request, uploadCheckpoint: checkpoint }));
    expectStored(world);
    expect(workers).toHaveLength(2);
  });

  it('reports a worker that cannot be started', async () => {
    const { fake, request } = createWorld(1);
    const createBlocked = (): never => {
      throw new Error('blocked by the policy');
    };
    const obs = workerConnection(createBlocked, { server: fake.server, credentials: fake.credentials });
    const error = await errorOf(uploadFile$(obs, request));
    expect(error).toMatchObject({ code: 'worker-lost', checkpoint: null, cause: { message: 'blocked by the policy' } });
  });

  it('has the error of a script that throws as its cause, which the console then does not show', async () => {
    const { obs, request, workers } = createWorld(1);
    const failed = errorOf(uploadFile$(obs, request));
    const thrown = {
      message: 'Uncaught TypeError: a bug',
      filename: 'https://example.com/upload.worker.js',
      lineno: 7,
    };
    const event = Object.assign(new Event('error', { cancelable: true }), thrown);
    workers[0]?.dispatchEvent(event);
    expect(event.defaultPrevented).toBe(true);
    expect(await failed).toMatchObject({
      code: 'worker-lost',
      cause: { message: 'Uncaught TypeError: a bug (https://example.com/upload.worker.js:7).' },
    });
  });

  it.each<[string, (request: UploadRequest) => UploadRequest]>([
    ['sourceFile', (request) => ({ ...request, sourceFile: { size: 1, slice: () => '', read: () => of() } as never })],
    ['retry.jitter', (request) => ({ ...request, retry: { jitter: () => 0 } })],
  ])('rejects a %s that cannot be sent to a worker', async (option, change) => {
    const { obs, request, workers } = createWorld(1);
    const error = await errorOf(uploadFile$(obs, change(request)));
    expect(error).toBeInstanceOf(InvalidOptionsError);
    expect(error).toMatchObject({ option });
    expect(workers).toHaveLength(0);
  });

  it.each<[string, object, object]>([
    ['of a request', {}, { client: { send: () => null }, rows: [{ render: () => null }] }],
    ['of the connection', { client: { send: () => null } }, {}],
    ['of credentials', { credentials: () => of({ ...credentials, refresh: () => null }) }, {}],
  ])('omits a field %s that is not an option and cannot be sent to a worker', async (_, options, fields) => {
    const world = createWorld(1, options);
    await all(uploadFile$(world.obs, { ...world.request, ...fields }));
    expectStored(world);
  });

  it('omits circular references of an object that cannot be cloned', async () => {
    const circular = Object.assign({ ...credentials, refresh: () => null }, { self: {} });
    circular.self = circular;
    const world = createWorld(1, { credentials: () => of(circular) });
    await all(uploadFile$(world.obs, world.request));
    expectStored(world);
  });

  it('fails if a value of the page cannot be read, instead of waiting for it', async () => {
    const unreadable = {
      ...credentials,
      get comment(): string {
        throw new Error('it is not there');
      },
    };
    const { obs, request } = createWorld(1, { credentials: () => of(unreadable) });
    const error = await errorOf(uploadFile$(obs, { ...request, retry: { maxAttempts: 1 } }));
    expect(error).toBeInstanceOf(SigningError);
  });

  it.each<[string, unknown]>([
    ['an error that is its own cause', createCircularCause()],
    ['an object without a prototype', Object.create(null)],
    ['a symbol', Symbol('a')],
    ['an object that cannot be read', Object.defineProperty({}, 'message', { get: throwUnreadable })],
    ['an error with a field that cannot be sent', Object.assign(new Error('a'), { retry: () => null })],
  ])('fails if a function of the page fails with %s', async (_, failure) => {
    const { obs, request } = createWorld(1, { credentials: () => throwError(() => failure) });
    const error = await errorOf(uploadFile$(obs, { ...request, retry: { maxAttempts: 1 } }));
    expect(error).toBeInstanceOf(SigningError);
  });

  it('terminates the worker half a minute after the last upload', async () => {
    const { obs, request, workers } = createWorld(1);
    await all(uploadFile$(obs, request));
    jest.advanceTimersByTime(29_000);
    expect(workers[0]?.terminated).toBe(false);
    jest.advanceTimersByTime(2000);
    expect(workers[0]?.terminated).toBe(true);
  });

  it('rejects a transport', () => {
    const { fake } = createWorld(1);
    const options = { server: fake.server, credentials: fake.credentials, transport: fake.transport };
    expect(() => workerConnection(() => new FakeUploadWorker(fake), options as never)).toThrow(InvalidOptionsError);
  });

  it('emits the records of the requests that the worker sends', async () => {
    const { obs, request } = createWorld(2);
    const operations: string[] = [];
    obs.requests$.subscribe(({ operation }) => operations.push(operation));
    await all(uploadFile$(obs, request));
    expect(operations).toEqual(['initiateMultipartUpload', 'uploadPart', 'uploadPart', 'completeMultipartUpload']);
  });
});
