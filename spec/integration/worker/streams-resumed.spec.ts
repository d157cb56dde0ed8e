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

describe('A stream of the page whose upload in a worker ends early', () => {
  it('is paused and resumed with the upload', async () => {
    const there = streamWorld();
    const paused$ = new BehaviorSubject(false);
    const chunk$ = new Subject<Uint8Array>();
    const sourceFile = streamSource(chunk$);
    const completed: number[] = [];
    const done = lastValueFrom(
      resumable$((uploadCheckpoint) => there.upload(sourceFile, { uploadCheckpoint }), { paused$ }).pipe(
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
    expectStored(there, chunks(35));
    expect(there.fake.arrivals('uploadPart').filter(({ partNumber }) => partNumber === 1)).toHaveLength(1);
  });

  it('is read no further after unsubscribing, and resumes at once from the same source', async () => {
    const there = streamWorld();
    there.fake.addFaults(on('uploadPart', { partNumber: 3 }).stall('before-body'));
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
      there.upload(sourceFile).pipe(
        tap((event) => event.type === 'checkpoint' && (checkpoint = event.checkpoint)),
        takeUntil(from(until(() => checkpoint !== null && there.fake.log.some(({ partNumber }) => partNumber === 3)))),
      ),
    );
    await until(() => there.fake.inFlight() === 0);
    const before = produced;
    for (let i = 0; i < 20; i += 1) await settle();
    expect(produced).toBe(before);
    await all(there.upload(sourceFile, { uploadCheckpoint: checkpoint }));
    expectStored(there, chunks(60));
    const arrivals = there.fake.arrivals('uploadPart').map(({ partNumber }) => partNumber);
    expect(arrivals).toEqual([1, 2, 3, 3, 4, 5, 6]);
  });

  it('is read no further from the moment of unsubscribing, before the worker knows', async () => {
    const there = streamWorld();
    let produced = 0;
    async function* produce(): AsyncGenerator<Uint8Array> {
      for (const chunk of chunks(60)) {
        produced += 1;
        yield await settle().then(() => chunk);
      }
    }
    const subscription = there.upload(streamSource(produce())).subscribe();
    await until(() => produced === 5);
    subscription.unsubscribe();
    for (let i = 0; i < 20; i += 1) await settle();
    expect(produced).toBe(5);
  });

  it('resumes within the handler of its error', async () => {
    const there = streamWorld();
    there.fake.addFaults(on('uploadPart', { partNumber: 2 }).respond(403, 'AccessDenied'));
    const sourceFile = streamSource(chunks(25));
    const events = await all(
      there
        .upload(sourceFile, { retry: { maxAttempts: 1 } })
        .pipe(
          catchError((error: unknown) =>
            there.upload(sourceFile, { uploadCheckpoint: (error as UploadError).checkpoint }),
          ),
        ),
    );
    expect(events.at(-1)?.type).toBe('completed');
    expectStored(there, chunks(25));
  });

  it('outlives the worker: what was produced is sent by the next one', async () => {
    const there = streamWorld();
    there.fake.addFaults(on('uploadPart', { partNumber: 3 }).stall('before-body'));
    const chunk$ = new Subject<Uint8Array>();
    const sourceFile = streamSource(chunk$);
    const failed = errorOf(
      there
        .upload(sourceFile)
        .pipe(tap((event) => event.type === 'part-completed' && event.partNumber === 2 && there.workers[0]?.crash())),
    );
    await until(() => chunk$.observed);
    for (const chunk of chunks(35)) chunk$.next(chunk);
    const error = await failed;
    expect(error).toBeInstanceOf(WorkerError);
    there.fake.clearFaults();
    chunk$.next(chunkAt(35));
    const done = all(there.upload(sourceFile, { uploadCheckpoint: error?.checkpoint }));
    chunk$.next(chunkAt(36));
    chunk$.complete();
    await done;
    expectStored(there, chunks(37));
    expect(there.workers).toHaveLength(2);
  });

  it('resumes where a part is on the server and its response was lost', async () => {
    const there = streamWorld();
    there.fake.addFaults(on('uploadPart', { partNumber: 1 }).stall('before-response'));
    const sourceFile = streamSource(chunks(25));
    let checkpoint: UploadCheckpoint | null = null;
    await lastValueFrom(
      there.upload(sourceFile).pipe(
        tap((event) => event.type === 'checkpoint' && (checkpoint = event.checkpoint)),
        takeUntil(from(until(() => checkpoint !== null && there.fake.log.some(({ partNumber }) => partNumber === 1)))),
      ),
    );
    await until(() => there.fake.inFlight() === 0);
    await all(there.upload(sourceFile, { uploadCheckpoint: checkpoint }));
    expectStored(there, chunks(25));
  });

  it('releases acknowledged bytes in the page and in the spool', async () => {
    const there = streamWorld();
    there.fake.addFaults(on('uploadPart', { partNumber: 3 }).stall('before-body'));
    const spool = memorySpool();
    const sourceFile = streamSource(chunks(35), { spool });
    const store = memoryCheckpointStore();
    const options = { checkpointStore: store };
    await firstValueFrom(
      there
        .upload(sourceFile, options)
        .pipe(filter((event) => event.type === 'part-completed' && event.partNumber === 2)),
    );
    const [id = ''] = await firstValueFrom(from(spool.list()));
    const recorded = async (): Promise<readonly number[]> =>
      (await firstValueFrom(from(spool.load(id)))).chunks.map(({ start }) => start);
    expect(Math.min(...(await recorded()))).toBe(2 * PART);
    // As the next page would: the page's objects are gone.
    await until(async () => (await pending(store))[0]?.parts.length === 2);
    const [checkpoint] = await pending(store);
    if (checkpoint === undefined) throw new Error('nothing was stored');
    there.fake.clearFaults();
    const recalled = await firstValueFrom(recallStream$(spool, checkpoint));
    const end = Math.max(...(await recorded())) + CHUNK;
    await all(there.upload(recalled, { uploadCheckpoint: checkpoint, ...options }));
    expectStored(there, chunks(end / CHUNK));
    await until(async () => (await firstValueFrom(from(spool.list()))).length === 0);
    expect(there.fake.arrivals('uploadPart').filter(({ partNumber }) => partNumber === 1)).toHaveLength(1);
  });

  it('warns once where the spool fails', async () => {
    const there = streamWorld();
    const spool = { ...memorySpool(), append: () => throwError(() => new Error('no space left')) };
    const events = await all(there.upload(streamSource(chunks(25), { spool })));
    expectStored(there, chunks(25));
    const warnings = events.filter((event) => event.type === 'warning');
    expect(warnings).toEqual([{ type: 'warning', error: expect.objectContaining({ name: 'StoreError' }) }]);
  });
});

describe('A worker that dies', () => {
  it('leaves nothing of the page subscribed', async () => {
    const there = streamWorld();
    there.fake.addFaults(on('uploadPart', { times: Infinity }).stall('before-body'));
    const taskNum = new BehaviorSubject(2);
    const failed = errorOf(there.upload(streamSource(chunks(50)), { taskNum }));
    await until(() => there.fake.inFlight() === 2);
    there.workers[0]?.crash();
    expect(await failed).toBeInstanceOf(WorkerError);
    expect(taskNum.observed).toBe(false);
  });
});
