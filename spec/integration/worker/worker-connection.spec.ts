import { BehaviorSubject, filter, firstValueFrom, lastValueFrom, of, Subject, takeUntil, tap, throwError } from 'rxjs';
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
import { workerConnection, type WorkerConnectionOptions } from '../../../lib/worker/uploads/worker-connection.js';
import { FakeUploadWorker } from './upload-worker.js';
import {
  all,
  errorOf,
  expectStored as expectBytesStored,
  PART,
  pending,
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

function world(parts: number, options: Partial<WorkerConnectionOptions> = {}): World {
  const there = workerWorld(options);
  const bytes = new Uint8Array(seededBytes(parts * PART));
  const sourceFile = new Blob([bytes]);
  const request: UploadRequest = { bucket: there.fake.bucket, key: KEY, sourceFile, partSize: PART, lock: null };
  return { ...there, bytes, request };
}

function ownCause(): Error {
  const error = new Error('a');
  error.cause = error;
  return error;
}

function unreadable(): never {
  throw new Error('it is not there');
}

function expectStored(there: World): void {
  expectBytesStored(there, [there.bytes], KEY);
}

withoutLongTimers();

describe('A connection whose uploads run in a worker', () => {
  it('starts no worker before an upload is subscribed to', () => {
    const { obs, request, workers } = world(1);
    uploadFile$(obs, request);
    expect(workers).toHaveLength(0);
  });

  it('uploads with the events of an upload in the page', async () => {
    const there = world(3);
    const events = await all(uploadFile$(there.obs, { ...there.request, progressIntervalMs: 0 }));
    expectStored(there);
    const types = events.map(({ type }) => type);
    expect(types.filter((type) => type === 'part-started')).toHaveLength(3);
    // Parts are sent while the file is identified, so where their starts come in between is a matter of speed.
    expect(types.filter((type) => type !== 'progress' && type !== 'part-started')).toEqual([
      'started',
      'checkpoint',
      ...['checkpoint', 'part-completed', 'checkpoint', 'part-completed', 'checkpoint', 'part-completed'],
      'completing',
      'completed',
    ]);
    expect(there.workers).toHaveLength(1);
  });

  it('sends events in fewer messages than there are events', async () => {
    const { obs, request, workers } = world(60);
    // No upload takes nearly as long: all that is emitted waits for the end.
    const events = await all(uploadFile$(obs, { ...request, taskNum: 6, progressIntervalMs: 600_000 }));
    const messages = workers[0]?.messages.filter(({ from, type }) => from === 'worker' && type === 'next').length ?? 0;
    expect(events.length).toBeGreaterThan(120);
    expect(messages).toBeLessThan(events.length / 10);
  });

  it.each([20, 100])(
    'sends at most one message with events in %i ms, besides the first checkpoint and the last event',
    async (progressIntervalMs) => {
      const { fake, obs, request, workers } = world(60);
      fake.addFaults(on('uploadPart', { partNumber: 30 }).delay(250));
      // On the clock by which the worker collects them.
      const begin = performance.now();
      await all(uploadFile$(obs, { ...request, taskNum: 6, progressIntervalMs }));
      const intervals = (performance.now() - begin) / progressIntervalMs;
      const messages =
        workers[0]?.messages.filter(({ from, type }) => from === 'worker' && type === 'next').length ?? 0;
      expect(messages).toBeGreaterThan(1);
      expect(messages).toBeLessThanOrEqual(Math.floor(intervals) + 3);
    },
  );

  it('asks for credentials in the page, once', async () => {
    const calls: number[] = [];
    const there = world(3);
    const credentials = (): typeof there.fake.credentials => {
      calls.push(1);
      return there.fake.credentials;
    };
    const obs = workerConnection(() => new FakeUploadWorker(there.fake), {
      server: there.fake.server,
      credentials: () => of(credentials()),
    });
    await all(uploadFile$(obs, { ...there.request, taskNum: 3 }));
    expectStored(there);
    expect(calls).toHaveLength(1);
  });

  it('gives errors their class, fields and checkpoint', async () => {
    const { fake, obs, request } = world(3);
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

  it('treats a refusal of a backend as in the page', async () => {
    const { fake, request } = world(1);
    const obs = workerConnection(() => new FakeUploadWorker(fake), {
      server: fake.server,
      presign: () => throwError(() => Object.assign(new Error('log in again'), { status: 401 })),
    });
    const error = await errorOf(uploadFile$(obs, request));
    expect(error).toBeInstanceOf(SigningError);
    expect(error).toMatchObject({ code: 'presign', retryable: false, cause: { message: 'log in again', status: 401 } });
  });

  it('aborts in the worker when it is unsubscribed from, and resumes from the checkpoint', async () => {
    const there = world(4);
    const { fake, obs, request } = there;
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
    expectStored(there);
    const numbers = fake.log.slice(sent).map(({ partNumber }) => partNumber);
    expect(numbers).not.toContain(1);
  });

  it('follows an Observable of taskNum', async () => {
    const there = world(6);
    const taskNum = new BehaviorSubject(1);
    await all(
      uploadFile$(there.obs, { ...there.request, taskNum, progressIntervalMs: 0 }).pipe(
        tap(({ type }) => type === 'part-completed' && taskNum.next(3)),
      ),
    );
    expectStored(there);
    expect(taskNum.observed).toBe(false);
  });

  it('stores checkpoints in a store of the page, the last one after unsubscribing', async () => {
    const there = world(4);
    there.fake.addFaults(on('uploadPart', { partNumber: 3 }).stall('before-body'));
    const store = memoryCheckpointStore();
    const request = { ...there.request, checkpointStore: store, progressIntervalMs: 0 };
    await firstValueFrom(
      uploadFile$(there.obs, request).pipe(
        filter((event) => event.type === 'part-completed' && event.partNumber === 2),
      ),
    );
    await until(async () => (await pending(store))[0]?.parts.length === 2);
    await all(uploadFile$(there.obs, request));
    expectStored(there);
    await until(async () => (await pending(store)).length === 0);
  });

  it('is resumable after its worker has died, in another worker', async () => {
    const there = world(4);
    const { obs, request, workers } = there;
    there.fake.addFaults(on('uploadPart', { partNumber: 3 }).stall('before-body'));
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
    expectStored(there);
    expect(workers).toHaveLength(2);
  });

  it('reports a worker that cannot be started', async () => {
    const { fake, request } = world(1);
    const blocked = (): never => {
      throw new Error('blocked by the policy');
    };
    const obs = workerConnection(blocked, { server: fake.server, credentials: fake.credentials });
    const error = await errorOf(uploadFile$(obs, request));
    expect(error).toMatchObject({ code: 'worker-lost', checkpoint: null, cause: { message: 'blocked by the policy' } });
  });

  it.each<[string, (request: UploadRequest) => UploadRequest]>([
    ['sourceFile', (request) => ({ ...request, sourceFile: { size: 1, slice: () => '', read: () => of() } as never })],
    ['retry.jitter', (request) => ({ ...request, retry: { jitter: () => 0 } })],
  ])('refuses a %s that cannot be sent to a worker', async (option, change) => {
    const { obs, request, workers } = world(1);
    const error = await errorOf(uploadFile$(obs, change(request)));
    expect(error).toBeInstanceOf(InvalidOptionsError);
    expect(error).toMatchObject({ option });
    expect(workers).toHaveLength(0);
  });

  it.each<[string, object, object]>([
    ['of a request', {}, { client: { send: () => null }, rows: [{ render: () => null }] }],
    ['of the connection', { client: { send: () => null } }, {}],
    ['of credentials', { credentials: () => of({ ...credentials, refresh: () => null }) }, {}],
  ])('leaves out a field %s that is no option and cannot be sent to a worker', async (_, options, more) => {
    const there = world(1, options);
    await all(uploadFile$(there.obs, { ...there.request, ...more }));
    expectStored(there);
  });

  it('leaves out what refers to the object that it is in, where that cannot be sent as it is', async () => {
    const endless = Object.assign({ ...credentials, refresh: () => null }, { self: {} });
    endless.self = endless;
    const there = world(1, { credentials: () => of(endless) });
    await all(uploadFile$(there.obs, there.request));
    expectStored(there);
  });

  it('fails where a value of the page cannot be read, in place of waiting for it', async () => {
    const unreadable = {
      ...credentials,
      get comment(): string {
        throw new Error('it is not there');
      },
    };
    const { obs, request } = world(1, { credentials: () => of(unreadable) });
    const error = await errorOf(uploadFile$(obs, { ...request, retry: { maxAttempts: 1 } }));
    expect(error).toBeInstanceOf(SigningError);
  });

  it.each<[string, unknown]>([
    ['an error that is its own cause', ownCause()],
    ['an object without a prototype', Object.create(null)],
    ['a symbol', Symbol('a')],
    ['an object that cannot be read', Object.defineProperty({}, 'message', { get: unreadable })],
    ['an error with a field that cannot be sent', Object.assign(new Error('a'), { retry: () => null })],
  ])('fails where a function of the page fails with %s', async (_, failure) => {
    const { obs, request } = world(1, { credentials: () => throwError(() => failure) });
    const error = await errorOf(uploadFile$(obs, { ...request, retry: { maxAttempts: 1 } }));
    expect(error).toBeInstanceOf(SigningError);
  });

  it('terminates the worker half a minute after the last upload', async () => {
    const { obs, request, workers } = world(1);
    await all(uploadFile$(obs, request));
    jest.advanceTimersByTime(29_000);
    expect(workers[0]?.terminated).toBe(false);
    jest.advanceTimersByTime(2000);
    expect(workers[0]?.terminated).toBe(true);
  });

  it('refuses a transport', () => {
    const { fake } = world(1);
    const options = { server: fake.server, credentials: fake.credentials, transport: fake.transport };
    expect(() => workerConnection(() => new FakeUploadWorker(fake), options as never)).toThrow(InvalidOptionsError);
  });

  it('emits the records of the requests that the worker sends', async () => {
    const { obs, request } = world(2);
    const operations: string[] = [];
    obs.requests$.subscribe(({ operation }) => operations.push(operation));
    await all(uploadFile$(obs, request));
    expect(operations).toEqual(['initiateMultipartUpload', 'uploadPart', 'uploadPart', 'completeMultipartUpload']);
  });
});
