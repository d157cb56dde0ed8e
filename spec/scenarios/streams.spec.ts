import { Readable } from 'node:stream';
import {
  BehaviorSubject,
  concat,
  from,
  lastValueFrom,
  NEVER,
  of,
  Subject,
  tap,
  throwError,
  type Observable,
  type ObservableInput,
} from 'rxjs';
import {
  memoryCheckpointStore,
  resumable$,
  streamSource,
  uploadQueue$,
  type QueueCommand,
  toUploadSnapshot,
  uploadResult,
  uploadFile$,
  uploadFiles$,
  parseCheckpoint,
  type StreamSourceOptions,
  type UploadCheckpoint,
  type UploadError,
  type UploadEvent,
  type UploadOptions,
} from 'rx-obs-upload';
import {
  bytesOf,
  fakeHasher,
  fakeStream,
  on,
  type FakeObsOptions,
  type FakeStream,
  type FakeStreamOptions,
} from 'rx-obs-upload/testing';
import {
  eventsOf,
  KIB,
  lastCheckpoint,
  PART,
  typesOf,
  uploadWorld,
  type UploadWorld,
} from '../support/upload-world.js';
import { expectLaws } from '../support/laws.js';
import { at, record, runVirtually, type Recording } from '../support/virtual-time.js';

interface StreamWorld extends UploadWorld {
  readonly stream: FakeStream;
}

function createWorld(stream: Partial<FakeStreamOptions> = {}, fake: FakeObsOptions = {}): StreamWorld {
  const world = uploadWorld(fake);
  const source = fakeStream({
    name: 'film.mp4',
    marbles: '50ms a 99ms b 99ms c 99ms d 99ms e 99ms |',
    chunkBytes: 70 * KIB,
    ...stream,
  });
  return { ...world, stream: source, upload: (options) => world.upload({ sourceFile: source, ...options }) };
}

function run({ upload }: UploadWorld, options: Partial<UploadOptions> = {}): Recording<UploadEvent> {
  const events = runVirtually(() => record(upload(options)));
  expectLaws(events);
  return events;
}

function expectStream({ fake, stream }: StreamWorld): void {
  expect(Buffer.compare(fake.object('film.mp4')?.bytes ?? new Uint8Array(), bytesOf(stream))).toBe(0);
}

describe('a stream', () => {
  it('is sent in parts while it is produced, all of partSize but the last', () => {
    const world = createWorld();
    const events = run(world);
    expect(events.error).toBeUndefined();
    expectStream(world);
    expect(world.fake.arrivals('uploadPart').map(({ size }) => size)).toEqual([PART, PART, PART, 50 * KIB]);
    const firstSent = events.times[typesOf(events).indexOf('part-started')] ?? Infinity;
    expect(firstSent).toBeLessThan(200);
  });

  it.each(['md5', 'crc64'] as const)('is verified with checksum: %s', (checksum) => {
    const world = createWorld();
    const events = run(world, { checksum, hasher: fakeHasher() });
    const verified = checksum === 'md5' ? 'etag' : 'crc64';
    expect(eventsOf(events, 'completed')[0]?.result.verified).toBe(verified);
  });

  it('cannot be hashed before it is sent', () => {
    const world = createWorld();
    const { error } = run(world, { skipExisting: true });
    expect(error).toMatchObject({ code: 'invalid-options', option: 'skipExisting' });
    expect(world.fake.log).toEqual([]);
  });

  it('has totals once it has ended', () => {
    const events = run(createWorld());
    expect(eventsOf(events, 'started')[0]).toMatchObject({ totalBytes: null, partCount: null, partSize: PART });
    const progress = eventsOf(events, 'progress');
    expect(progress[0]?.totalBytes).toBeNull();
    expect(progress.at(-1)).toMatchObject({
      transferredBytes: 350 * KIB,
      totalBytes: 350 * KIB,
      availableBytes: 350 * KIB,
    });
    const checkpoints = eventsOf(events, 'checkpoint').map(({ checkpoint }) => checkpoint);
    expect(checkpoints[0]?.file.size).toBeNull();
    expect(checkpoints.at(-1)?.file.size).toBe(350 * KIB);
    for (const checkpoint of checkpoints)
      expect(parseCheckpoint(JSON.parse(JSON.stringify(checkpoint)))).toEqual(checkpoint);
  });

  it('has totals in the snapshot once it has ended', () => {
    const { upload } = createWorld();
    const snapshots = runVirtually(() => record(upload().pipe(toUploadSnapshot()))).values;
    const growing = snapshots.find(
      ({ availableBytes, status }) => status === 'uploading' && availableBytes === 140 * KIB,
    );
    expect(growing).toMatchObject({ totalBytes: null, fraction: null });
    expect(snapshots.at(-1)).toMatchObject({ status: 'completed', totalBytes: 350 * KIB, fraction: 1 });
  });

  it.each([
    ['within the first part', '10ms a 10ms |', 70 * KIB],
    ['at the end of the first part', '10ms a 10ms |', PART],
    ['at once, empty', '10ms |', 0],
  ])('that ends %s is a single PUT', (_, marbles, chunkBytes) => {
    const world = createWorld({ marbles, chunkBytes });
    const events = run(world);
    expect(events.completed).toBe(true);
    expect(world.fake.log.map(({ operation }) => operation)).toEqual(['putObject']);
    expectStream(world);
  });

  it('that ends at the end of a part has its total before completing', () => {
    const world = createWorld({ marbles: '10ms a 10ms b 2s |', chunkBytes: PART });
    const events = run(world);
    expect(world.fake.arrivals('uploadPart')).toHaveLength(2);
    expect(eventsOf(events, 'progress').at(-1)).toMatchObject({ totalBytes: 2 * PART, transferredBytes: 2 * PART });
    expectStream(world);
  });

  it.each(['none', 'md5'] as const)('works with checksum %s, any taskNum and faults', (checksum) => {
    for (const taskNum of [1, 3, 'auto', of(2)] as const) {
      const world = createWorld(
        {},
        {
          faults: [
            on('uploadPart', { partNumber: 2 }).respond(503),
            on('uploadPart', { partNumber: 3 }).loseResponse(),
          ],
        },
      );
      const events = run(world, { checksum, taskNum });
      expect(events.error).toBeUndefined();
      expectStream(world);
    }
  });

  it('is uploaded by uploadFiles$', () => {
    const { obs, fake, stream } = createWorld();
    const request = { id: 'a', bucket: 'media', key: 'film.mp4', sourceFile: stream, partSize: PART };
    const events = runVirtually(() => record(uploadFiles$(obs, of(request))));
    expect(events.values[0]).toEqual({ id: 'a', signal: { type: 'waiting', reason: 'queued', totalBytes: null } });
    expect(events.values.at(-1)?.signal.type).toBe('completed');
    expect(fake.object('film.mp4')?.size).toBe(350 * KIB);
  });

  it('is uploaded by uploadQueue$, whose totals are unknown until it ends', () => {
    const { obs, fake, stream } = createWorld();
    const command: QueueCommand = {
      type: 'add',
      requests: [{ bucket: 'media', key: 'film.mp4', sourceFile: stream, partSize: PART }],
    };
    const states = runVirtually(() => {
      const running = record(
        uploadQueue$(obs, concat(of(command), NEVER), { checkpointStore: memoryCheckpointStore() }),
      );
      at(20_000, () => running.unsubscribe());
      return running;
    }).values;
    const growing = states.find(({ rows }) => rows[0]?.snapshot.status === 'uploading');
    expect(growing?.totals).toMatchObject({ totalBytes: null, fraction: null, remainingSeconds: null });
    expect(states.at(-1)?.totals).toMatchObject({ totalBytes: 350 * KIB, fraction: 1 });
    expect(fake.object('film.mp4')?.size).toBe(350 * KIB);
  });

  it('resumes from its checkpoint: nothing is lost or sent twice', () => {
    for (let ms = 0; ms < 900; ms += 30) {
      const world = createWorld();
      const cancelled = runVirtually(() => {
        const events = record(world.upload());
        at(ms, () => events.unsubscribe());
        // The rest of the stream is emitted while no upload runs.
        return events;
      });
      const last = eventsOf(cancelled, 'checkpoint').at(-1)?.checkpoint ?? null;
      const acknowledged = world.fake.arrivals('uploadPart').filter(({ status }) => status === 200).length;
      const resumed = runVirtually(() => record(world.resume(last, { sourceFile: world.stream })));
      if (cancelled.completed) continue;
      expect(resumed.error).toBeUndefined();
      expectLaws(resumed);
      expectStream(world);
      const parts = world.fake.arrivals('uploadPart').filter(({ status }) => status === 200);
      if (world.fake.arrivals('putObject').length === 0)
        expect(parts.length).toBeLessThanOrEqual(Math.max(4, acknowledged));
    }
  });

  it('can be paused', () => {
    const world = createWorld();
    const paused$ = new BehaviorSubject(false);
    const events = runVirtually(() => {
      at(230, () => paused$.next(true));
      at(5000, () => paused$.next(false));
      return record(resumable$((checkpoint) => world.resume(checkpoint, { sourceFile: world.stream }), { paused$ }));
    });
    expect(events.values.at(-1)?.type).toBe('completed');
    expectStream(world);
  });

  it('resumes from an older checkpoint', () => {
    const world = createWorld();
    const cancelled = runVirtually(() => {
      const events = record(world.upload());
      at(600, () => events.unsubscribe());
      return events;
    });
    const first = eventsOf(cancelled, 'checkpoint')[0]?.checkpoint ?? null;
    const resumed = runVirtually(() => record(world.resume(first, { sourceFile: world.stream })));
    expect(resumed.error).toBeUndefined();
    expectStream(world);
    expect(world.fake.arrivals('uploadPart', 1)).toHaveLength(1);
  });

  it('is refused while it is being uploaded, and again once that has ended', () => {
    const world = createWorld();
    const [first, second] = [world.upload(), world.upload()];
    let refused: Recording<UploadEvent> | undefined;
    const events = runVirtually(() => {
      const running = record(first);
      at(100, () => (refused = record(second)));
      return running;
    });
    expect(refused?.error).toMatchObject({ name: 'InvalidOptionsError', option: 'sourceFile' });
    expect(events.completed).toBe(true);
    expect(runVirtually(() => record(world.upload())).error).toMatchObject({ name: 'SourceError', resumable: false });
  });

  it('can be resumed in its error handler', () => {
    const world = createWorld({}, { faults: [on('uploadPart', { partNumber: 2 }).respond(400, 'BadDigest')] });
    let resumed: Recording<UploadEvent> | undefined;
    runVirtually(() => {
      world.upload().subscribe({
        error: (error: unknown) => {
          resumed = record(world.resume((error as UploadError).checkpoint, { sourceFile: world.stream }));
        },
      });
      return record(NEVER);
    });
    expect(resumed?.completed).toBe(true);
    expectStream(world);
  });

  it('that fails ends in a SourceError with the checkpoint; its parts stay', () => {
    const world = createWorld({ marbles: '10ms a 10ms b 10ms c 10ms #', error: new Error('unplugged') });
    const events = run(world);
    expect(events.error).toMatchObject({
      name: 'SourceError',
      code: 'source-unreadable',
      cause: { message: 'unplugged' },
    });
    expect((events.error as { checkpoint: { parts: unknown[] } }).checkpoint.parts).toHaveLength(2);
    expect(world.fake.uploads()).toHaveLength(1);
    expect(world.fake.arrivals('completeMultipartUpload')).toHaveLength(0);
  });

  it('keeps the bytes of a part that a proxy, not the service, has confirmed', () => {
    const part = { partNumber: 2 };
    const faults = [
      on('uploadPart', part).hideHeaders('etag', 'date', 'server', 'x-obs-request-id', 'x-obs-id-2'),
      on('uploadPart', part).respond(200),
    ];
    const world = createWorld({}, { faults });
    const events = run(world);
    expect(events.error).toBeUndefined();
    expectStream(world);
    expect(eventsOf(events, 'retrying').map(({ error }) => error.code)).toEqual(['bad-response']);
  });

  it('is not restarted when its parts no longer exist on the server', () => {
    const world = createWorld({ marbles: '10ms a 10ms b 10ms c 900ms d |', chunkBytes: PART });
    const events = runVirtually(() => {
      at(500, () => world.fake.abortUpload(world.fake.uploads()[0]?.uploadId ?? ''));
      return record(world.upload());
    });
    expect(events.error).toMatchObject({ name: 'SourceError', resumable: false });
    expect((events.error as Error).message).toMatch(/gone from the server.*lifecycle rule.*produce the stream again/);
    expect(typesOf(events)).not.toContain('restarted');
    expect(world.fake.arrivals('initiateMultipartUpload')).toHaveLength(1);
  });

  it.each<[string, Observable<Uint8Array>, string]>([
    ['more than maxBufferedBytes', from([1, 2, 3, 4].map(() => new Uint8Array(PART))), 'source-overflow'],
    ['something other than bytes', of('text', new Uint8Array(5)) as never, 'source-unreadable'],
  ])('that emits %s synchronously, then completes, fails without a shorter object', (_, chunk$, code) => {
    const world = createWorld();
    const sourceFile = streamSource(chunk$, { maxBufferedBytes: 3 * PART });
    const events = run(world, { sourceFile });
    expect(events.error).toMatchObject({ name: 'SourceError', code });
    expect(world.fake.object('film.mp4')).toBeNull();
  });

  it('that emits an array whose bytes are gone, since its buffer was transferred, fails: the object would lack them', async () => {
    const gone = new Uint8Array(1000);
    structuredClone(gone, { transfer: [gone.buffer] });
    async function* pulled(): AsyncGenerator<Uint8Array> {
      yield await Promise.resolve(gone);
    }
    const pushed = from([new Uint8Array(PART), gone, new Uint8Array(PART)]);
    for (const chunks of [pulled(), pushed]) {
      const { fake, upload } = uploadWorld({ latencyMs: 0, bytesPerSecond: null });
      const failed = lastValueFrom(upload({ sourceFile: streamSource(chunks as Observable<Uint8Array>) }));
      await expect(failed).rejects.toMatchObject({ name: 'SourceError', code: 'source-unreadable' });
      expect(fake.object('film.mp4')).toBeNull();
    }
  });

  it.each([
    ['nothing that can be read', undefined],
    ['an object without a stream', {}],
  ])('of %s fails each time it is uploaded', (_, chunks) => {
    const world = createWorld();
    const sourceFile = streamSource(chunks as never);
    for (const _time of [1, 2]) {
      expect(run(world, { sourceFile }).error).toMatchObject({ name: 'SourceError', code: 'source-unreadable' });
    }
  });

  it('that pushes more than maxBufferedBytes fails with a message that says what to do', () => {
    const world = createWorld({
      marbles: '10ms a 1ms b 1ms c 1ms d 1ms |',
      chunkBytes: PART,
      maxBufferedBytes: 3 * PART,
    });
    const events = run(world, { taskNum: 1 });
    expect(events.error).toMatchObject({ name: 'SourceError', code: 'source-overflow' });
    expect((events.error as Error).message).toContain('maxBufferedBytes');
  });

  it.each(['none', 'md5'] as const)('of an iterable is read one part ahead at most, with checksum %s', (checksum) => {
    const hasher = fakeHasher();
    for (const taskNum of [1, 3]) {
      const world = uploadWorld({ bytesPerSecond: 10 * KIB });
      let produced = 0;
      function* chunks(): Generator<Uint8Array> {
        for (let i = 0; i < 200; i++) {
          produced += 10 * KIB;
          yield new Uint8Array(10 * KIB).fill(i);
        }
      }
      runVirtually(() => {
        const events = record(world.upload({ sourceFile: streamSource(chunks()), taskNum, checksum, hasher }));
        at(5000, () => {
          expect(produced).toBeGreaterThan(taskNum * PART);
          expect(produced).toBeLessThanOrEqual((taskNum + 1) * PART);
          events.unsubscribe();
        });
        return events;
      });
    }
  });

  it('of Node is read no further than one part ahead of those that are sent', async () => {
    const taskNum = 2;
    let produced = 0;
    const readable = new Readable({
      read(size) {
        produced += size;
        this.push(new Uint8Array(size));
      },
    });
    const { obs, fake } = uploadWorld({
      latencyMs: 0,
      faults: [on('uploadPart', { times: Infinity }).stall('before-response')],
    });
    const request = { bucket: 'media', key: 'film.mp4', partSize: PART, taskNum, sourceFile: streamSource(readable) };
    const upload = uploadFile$(obs, request).subscribe();
    let before = -1;
    // Until Node reads nothing more by itself.
    while (before < produced || fake.arrivals('uploadPart').length < taskNum) {
      before = produced;
      for (let turn = 0; turn < 20; turn++) await new Promise(setImmediate);
    }
    upload.unsubscribe();
    const nodeBuffers = 2 * readable.readableHighWaterMark;
    expect(produced).toBeLessThanOrEqual((taskNum + 1) * PART + nodeBuffers);
  });

  it('of an async iterable or a ReadableStream is uploaded in real time', async () => {
    const content = Uint8Array.from({ length: 250 * KIB }, (_, i) => i % 251);
    async function* iterable(): AsyncGenerator<Uint8Array> {
      for (let i = 0; i < content.length; i += 10_000) yield await Promise.resolve(content.subarray(i, i + 10_000));
    }
    for (const source of [iterable(), new Blob([content]).stream(), from([new Blob([content])])]) {
      const { fake, upload } = uploadWorld({ latencyMs: 0, bytesPerSecond: null });
      await new Promise<void>((resolve, reject) => {
        upload({ sourceFile: streamSource(source as ObservableInput<Uint8Array>), checksum: 'md5' }).subscribe({
          complete: resolve,
          error: reject,
        });
      });
      expect(Buffer.compare(fake.object('film.mp4')?.bytes ?? new Uint8Array(), content)).toBe(0);
    }
  });

  it('of one Buffer that is filled again for each chunk is sent as it was emitted', async () => {
    const content = Uint8Array.from({ length: 250_000 }, (_, i) => i % 251);
    async function* refilled(): AsyncGenerator<Uint8Array> {
      const buffer = Buffer.alloc(10_000);
      for (let i = 0; i < content.length; i += buffer.length) {
        buffer.set(content.subarray(i, i + buffer.length));
        yield await Promise.resolve(buffer);
      }
    }
    const { fake, upload } = uploadWorld({ latencyMs: 0, bytesPerSecond: null });
    await lastValueFrom(upload({ sourceFile: streamSource(refilled()), checksum: 'md5' }));
    expect(Buffer.compare(fake.object('film.mp4')?.bytes ?? new Uint8Array(), content)).toBe(0);
  });

  it('that is found as an object on resume has its size, even with a checkpoint from before its end', () => {
    const world = createWorld();
    const [, early] = eventsOf(run(world, { taskNum: 1 }), 'checkpoint');
    expect(early?.checkpoint.file.size).toBeNull();
    const found = runVirtually(() => record(world.resume(early?.checkpoint ?? null, { sourceFile: world.stream })));
    expectLaws(found);
    expect(eventsOf(found, 'completed')[0]?.result).toMatchObject({ totalBytes: 350 * KIB, verified: 'etag' });
  });

  it('without an end never completes the object', () => {
    const world = uploadWorld();
    const chunk$ = new Subject<Uint8Array>();
    const events = runVirtually(() => {
      const running = record(world.upload({ sourceFile: streamSource(chunk$) }));
      at(10, () => chunk$.next(new Uint8Array(2 * PART)));
      at(10_000, () => running.unsubscribe());
      return running;
    });
    expect(typesOf(events)).not.toContain('completing');
    expect(world.fake.object('film.mp4')).toBeNull();
    expect(lastCheckpoint(events).parts).toHaveLength(2);
  });
});

describe('finalize', () => {
  const content = Uint8Array.from({ length: 250 * KIB }, (_, i) => i % 251);
  const finalize = (firstPart: Blob): Observable<Blob> => of(new Blob(['duration', firstPart.slice(8)]));
  const finalized = new Uint8Array(content);
  finalized.set(new TextEncoder().encode('duration'));

  function upload(
    options: Partial<UploadOptions>,
    source: StreamSourceOptions,
    fake: FakeObsOptions = {},
  ): Promise<{ error: unknown; bytes: Uint8Array; log: string[] }> {
    const world = uploadWorld({ latencyMs: 0, bytesPerSecond: null, ...fake });
    const sourceFile = streamSource([content], { finalize, ...source });
    return new Promise((resolve) => {
      const end = (error: unknown): void => {
        const log = world.fake.log.map(({ operation, partNumber }) => `${operation} ${partNumber ?? ''}`.trim());
        resolve({ error, bytes: world.fake.object('film.mp4')?.bytes ?? new Uint8Array(), log });
      };
      world
        .upload({ sourceFile, retry: { baseDelayMs: 1 }, ...options })
        .subscribe({ complete: () => end(null), error: end });
    });
  }

  it.each([
    ['the first part', { partSize: PART }],
    ['the only part', { multipart: 'always', partSize: 3 * PART }],
    ['the object of a single PUT', { partSize: 3 * PART }],
    ['the first part, with checksums', { partSize: PART, checksum: 'md5' }],
  ] as const)('replaces %s before the object is completed', async (_, options) => {
    const { error, bytes } = await upload(options, {});
    expect(error).toBeNull();
    expect(Buffer.compare(bytes, finalized)).toBe(0);
  });

  it('runs again when complete fails and a part has to be repaired', async () => {
    const faults = [on('completeMultipartUpload').respond(400, 'InvalidPart')];
    const { error, bytes, log } = await upload({ partSize: PART }, {}, { faults });
    expect(error).toBeNull();
    expect(Buffer.compare(bytes, finalized)).toBe(0);
    expect(log.filter((call) => call === 'uploadPart 1')).toHaveLength(4);
  });

  it('may make the first part longer or shorter, but not shorter than stores accept', async () => {
    const longer = await upload({ partSize: PART }, { finalize: (part) => of(new Blob(['header', part])) });
    expect(longer.bytes).toHaveLength(content.length + 6);
    const shorter = await upload({ partSize: PART }, { finalize: () => of(new Blob(['header'])) });
    expect(shorter.error).toMatchObject({ name: 'InvalidOptionsError', option: 'finalize' });
  });

  it('that fails leaves an upload that can be resumed', async () => {
    const { error } = await upload({ partSize: PART }, { finalize: () => throwError(() => new Error('no')) });
    expect(error).toMatchObject({ name: 'SourceError', resumable: true, cause: { message: 'no' } });
  });

  it('counts for the size of an object that is found on resume', async () => {
    const world = uploadWorld({ latencyMs: 0, bytesPerSecond: null });
    const sourceFile = streamSource([content], { finalize: (part) => of(new Blob(['header', part])) });
    const checkpoints: UploadCheckpoint[] = [];
    const uploaded = await lastValueFrom(
      world.upload({ sourceFile }).pipe(
        tap((event) => event.type === 'checkpoint' && checkpoints.push(event.checkpoint)),
        uploadResult(),
      ),
    );
    const found = await lastValueFrom(world.resume(checkpoints.at(-1) ?? null, { sourceFile }).pipe(uploadResult()));
    expect([uploaded.totalBytes, found.totalBytes]).toEqual([content.length + 6, content.length + 6]);
  });

  it('runs again on resume', async () => {
    const world = uploadWorld({
      latencyMs: 0,
      bytesPerSecond: null,
      faults: [on('completeMultipartUpload').respond(403, 'AccessDenied')],
    });
    const sourceFile = streamSource([content], { finalize });
    const error = await lastValueFrom(world.upload({ sourceFile })).catch((cause: unknown) => cause as UploadError);
    const { checkpoint } = error as UploadError;
    expect(parseCheckpoint(checkpoint)).toEqual(checkpoint);
    await lastValueFrom(world.resume(checkpoint, { sourceFile }));
    expect(Buffer.compare(world.fake.object('film.mp4')?.bytes ?? new Uint8Array(), finalized)).toBe(0);
    expect(world.fake.arrivals('uploadPart', 2)).toHaveLength(1);
  });
});
