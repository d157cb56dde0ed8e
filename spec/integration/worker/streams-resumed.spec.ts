import {
  BehaviorSubject,
  catchError,
  filter,
  firstValueFrom,
  from,
  lastValueFrom,
  Subject,
  takeUntil,
  tap,
  throwError,
} from 'rxjs';
import {
  memoryCheckpointStore,
  recallStream$,
  resumable$,
  streamSource,
  WorkerError,
  type UploadCheckpoint,
  type UploadError,
} from 'rx-obs-upload';
import { memorySpool, on } from 'rx-obs-upload/testing';
import {
  PART,
  CHUNK,
  streamWorld,
  chunkAt,
  chunks,
  expectStored,
  all,
  errorOf,
  until,
  settle,
  pending,
  withoutLongTimers,
} from './worker-world.js';

withoutLongTimers();

describe('a stream whose upload in a worker is interrupted', () => {
  it('is paused and resumed with the upload', async () => {
    const world = streamWorld();
    const paused$ = new BehaviorSubject(false);
    const chunk$ = new Subject<Uint8Array>();
    const sourceFile = streamSource(chunk$);
    const completed: number[] = [];
    const done = lastValueFrom(
      resumable$((uploadCheckpoint) => world.upload(sourceFile, { uploadCheckpoint }), { paused$ }).pipe(
        tap((event) => event.type === 'part-completed' && completed.push(event.partNumber)),
      ),
    );
    await until(() => chunk$.observed);
    for (const chunk of chunks(25)) chunk$.next(chunk);
    await until(() => completed.length === 2);
    paused$.next(true);
    chunk$.next(chunkAt(25));
    await settle();
    expect(chunk$.observed).toBe(true);
    paused$.next(false);
    for (let i = 26; i < 35; i += 1) chunk$.next(chunkAt(i));
    chunk$.complete();
    await done;
    expectStored(world, chunks(35));
    expect(world.fake.arrivals('uploadPart').filter(({ partNumber }) => partNumber === 1)).toHaveLength(1);
  });

  it('is not read after an unsubscribe, and resumes at once from the same source', async () => {
    const world = streamWorld();
    world.fake.addFaults(on('uploadPart', { partNumber: 3 }).stall('before-body'));
    let produced = 0;
    function* produce(): Generator<Uint8Array> {
      for (const chunk of chunks(60)) {
        produced += 1;
        yield chunk;
      }
    }
    const sourceFile = streamSource(produce());
    let checkpoint: UploadCheckpoint | null = null;
    await lastValueFrom(
      world.upload(sourceFile).pipe(
        tap((event) => event.type === 'checkpoint' && (checkpoint = event.checkpoint)),
        takeUntil(from(until(() => checkpoint !== null && world.fake.log.some(({ partNumber }) => partNumber === 3)))),
      ),
    );
    await until(() => world.fake.inFlight() === 0);
    const before = produced;
    for (let i = 0; i < 20; i += 1) await settle();
    expect(produced).toBe(before);
    await all(world.upload(sourceFile, { uploadCheckpoint: checkpoint }));
    expectStored(world, chunks(60));
    const arrivals = world.fake.arrivals('uploadPart').map(({ partNumber }) => partNumber);
    expect(arrivals).toEqual([1, 2, 3, 3, 4, 5, 6]);
  });

  it('is not read after an unsubscribe, even before the worker is notified', async () => {
    const world = streamWorld();
    let produced = 0;
    async function* produce(): AsyncGenerator<Uint8Array> {
      for (const chunk of chunks(60)) {
        produced += 1;
        yield await settle().then(() => chunk);
      }
    }
    const subscription = world.upload(streamSource(produce())).subscribe();
    await until(() => produced === 5);
    subscription.unsubscribe();
    for (let i = 0; i < 20; i += 1) await settle();
    expect(produced).toBe(5);
  });

  it('can be resumed inside the handler of its error', async () => {
    const world = streamWorld();
    world.fake.addFaults(on('uploadPart', { partNumber: 2 }).respond(403, 'AccessDenied'));
    const sourceFile = streamSource(chunks(25));
    const events = await all(
      world
        .upload(sourceFile, { retry: { maxAttempts: 1 } })
        .pipe(
          catchError((error: unknown) =>
            world.upload(sourceFile, { uploadCheckpoint: (error as UploadError).checkpoint }),
          ),
        ),
    );
    expect(events.at(-1)?.type).toBe('completed');
    expectStored(world, chunks(25));
  });

  it('is resumed by another worker after a crash, without losing bytes', async () => {
    const world = streamWorld();
    world.fake.addFaults(on('uploadPart', { partNumber: 3 }).stall('before-body'));
    const chunk$ = new Subject<Uint8Array>();
    const sourceFile = streamSource(chunk$);
    const failed = errorOf(
      world
        .upload(sourceFile)
        .pipe(tap((event) => event.type === 'part-completed' && event.partNumber === 2 && world.workers[0]?.crash())),
    );
    await until(() => chunk$.observed);
    for (const chunk of chunks(35)) chunk$.next(chunk);
    const error = await failed;
    expect(error).toBeInstanceOf(WorkerError);
    world.fake.clearFaults();
    chunk$.next(chunkAt(35));
    const done = all(world.upload(sourceFile, { uploadCheckpoint: error?.checkpoint }));
    chunk$.next(chunkAt(36));
    chunk$.complete();
    await done;
    expectStored(world, chunks(37));
    expect(world.workers).toHaveLength(2);
  });

  it('resumes if a part was stored but its response was lost', async () => {
    const world = streamWorld();
    world.fake.addFaults(on('uploadPart', { partNumber: 1 }).stall('before-response'));
    const sourceFile = streamSource(chunks(25));
    let checkpoint: UploadCheckpoint | null = null;
    await lastValueFrom(
      world.upload(sourceFile).pipe(
        tap((event) => event.type === 'checkpoint' && (checkpoint = event.checkpoint)),
        takeUntil(from(until(() => checkpoint !== null && world.fake.log.some(({ partNumber }) => partNumber === 1)))),
      ),
    );
    await until(() => world.fake.inFlight() === 0);
    await all(world.upload(sourceFile, { uploadCheckpoint: checkpoint }));
    expectStored(world, chunks(25));
  });

  it('releases acknowledged bytes in the page and in the spool', async () => {
    const world = streamWorld();
    world.fake.addFaults(on('uploadPart', { partNumber: 3 }).stall('before-body'));
    const spool = memorySpool();
    const sourceFile = streamSource(chunks(35), { spool, lock: null });
    const store = memoryCheckpointStore();
    const options = { checkpointStore: store };
    await firstValueFrom(
      world
        .upload(sourceFile, options)
        .pipe(filter((event) => event.type === 'part-completed' && event.partNumber === 2)),
    );
    const [id = ''] = await firstValueFrom(from(spool.list()));
    const recorded = async (): Promise<readonly number[]> =>
      (await firstValueFrom(from(spool.load(id)))).chunks.map(({ start }) => start);
    expect(Math.min(...(await recorded()))).toBe(2 * PART);
    // As in the next page, which does not have the objects of this one.
    await until(async () => (await pending(store))[0]?.parts.length === 2);
    const [checkpoint] = await pending(store);
    if (checkpoint === undefined) throw new Error('nothing was stored');
    world.fake.clearFaults();
    const recalled = await firstValueFrom(recallStream$(spool, checkpoint, { lock: null }));
    const end = Math.max(...(await recorded())) + CHUNK;
    await all(world.upload(recalled, { uploadCheckpoint: checkpoint, ...options }));
    expectStored(world, chunks(end / CHUNK));
    await until(async () => (await firstValueFrom(from(spool.list()))).length === 0);
    expect(world.fake.arrivals('uploadPart').filter(({ partNumber }) => partNumber === 1)).toHaveLength(1);
  });

  it('warns once if the spool fails', async () => {
    const world = streamWorld();
    const spool = { ...memorySpool(), append: () => throwError(() => new Error('no space left')) };
    const events = await all(world.upload(streamSource(chunks(25), { spool })));
    expectStored(world, chunks(25));
    const warnings = events.filter((event) => event.type === 'warning');
    expect(warnings).toEqual([{ type: 'warning', error: expect.objectContaining({ name: 'StoreError' }) }]);
  });
});

describe('a worker that crashes', () => {
  it('leaves no Observable of the page subscribed', async () => {
    const world = streamWorld();
    world.fake.addFaults(on('uploadPart', { times: Infinity }).stall('before-body'));
    const taskNum = new BehaviorSubject(2);
    const failed = errorOf(world.upload(streamSource(chunks(50)), { taskNum }));
    await until(() => world.fake.inFlight() === 2);
    world.workers[0]?.crash();
    expect(await failed).toBeInstanceOf(WorkerError);
    expect(taskNum.observed).toBe(false);
  });
});
