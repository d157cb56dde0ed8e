import { createHash } from 'node:crypto';
import { IDBDatabase, IDBFactory, IDBKeyRange } from 'fake-indexeddb';
import { concatMap, defer, finalize, firstValueFrom, from, map, NEVER, startWith, takeWhile, tap, timer } from 'rxjs';
import {
  createUploadQueue,
  indexedDbCheckpointStore,
  memoryCheckpointStore,
  uploadFile$,
  v4Signer,
  type CheckpointStore,
  type Hasher,
  type QueueRow,
  type RequestBody,
  type UploadEvent,
  type UploadLock,
  type UploadRequest,
} from 'rx-obs-upload';
import { fakeCheckpointStore, on } from 'rx-obs-upload/testing';
import { presigningBackend } from '../../support/presigning-backend.js';
import { record } from '../../support/virtual-time.js';
import {
  all,
  chunks,
  expectStored,
  PART,
  pending,
  until,
  withoutLongTimers,
  workerWorld,
  type WorkerWorld,
} from './worker-world.js';

const bytes = chunks(35);

function requestTo({ fake }: WorkerWorld, key = 'film.mp4'): UploadRequest {
  const sourceFile = new Blob(bytes.map((chunk) => new Uint8Array(chunk)));
  return { bucket: fake.bucket, key, sourceFile, partSize: PART, lock: null };
}

async function md5Of(body: RequestBody): Promise<Uint8Array> {
  const part = new Uint8Array(await (body as Blob).arrayBuffer());
  return new Uint8Array(createHash('md5').update(part).digest());
}

withoutLongTimers();

describe('an upload in a worker supports', () => {
  it('a queue, which pauses, resumes and completes files as in the page', async () => {
    const world = workerWorld();
    const { fake, obs } = world;
    fake.addFaults(on('uploadPart', { key: 'held.mp4', partNumber: 2 }).stall('before-body'));
    const queue = createUploadQueue(obs, { filesAtOnce: 2 });
    const [held = '', other = ''] = queue.add([requestTo(world, 'held.mp4'), requestTo(world, 'other.mp4')]);
    const row = (id: string): QueueRow | undefined => queue.state.rows.find((each) => each.id === id);
    const status = (id: string): string | undefined => row(id)?.status;
    await until(() => fake.inFlight('uploadPart') === 1 && status(other) === 'completed');
    await until(() => row(held)?.snapshot.checkpoint?.parts.length === 1);
    expectStored(world, bytes, 'other.mp4');

    queue.pause(held);
    await until(() => status(held) === 'paused' && fake.inFlight() === 0);
    expect(fake.uploads()).toHaveLength(1);
    fake.clearFaults();
    queue.resume(held);
    await until(() => status(held) === 'completed');
    expectStored(world, bytes, 'held.mp4');
    expect(fake.arrivals('initiateMultipartUpload')).toHaveLength(2);
    queue.dispose();
  });

  it('a presigning backend in the page', async () => {
    const backend = presigningBackend(() => world.fake);
    const world: WorkerWorld = workerWorld({ credentials: undefined, presign: backend.presign });
    await all(uploadFile$(world.obs, requestTo(world)));
    expectStored(world, bytes, 'film.mp4');
    expect(backend.asked().join(' ')).toContain('initiateMultipartUpload');
  });

  it('a hasher of the page', async () => {
    const world = workerWorld();
    const hashed: number[] = [];
    const hasher: Hasher = {
      md5: (body) =>
        defer(() => {
          hashed.push((body as Blob).size);
          return md5Of(body);
        }),
    };
    await all(uploadFile$(world.obs, { ...requestTo(world), checksum: 'md5', hasher }));
    expectStored(world, bytes, 'film.mp4');
    expect(hashed.sort((a, b) => a - b)).toEqual([50 * 1024, PART, PART, PART]);
    for (const { headers } of world.fake.arrivals('uploadPart')) expect(headers['content-md5']).toHaveLength(24);
  });

  it("the browser's checkpoint store", async () => {
    Object.assign(globalThis, { indexedDB: new IDBFactory(), IDBDatabase, IDBKeyRange });
    try {
      const world = workerWorld();
      world.fake.addFaults(on('uploadPart', { partNumber: 2 }).stall('before-body'));
      const request = { ...requestTo(world), checkpointStore: indexedDbCheckpointStore(), taskNum: 1 };
      const untilPart = takeWhile<UploadEvent>(({ type }) => type !== 'part-completed', true);
      await all(uploadFile$(world.obs, request).pipe(untilPart));
      await until(async () => (await pending(request.checkpointStore))[0]?.parts.length === 1);

      world.fake.clearFaults();
      const events = await all(uploadFile$(world.obs, request));
      expect(events.find(({ type }) => type === 'started')).toMatchObject({ resumedBytes: PART });
      expectStored(world, bytes, 'film.mp4');
      await until(async () => (await pending(request.checkpointStore)).length === 0);
    } finally {
      for (const name of ['indexedDB', 'IDBDatabase', 'IDBKeyRange']) Reflect.deleteProperty(globalThis, name);
    }
  });

  it('a store, a hasher, a lock and a signer with other fields that cannot be cloned', async () => {
    const withClient = <T extends object>(port: T): T => Object.assign(port, { client: { send: () => null } });
    const world = workerWorld({ signer: withClient(v4Signer({ region: 'here' })) });
    const held = withClient<UploadLock>({ hold: () => NEVER.pipe(startWith('held' as const)) });
    const md5 = withClient<Hasher>({ md5: md5Of });
    const checkpointStore = withClient(memoryCheckpointStore());
    const ports = { checkpointStore, lock: held, hasher: md5, checksum: 'md5' as const };
    await all(uploadFile$(world.obs, { ...requestTo(world), ...ports }));
    expectStored(world, bytes, 'film.mp4');
    expect(world.fake.arrivals('uploadPart')[0]?.headers).toHaveProperty(['x-amz-date']);
  });

  it('a store whose saves emit values that cannot be cloned', async () => {
    const world = workerWorld();
    const memory = memoryCheckpointStore();
    const saves: string[] = [];
    const checkpointStore: CheckpointStore = {
      ...memory,
      save: (id, checkpoint) =>
        from(memory.save(id, checkpoint)).pipe(
          map(() => new Response('saved')),
          tap(() => saves.push(id)),
        ),
    };
    const events = await all(uploadFile$(world.obs, { ...requestTo(world), checkpointStore }));
    expect(events.filter(({ type }) => type === 'warning')).toEqual([]);
    expect(saves.length).toBeGreaterThan(0);
    expectStored(world, bytes, 'film.mp4');
  });

  it('a store whose saves take longer than they are waited for, without leaving a record', async () => {
    const world = workerWorld();
    const store = fakeCheckpointStore();
    const saved: string[] = [];
    const save: CheckpointStore['save'] = async (id, checkpoint) => {
      await firstValueFrom(timer(8000).pipe(concatMap(() => store.save(id, checkpoint))), { defaultValue: null });
      saved.push(id);
    };
    const events = record(uploadFile$(world.obs, { ...requestTo(world), checkpointStore: { ...store, save } }));
    const after = async (isTime: () => boolean): Promise<void> =>
      until(async () => {
        await jest.advanceTimersByTimeAsync(100);
        return isTime();
      });
    await after(() => events.completed);
    expect(saved).toEqual([]);
    await after(() => saved.length > 0);
    await until(() => store.entries.size === 0);
  });

  it('a lock, which is held in the page until the upload ends', async () => {
    const world = workerWorld();
    const held: string[] = [];
    const released: string[] = [];
    const lock: UploadLock = {
      hold: (name) =>
        defer(() => {
          held.push(name);
          return NEVER.pipe(
            startWith('held' as const),
            finalize(() => released.push(name)),
          );
        }),
    };
    const events = await all(
      uploadFile$(world.obs, { ...requestTo(world), checkpointStore: memoryCheckpointStore(), lock }),
    );
    expect(events.at(-1)?.type).toBe('completed');
    expect(held).toHaveLength(1);
    await until(() => released.length === 1);
    expect(released).toEqual(held);
  });

  it('a lock that another tab holds, without sending anything', async () => {
    const world = workerWorld();
    const types: string[] = [];
    const lock: UploadLock = { hold: () => NEVER.pipe(startWith('waiting' as const)) };
    const subscription = uploadFile$(world.obs, {
      ...requestTo(world),
      checkpointStore: memoryCheckpointStore(),
      lock,
    }).subscribe(({ type }) => types.push(type));
    await until(() => types.includes('waiting'));
    expect(world.fake.log).toEqual([]);
    subscription.unsubscribe();
  });
});
