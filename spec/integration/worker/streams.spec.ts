import { concat, from, lastValueFrom, of, Subject, tap, throwError, type ObservableInput } from 'rxjs';
import {
  InvalidOptionsError,
  parseCheckpoint,
  SourceError,
  streamSource,
  uploadFiles$,
  type StreamSourceOptions,
  type UploadEvent,
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
  withoutLongTimers,
} from './worker-world.js';

withoutLongTimers();

describe('a stream that is uploaded by a worker', () => {
  it.each<[string, (bytes: Uint8Array[]) => ObservableInput<Uint8Array | Blob>]>([
    ['an Observable of arrays', (bytes) => from(bytes)],
    ['an Observable of Blobs', (bytes) => from(bytes.map((chunk) => new Blob([chunk as Uint8Array<ArrayBuffer>])))],
    ['an iterable', (bytes) => bytes],
    [
      'a ReadableStream',
      (bytes) =>
        new ReadableStream<Uint8Array>({
          start: (controller) => {
            for (const chunk of bytes) controller.enqueue(chunk);
            controller.close();
          },
        }),
    ],
  ])('is stored with the same bytes: %s', async (_, streamOf) => {
    const world = streamWorld();
    const bytes = chunks(35);
    const events = await all(world.upload(streamSource(streamOf(bytes), { type: 'video/webm' }), { taskNum: 2 }));
    expectStored(world, bytes);
    expect(world.fake.arrivals('uploadPart').map(({ size }) => size)).toEqual([PART, PART, PART, PART / 2]);
    expect(world.fake.object('film.webm')?.headers['content-type']).toBe('video/webm');
    expect(events.at(-1)?.type).toBe('completed');
  });

  it.each([
    ['empty', 0],
    ['of one chunk', 1],
    ['of one part', 10],
  ])('is uploaded with a single PUT if it is %s', async (_, count) => {
    const world = streamWorld();
    await all(world.upload(streamSource(chunks(count))));
    expectStored(world, chunks(count));
    expect(world.fake.log.map(({ operation }) => operation)).toEqual(['putObject']);
  });

  it('has totals once it has ended', async () => {
    const world = streamWorld();
    const chunk$ = new Subject<Uint8Array>();
    const events: UploadEvent[] = [];
    const done = lastValueFrom(world.upload(streamSource(chunk$)).pipe(tap((event) => events.push(event))));
    await until(() => chunk$.observed);
    for (const chunk of chunks(15)) chunk$.next(chunk);
    await until(() => events.some(({ type }) => type === 'part-completed'));
    chunk$.next(chunkAt(15));
    await until(() => events.some((event) => event.type === 'progress' && event.availableBytes === 16 * CHUNK));
    const growing = events.filter((event) => event.type === 'progress');
    expect(new Set(growing.map(({ totalBytes }) => totalBytes))).toEqual(new Set([null]));
    expect(events.find((event) => event.type === 'started')).toMatchObject({ totalBytes: null, partCount: null });
    chunk$.complete();
    await done;
    const last = events.filter((event) => event.type === 'progress').at(-1);
    expect(last).toMatchObject({ transferredBytes: 16 * CHUNK, totalBytes: 16 * CHUNK, availableBytes: 16 * CHUNK });
    const checkpoints = events.filter((event) => event.type === 'checkpoint').map(({ checkpoint }) => checkpoint);
    expect(checkpoints[0]?.file.size).toBeNull();
    expect(checkpoints.at(-1)?.file.size).toBe(16 * CHUNK);
    for (const checkpoint of checkpoints) expect(parseCheckpoint(checkpoint)).toEqual(checkpoint);
  });

  it('is read at most taskNum + 1 parts ahead of the acknowledged parts', async () => {
    const world = streamWorld();
    const taskNum = 2;
    let [produced, mostAhead] = [0, 0];
    const acknowledged = (): number =>
      world.fake.log.filter(({ operation, status }) => operation === 'uploadPart' && status === 200).length * PART;
    function* produce(): Generator<Uint8Array> {
      for (const chunk of chunks(100)) {
        produced += CHUNK;
        mostAhead = Math.max(mostAhead, produced - acknowledged());
        yield chunk;
      }
    }
    await all(world.upload(streamSource(produce()), { taskNum }));
    expectStored(world, chunks(100));
    expect(mostAhead).toBeLessThanOrEqual((taskNum + 1) * PART);
    // Nothing more is read while nothing is sent.
    world.fake.addFaults(on('uploadPart', { times: Infinity }).stall('before-body'));
    produced = 0;
    const subscription = world.upload(streamSource(produce()), { taskNum, key: 'second' }).subscribe();
    await until(() => world.fake.inFlight() === taskNum);
    for (let i = 0; i < 20; i += 1) await settle();
    expect(produced).toBe((taskNum + 1) * PART);
    subscription.unsubscribe();
  });

  it('is sent to the worker in a few messages per part', async () => {
    const world = streamWorld();
    const spool = memorySpool();
    await all(world.upload(streamSource(chunks(100), { spool }), { progressIntervalMs: 1000 }));
    const messages = world.workers[0]?.messages.filter(({ from: sender }) => sender === 'page') ?? [];
    // For 100 chunks in 10 parts: the bytes of each part, and replies to what the worker reported about it.
    expect(messages.length).toBeLessThan(60);
  });

  it('fails with an error that has the class, the cause and the checkpoint', async () => {
    const world = streamWorld();
    const chunk$ = concat(
      from(chunks(25)),
      throwError(() => new RangeError('the camera was unplugged')),
    );
    const error = await errorOf(world.upload(streamSource(chunk$)));
    expect(error).toBeInstanceOf(SourceError);
    expect(error).toMatchObject({
      name: 'SourceError',
      code: 'source-unreadable',
      resumable: true,
      cause: { message: 'the camera was unplugged' },
      checkpoint: { parts: [{ partNumber: 1 }, { partNumber: 2 }] },
    });
  });

  it.each<[string, ObservableInput<Uint8Array>, StreamSourceOptions, string]>([
    ['that is ahead by more than maxBufferedBytes', from(chunks(30)), { maxBufferedBytes: 50_000 }, 'source-overflow'],
    ['of something other than bytes', of('text') as never, {}, 'source-unreadable'],
  ])('%s fails as in the page', async (_, chunk$, options, code) => {
    const error = await errorOf(streamWorld().upload(streamSource(chunk$, options)));
    expect(error).toBeInstanceOf(SourceError);
    expect(error).toMatchObject({ code });
  });

  it('is rejected while another upload uses it', async () => {
    const world = streamWorld();
    world.fake.addFaults(on('uploadPart', { partNumber: 2 }).stall('before-body'));
    const sourceFile = streamSource(chunks(25));
    const first = world.upload(sourceFile).subscribe();
    await until(() => world.fake.inFlight() === 1 && world.fake.log.length > 2);
    const error = await errorOf(world.upload(sourceFile, { key: 'other' }));
    expect(error).toBeInstanceOf(InvalidOptionsError);
    expect(error).toMatchObject({ option: 'sourceFile' });
    first.unsubscribe();
  });

  it('can be uploaded with uploadFiles$', async () => {
    const world = streamWorld();
    const request = { bucket: world.fake.bucket, partSize: PART, lock: null } as const;
    await lastValueFrom(
      uploadFiles$(
        world.obs,
        of(
          { ...request, id: 'a', key: 'film.webm', sourceFile: streamSource(chunks(25)) },
          { ...request, id: 'b', key: 'b', sourceFile: streamSource(chunks(5)) },
        ),
      ),
    );
    expectStored(world, chunks(25));
    expect(world.fake.object('b')?.bytes.byteLength).toBe(5 * CHUNK);
  });

  it('is not read before the upload is subscribed to, nor with invalid options', async () => {
    const world = streamWorld();
    const chunk$ = new Subject<Uint8Array>();
    const upload$ = world.upload(streamSource(chunk$), { partSize: 1 });
    expect(world.workers).toHaveLength(0);
    expect(await errorOf(upload$)).toMatchObject({ code: 'invalid-options', option: 'partSize' });
    expect(chunk$.observed).toBe(false);
  });
});
