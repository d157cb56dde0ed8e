import {
  concat,
  concatMap,
  concatWith,
  EMPTY,
  from,
  ignoreElements,
  lastValueFrom,
  map,
  NEVER,
  of,
  Subject,
  take,
  takeUntil,
  takeWhile,
  throwError,
  timer,
  type Observable,
} from 'rxjs';
import {
  memoryCheckpointStore,
  memoryLock,
  pendingUploads$,
  recallStream$,
  streamSource,
  transformParts,
  v4Signer,
  type CheckpointStore,
  type PartTransform,
  type RecallStreamOptions,
  type StreamSourceOptions,
  type StreamSpool,
  type UploadCheckpoint,
  type UploadEvent,
  type UploadLock,
  type UploadOptions,
  type UploadSource,
} from 'rx-obs-upload';
import { bytesOf, fakeSource, memorySpool, on, type FakeObsOptions, type FaultRule } from 'rx-obs-upload/testing';
import { eventsOf, KIB, lastCheckpoint, PART, uploadWorld, type UploadWorld } from '../support/upload-world.js';
import { expectLaws } from '../support/laws.js';
import { at, record, runVirtually, type Recording } from '../support/virtual-time.js';

const CHUNK = 70 * KIB;
const recorded = bytesOf(fakeSource({ size: 6 * CHUNK }));

function withDuration(firstPart: Blob): Observable<Blob> {
  return of(new Blob(['duration', firstPart.slice(8)]));
}

interface Page extends UploadWorld {
  readonly spool: StreamSpool;
  readonly checkpointStore: CheckpointStore;
  readonly events: Recording<UploadEvent>;
  /** Bytes that the recorder handed over before the page was killed. */
  readonly produced: number;
}

/** A page that records a chunk every 100 ms, and is killed. */
function killedPage(
  killedAtMs: number,
  fake: FakeObsOptions = {},
  wrap = (source: UploadSource): UploadSource => source,
  spool = memorySpool(),
  streamOptions: StreamSourceOptions = {},
  options: Partial<UploadOptions> = {},
): Page {
  const [checkpointStore, world] = [memoryCheckpointStore(), uploadWorld(fake)];
  let produced = 0;
  const events = runVirtually(() => {
    const chunk$ = new Subject<Uint8Array>();
    const sourceFile = wrap(
      streamSource(chunk$, { name: 'film.webm', type: 'video/webm', spool, lock: null, ...streamOptions }),
    );
    const events = record(world.upload({ sourceFile, checkpointStore, lock: null, ...options }));
    for (let i = 0; i < 6 && 100 * i < killedAtMs; i++) {
      at(100 * i, () => {
        produced = (i + 1) * CHUNK;
        chunk$.next(recorded.slice(i * CHUNK, produced));
      });
    }
    at(killedAtMs, () => events.unsubscribe());
    return events;
  });
  return { ...world, spool, checkpointStore, events, produced };
}

/** Where the chunk begins that `lossy` does not store. */
const LOST = 3 * CHUNK;

function lossy(append: StreamSpool['append'], lose: () => Observable<never>): StreamSpool['append'] {
  return (id, start, chunk) => (start === LOST ? lose() : append(id, start, chunk));
}

function full(): DOMException {
  return new DOMException('full', 'QuotaExceededError');
}

/** A page whose recording has ended, and that is killed when the server has so many parts of it. */
function endedPage(spool: StreamSpool, sentParts: number): Page {
  const world = uploadWorld({ bytesPerSecond: 1000 * KIB });
  const checkpointStore = memoryCheckpointStore();
  const chunk$ = timer(0, 1).pipe(
    take(6),
    map((i) => recorded.slice(i * CHUNK, (i + 1) * CHUNK)),
  );
  const sourceFile = streamSource(chunk$, { spool, lock: null });
  const options = { sourceFile, checkpointStore, lock: null, taskNum: 1 };
  const events = runVirtually(() =>
    record(
      world
        .upload(options)
        .pipe(takeWhile((event) => event.type !== 'checkpoint' || event.checkpoint.parts.length < sentParts, true)),
    ),
  );
  return { ...world, spool, checkpointStore, events, produced: recorded.length };
}

/** Another page lists the upload, recalls the stream and completes it. */
function reloaded(
  page: Page,
  options: RecallStreamOptions = {},
  wrap = (source: UploadSource): UploadSource => source,
): Recording<UploadEvent> {
  return runVirtually(() => record(resumed$(page, options, wrap)));
}

function resumed$(
  { spool, checkpointStore, resume }: Pick<Page, 'spool' | 'checkpointStore' | 'resume'>,
  options: RecallStreamOptions,
  wrap = (source: UploadSource): UploadSource => source,
): Observable<UploadEvent> {
  return pendingUploads$(checkpointStore).pipe(
    concatMap((uploads) => uploads),
    concatMap(({ checkpoint }) =>
      recallStream$(spool, checkpoint, { lock: null, ...options }).pipe(
        concatMap((source) =>
          resume(checkpoint, { sourceFile: wrap(source), checkpointStore, lock: options.lock ?? null }),
        ),
      ),
    ),
  );
}

function idsIn(spool: StreamSpool): Promise<readonly string[]> {
  return lastValueFrom(from(spool.list()));
}

function expectBytes({ fake }: Pick<Page, 'fake'>, expected: Uint8Array): void {
  expect(Buffer.compare(fake.object('film.mp4')?.bytes ?? new Uint8Array(), expected)).toBe(0);
}

describe('a recording whose page is killed', () => {
  it('is completed by another page with all that was recorded, at any time', () => {
    for (let ms = 20; ms < 900; ms += 55) {
      const page = killedPage(ms);
      const events = reloaded(page);
      expect(events.error).toBeUndefined();
      expect(events.completed).toBe(true);
      expectLaws(events);
      expectBytes(page, recorded.slice(0, page.produced));
      const parts = page.fake.arrivals('uploadPart').filter(({ status }) => status === 200);
      expect(new Set(parts.map(({ partNumber }) => partNumber)).size).toBe(parts.length);
    }
  });

  it('leaves nothing behind once it is complete', async () => {
    const page = killedPage(450);
    reloaded(page);
    expect(await idsIn(page.spool)).toEqual([]);
    expect(await lastValueFrom(pendingUploads$(page.checkpointStore))).toEqual([]);
  });

  it('needs no checkpoint later than the first: the spool remembers which parts the server has', () => {
    const page = killedPage(600);
    const first = eventsOf(page.events, 'checkpoint')[0]?.checkpoint;
    expect(lastCheckpoint(page.events).parts.length).toBeGreaterThan(1);
    const events = runVirtually(() =>
      record(
        recallStream$(page.spool, first as UploadCheckpoint, { lock: null }).pipe(
          concatMap((sourceFile) => page.resume(first as UploadCheckpoint, { sourceFile })),
        ),
      ),
    );
    expect(events.completed).toBe(true);
    expectBytes(page, recorded.slice(0, page.produced));
    expect(page.fake.arrivals('uploadPart', 1)).toHaveLength(1);
  });

  it('continues with what the stream produces from then on', () => {
    const page = killedPage(250);
    const events = reloaded(page, { more: [Uint8Array.of(1, 2, 3)] });
    expect(events.completed).toBe(true);
    expectBytes(page, Uint8Array.from([...recorded.slice(0, page.produced), 1, 2, 3]));
  });

  it('can be killed repeatedly', () => {
    const page = killedPage(250);
    const checkpoint = lastCheckpoint(page.events);
    for (const ms of [5, 40, 90]) {
      runVirtually(() => {
        const events = record(
          recallStream$(page.spool, checkpoint, { lock: null }).pipe(
            concatMap((sourceFile) =>
              page.resume(checkpoint, { sourceFile, checkpointStore: page.checkpointStore, lock: null }),
            ),
          ),
        );
        at(ms, () => events.unsubscribe());
        return events;
      });
    }
    expect(reloaded(page).completed).toBe(true);
    expectBytes(page, recorded.slice(0, page.produced));
  });

  it('still has its first part for `finalize` after it was killed twice', async () => {
    const [finalize, fake] = [withDuration, { latencyMs: 0, bytesPerSecond: null } as const];
    const page = killedPage(250, fake, undefined, undefined, { finalize });
    const more = recorded.slice(0, PART);
    const again = runVirtually(() => {
      const events = record(resumed$(page, { finalize, more: concat(of(more), NEVER) }));
      at(50, () => events.unsubscribe());
      return events;
    });
    expect(eventsOf(again, 'part-completed').map(({ partNumber }) => partNumber)).toEqual([3]);
    const checkpoint = lastCheckpoint(again);
    // Not in virtual time: a Blob is read.
    await lastValueFrom(
      recallStream$(page.spool, checkpoint, { finalize }).pipe(
        concatMap((sourceFile) => page.resume(checkpoint, { sourceFile })),
      ),
    );
    const all = Uint8Array.from([...recorded.slice(0, page.produced), ...more]);
    all.set(new TextEncoder().encode('duration'));
    expectBytes(page, all);
    expect(page.fake.arrivals('uploadPart', 2)).toHaveLength(1);
  });

  it('is transformed as before', () => {
    const inverted: PartTransform = {
      overheadBytes: 1,
      transform: (bytes) => of(Uint8Array.from([7, ...bytes.map((byte) => byte ^ 255)])),
    };
    const wrap = (source: UploadSource): UploadSource => transformParts(source, inverted);
    const page = killedPage(500, {}, wrap);
    const events = reloaded(page, {}, wrap);
    expect(events.completed).toBe(true);
    const plain = recorded.slice(0, page.produced);
    const parts = Array.from({ length: Math.ceil(plain.length / PART) }, (_, i) =>
      plain.slice(i * PART, (i + 1) * PART),
    );
    expectBytes(page, Uint8Array.from(parts.flatMap((part) => [7, ...part.map((byte) => byte ^ 255)])));
  });

  it.each<[string, () => FaultRule[]]>([
    ['', () => []],
    [
      ', also where parts may not be listed and a later one was sent',
      () => [
        on('listParts', { times: Infinity }).respond(403, 'AccessDenied'),
        on('uploadPart', { partNumber: 2 }).stall('before-response'),
      ],
    ],
  ])('is completed up to the first chunk that could not be stored%s', (_, faults) => {
    for (let lost = 0; lost < 4; lost++) {
      const { append, ...rest } = memorySpool();
      // Space is refused after a later, smaller chunk was stored.
      const spool: StreamSpool = {
        ...rest,
        append: (id, start, chunk) =>
          start === lost * CHUNK
            ? timer(5000).pipe(concatMap(() => throwError(() => new DOMException('full', 'QuotaExceededError'))))
            : append(id, start, chunk),
      };
      const page = killedPage(560, { faults: faults() }, undefined, spool, {}, { taskNum: 3 });
      const parts = page.fake.uploads()[0]?.parts;
      let sent = 0;
      while (parts?.has(sent + 1) === true) sent += 1;
      const events = reloaded(page);
      expect(events.error).toBeUndefined();
      expectLaws(events);
      const { size } = page.fake.object('film.mp4') ?? { size: 0 };
      expect(size).toBeGreaterThanOrEqual(Math.min(lost * CHUNK, page.produced));
      expect(size).toBeGreaterThanOrEqual(Math.min(sent * PART, page.produced));
      expectBytes(page, recorded.slice(0, size));
    }
  });

  it.each<[string, (spool: StreamSpool) => Partial<StreamSpool>]>([
    ['that its spool lost', ({ append }) => ({ append: lossy(append, () => EMPTY) })],
    [
      'that its spool lost, with its end',
      ({ append, save }) => ({
        append: lossy(append, () => EMPTY),
        save: (stream) => (stream.size === null ? save(stream) : EMPTY),
      }),
    ],
    [
      'that could not be stored',
      ({ append }) => ({ append: lossy(append, () => timer(50).pipe(concatMap(() => throwError(() => full())))) }),
    ],
  ])('that has ended, and whose checkpoint has its size, is completed up to the first chunk %s', (_, faulty) => {
    for (const sentParts of [1, 2, 3]) {
      const spool = memorySpool();
      const page = endedPage({ ...spool, ...faulty(spool) }, sentParts);
      expect(lastCheckpoint(page.events)).toMatchObject({ file: { size: recorded.length } });
      expect(lastCheckpoint(page.events).parts).toHaveLength(sentParts);
      const events = reloaded(page, { more: [Uint8Array.of(1, 2, 3)] });
      expect(events.error).toBeUndefined();
      expectLaws(events);
      // The server has all of the lost chunk with the third part.
      const size = sentParts < 3 ? LOST : recorded.length;
      expectBytes(page, recorded.slice(0, size));
      expect(eventsOf(events, 'checkpoint').at(-1)?.checkpoint.file.size).toBe(size);
      const warnings = eventsOf(events, 'warning').map(({ error }) => error);
      expect(warnings.map(({ code }) => code)).toEqual(sentParts < 3 ? ['store'] : []);
    }
  });

  it('loses nothing where the recorder also emits empty chunks', () => {
    const [spool, checkpointStore, world] = [memorySpool(), memoryCheckpointStore(), uploadWorld()];
    const events = runVirtually(() => {
      const chunk$ = timer(0, 100).pipe(
        take(6),
        concatMap((i) => [new Uint8Array(), recorded.slice(i * CHUNK, (i + 1) * CHUNK)]),
        concatWith(NEVER),
      );
      const events = record(world.upload({ sourceFile: streamSource(chunk$, { spool }), checkpointStore, lock: null }));
      at(510, () => events.unsubscribe());
      return events;
    });
    const page = { ...world, spool, checkpointStore, events, produced: 6 * CHUNK };
    expect(reloaded(page).completed).toBe(true);
    expectBytes(page, recorded);
  });

  it('has nothing of what was stored after a gap once it was continued from there', () => {
    const { append, ...rest } = memorySpool();
    let isFull = true;
    const spool: StreamSpool = {
      ...rest,
      append: (id, start, chunk) =>
        isFull && start === 2 * CHUNK
          ? timer(400).pipe(concatMap(() => throwError(() => new DOMException('full', 'QuotaExceededError'))))
          : append(id, start, chunk),
    };
    const page = killedPage(390, { bytesPerSecond: 50 * KIB }, undefined, spool);
    isFull = false;
    const more = new Uint8Array(CHUNK).fill(7);
    runVirtually(() => {
      const events = record(resumed$(page, { more: concat(of(more), NEVER) }));
      at(50, () => events.unsubscribe());
      return events;
    });
    expect(reloaded(page).completed).toBe(true);
    expectBytes(page, Uint8Array.from([...recorded.slice(0, 2 * CHUNK), ...more]));
  });

  describe('while it is completed, in a store that shows no upload id, with an early checkpoint', () => {
    function recalled(options: RecallStreamOptions = {}, headers: Readonly<Record<string, string>> = {}) {
      const faults = [
        on('completeMultipartUpload').stall('after-effect'),
        on('headObject', { times: Infinity }).setHeaders(headers),
      ];
      const [spool, world] = [memorySpool(), uploadWorld({ faults }, { signer: v4Signer({ region: 'local' }) })];
      const chunk$ = timer(0, 100).pipe(
        take(6),
        map((i) => recorded.slice(i * CHUNK, (i + 1) * CHUNK)),
      );
      const killed = runVirtually(() => {
        const events = record(world.upload({ sourceFile: streamSource(chunk$, { spool }), lock: null }));
        at(3000, () => events.unsubscribe());
        return events;
      });
      const [, early] = eventsOf(killed, 'checkpoint').map(({ checkpoint }) => checkpoint);
      expect(early).toMatchObject({ file: { size: null }, parts: [{ partNumber: 1 }] });
      expect(world.fake.object('film.mp4')?.size).toBe(recorded.length);
      const events = runVirtually(() =>
        record(
          recallStream$(spool, early as UploadCheckpoint, options).pipe(
            concatMap((sourceFile) => world.resume(early as UploadCheckpoint, { sourceFile })),
          ),
        ),
      );
      expect(world.fake.arrivals('initiateMultipartUpload')).toHaveLength(1);
      return { events, spool };
    }

    it('is found by its ETag: the spool knows all parts', async () => {
      const { events, spool } = recalled();
      expect(events.error).toBeUndefined();
      expectLaws(events);
      expect(eventsOf(events, 'completed')[0]?.result).toMatchObject({
        totalBytes: recorded.length,
        verified: 'etag',
      });
      expect(await idsIn(spool)).toEqual([]);
    });

    it('is not taken for another object', async () => {
      const { events, spool } = recalled({}, { etag: `"${'0'.repeat(32)}-5"` });
      expect(events.error).toMatchObject({ name: 'SourceError', code: 'source-unreadable', resumable: false });
      expect(await idsIn(spool)).toHaveLength(1);
    });

    it('is not reported as lost if `finalize` may have made another ETag of as many parts', async () => {
      const finalize = withDuration;
      const { events, spool } = recalled({ finalize }, { etag: `"${'0'.repeat(32)}-5"` });
      expect(events.error).toMatchObject({ name: 'ServiceError', code: 'complete-unknown' });
      expect(await idsIn(spool)).toHaveLength(1);
      const other = recalled({ finalize }, { etag: `"${'0'.repeat(32)}-4"` });
      expect(other.events.error).toMatchObject({ name: 'SourceError', code: 'source-unreadable', resumable: false });
    });
  });

  it('fails with a message that says what to do if the spool cannot be read', () => {
    const page = killedPage(300);
    const blocked = (): never => {
      throw new DOMException('blocked', 'SecurityError');
    };
    for (const broken of [{ list: blocked }, { load: () => throwError(() => new Error('corrupt')) }]) {
      const events = runVirtually(() =>
        record(recallStream$({ ...page.spool, ...broken }, lastCheckpoint(page.events), { lock: null })),
      );
      expect(events.error).toMatchObject({ name: 'SourceError', code: 'source-unreadable' });
      expect((events.error as Error).message).toContain('try again');
    }
  });

  it('fails if the spool does not respond', () => {
    const page = killedPage(300);
    for (const silent of [{ list: () => NEVER }, { load: () => NEVER }]) {
      const events = runVirtually(() =>
        record(recallStream$({ ...page.spool, ...silent }, lastCheckpoint(page.events), { lock: null })),
      );
      expect(events.error).toMatchObject({ name: 'SourceError', code: 'source-unreadable' });
      expect(events.endedAt).toBe(30_000);
    }
  });

  it('is found by its id if its upload never started, as without a network', async () => {
    const page = killedPage(450, { faults: [on('initiateMultipartUpload', { times: Infinity }).reset()] });
    expect(await lastValueFrom(pendingUploads$(page.checkpointStore))).toEqual([]);
    page.fake.clearFaults();
    const [id = ''] = await idsIn(page.spool);
    const events = runVirtually(() =>
      record(
        recallStream$(page.spool, id, { lock: null }).pipe(concatMap((sourceFile) => page.upload({ sourceFile }))),
      ),
    );
    expect(events.completed).toBe(true);
    expectLaws(events);
    expectBytes(page, recorded.slice(0, page.produced));
    expect(await idsIn(page.spool)).toEqual([]);
  });

  it('is not found by its id once parts were sent, as those need the checkpoint', async () => {
    const page = killedPage(600);
    const [id = ''] = await idsIn(page.spool);
    const events = runVirtually(() => record(recallStream$(page.spool, id, { lock: null })));
    expect(events.error).toMatchObject({ name: 'SourceError', code: 'source-unreadable' });
    expect((events.error as Error).message).toContain('checkpoint');
  });

  it('is not found by a checkpoint of another stream', () => {
    const [page, other] = [killedPage(300), killedPage(300)];
    const events = runVirtually(() => record(recallStream$(other.spool, lastCheckpoint(page.events), { lock: null })));
    expect(events.error).toMatchObject({ name: 'SourceError', code: 'source-unreadable' });
  });

  it.each([
    ['fails', () => throwError(() => new DOMException('full', 'QuotaExceededError'))],
    [
      'throws',
      () => {
        throw new Error('blocked');
      },
    ],
  ] as const)('is uploaded with one warning if the spool %s', (_, append) => {
    const { fake, upload } = uploadWorld();
    const spool: StreamSpool = { ...memorySpool(), append };
    const chunk$ = timer(10, 10).pipe(
      concatMap((i) => (i < 5 ? of(recorded.slice(i * CHUNK, (i + 1) * CHUNK)) : throwError(() => new Error('end')))),
    );
    const events = runVirtually(() => record(upload({ sourceFile: streamSource(chunk$, { spool }) })));
    expect(events.error).toMatchObject({ cause: { message: 'end' } });
    expect(eventsOf(events, 'warning').map(({ error }) => error.code)).toEqual(['store']);
    expect(fake.arrivals('uploadPart')).toHaveLength(3);
  });

  it('is uploaded with a warning if the spool does not finish a write within half a minute', () => {
    const spool: StreamSpool = { ...memorySpool(), append: () => NEVER };
    const chunk$ = concat(of(recorded.slice(0, CHUNK)), timer(31_000).pipe(ignoreElements()));
    const events = runVirtually(() => record(uploadWorld().upload({ sourceFile: streamSource(chunk$, { spool }) })));
    expect(events.completed).toBe(true);
    expect(eventsOf(events, 'warning').map(({ error }) => error.code)).toEqual(['store']);
  });

  it('is uploaded without a warning if the spool takes a minute, but finishes one write after the other', () => {
    let waitMs = 0;
    const spool: StreamSpool = { ...memorySpool(), append: () => timer((waitMs += 20_000)) };
    const chunks = [0, 1, 2].map((i) => recorded.slice(i * CHUNK, (i + 1) * CHUNK));
    const chunk$ = concat(chunks, timer(70_000).pipe(ignoreElements()));
    const events = runVirtually(() => record(uploadWorld().upload({ sourceFile: streamSource(chunk$, { spool }) })));
    expect(events.completed).toBe(true);
    expect(eventsOf(events, 'warning')).toEqual([]);
  });

  it('leaves nothing in a spool of which a write failed once it is complete', async () => {
    const { append, ...rest } = memorySpool();
    const spool: StreamSpool = {
      ...rest,
      append: (id, start, chunk) =>
        start === CHUNK ? throwError(() => new DOMException('full', 'QuotaExceededError')) : append(id, start, chunk),
    };
    const sourceFile = streamSource(of(recorded.slice(0, CHUNK), recorded.slice(CHUNK)), { spool });
    const events = runVirtually(() => record(uploadWorld().upload({ sourceFile })));
    expect(events.completed).toBe(true);
    expect(await idsIn(spool)).toEqual([]);
  });

  it('is an empty object if nothing was recorded', () => {
    const { fake, upload } = uploadWorld();
    const events = runVirtually(() => record(upload({ sourceFile: streamSource(EMPTY, { spool: memorySpool() }) })));
    expect(events.error).toBeUndefined();
    expect(events.completed).toBe(true);
    expect(fake.object('film.mp4')?.size).toBe(0);
  });
});

describe('a recording that another tab recalls while it is made', () => {
  it('is completed by that tab with all that was recorded until the recording one is killed', () => {
    const tab = recordingTab();
    const events = runVirtually(() => {
      const upload = tab.start();
      at(560, () => {
        upload.unsubscribe();
        tab.killed$.next();
      });
      return record(timer(250).pipe(concatMap(() => resumed$(tab, { lock: tab.lock }))));
    });
    expect(events.completed).toBe(true);
    expect(events.times[0]).toBe(570);
    expectLaws(events);
    expectBytes(tab, recorded);
  });

  it('is completed by the recording tab, also if that one was paused meanwhile', () => {
    const tab = recordingTab();
    const uploads: Recording<UploadEvent>[] = [];
    const events = runVirtually(() => {
      const upload = tab.start();
      at(220, () => upload.unsubscribe());
      at(450, () => uploads.push(record(tab.upload$)));
      at(560, () => tab.chunk$.complete());
      return record(timer(250).pipe(concatMap(() => resumed$(tab, { lock: tab.lock }))));
    });
    expect(uploads[0]?.completed).toBe(true);
    expectBytes(tab, recorded);
    expect(tab.fake.arrivals('completeMultipartUpload')).toHaveLength(1);
    expect(events.values).toEqual([]);
    expect(events.error).toMatchObject({ name: 'SourceError', code: 'source-unreadable' });
    expect((events.error as Error).message).toContain('complete');
  });

  it('is recalled by its id with all that was recorded until the recording tab is killed', () => {
    const tab = recordingTab({ faults: [on('initiateMultipartUpload', { times: Infinity }).reset()] });
    const events = runVirtually(() => {
      const upload = tab.start();
      at(560, () => {
        upload.unsubscribe();
        tab.fake.clearFaults();
        tab.killed$.next();
      });
      return record(
        timer(250).pipe(
          concatMap(() => tab.spool.list()),
          concatMap(([id = '']) => recallStream$(tab.spool, id, { lock: tab.lock })),
          concatMap((sourceFile) => tab.upload({ sourceFile })),
        ),
      );
    });
    expect(events.completed).toBe(true);
    expectBytes(tab, recorded);
  });

  it('is completed by that tab once it has ended and all of it is stored, while its upload is paused', () => {
    const { append, ...rest } = memorySpool();
    const tab = recordingTab({}, { ...rest, append: (...chunk) => timer(100).pipe(concatMap(() => append(...chunk))) });
    const events = runVirtually(() => {
      const upload = tab.start();
      at(220, () => upload.unsubscribe());
      at(560, () => tab.chunk$.complete());
      return record(timer(250).pipe(concatMap(() => resumed$(tab, { lock: tab.lock }))));
    });
    expect(events.completed).toBe(true);
    expect(events.times[0]).toBe(610);
    expectBytes(tab, recorded);
  });

  it('stays with the recording tab, also when it has ended, if some of it could not be stored', () => {
    const { append, ...rest } = memorySpool();
    const tab = recordingTab(
      {},
      {
        ...rest,
        append: (id, start, chunk) =>
          start === 4 * CHUNK
            ? throwError(() => new DOMException('full', 'QuotaExceededError'))
            : append(id, start, chunk),
      },
    );
    const uploads: Recording<UploadEvent>[] = [];
    runVirtually(() => {
      const upload = tab.start();
      at(220, () => upload.unsubscribe());
      at(560, () => tab.chunk$.complete());
      at(5000, () => uploads.push(record(tab.upload$)));
      return record(timer(250).pipe(concatMap(() => resumed$(tab, { lock: tab.lock }))));
    });
    expect(uploads[0]?.completed).toBe(true);
    expectBytes(tab, recorded);
  });

  it('is recalled again by a page whose earlier source of it is not used, or not any more', () => {
    const page = killedPage(450);
    const options = { lock: memoryLock() };
    runVirtually(() => record(recallStream$(page.spool, lastCheckpoint(page.events), options)));
    runVirtually(() => record(resumed$(page, options).pipe(take(1))));
    expect(reloaded(page, options).completed).toBe(true);
    expectBytes(page, recorded.slice(0, page.produced));
  });

  it('stays with the tab that recalled it: another one has a spool of its own', () => {
    const page = killedPage(450);
    const lock = memoryLock();
    const recalled = runVirtually(() => record(recallStream$(page.spool, lastCheckpoint(page.events), { lock })));
    const other = reloaded({ ...page, spool: { ...page.spool } }, { lock });
    expect([recalled.values.length, other.values.length, other.endedAt]).toEqual([1, 0, null]);
  });

  it('is recalled from a spool that is frozen', () => {
    const page = killedPage(450);
    const frozen = { ...page, spool: Object.freeze({ ...page.spool }) };
    expect(reloaded(frozen, { lock: memoryLock() }).completed).toBe(true);
    expectBytes(page, recorded.slice(0, page.produced));
  });

  it('is completed by that tab if its upload was restarted meanwhile, under another id', () => {
    const tab = recordingTab();
    const uploadId = (): string => tab.fake.uploads()[0]?.uploadId ?? '';
    let first = '';
    const events = runVirtually(() => {
      const upload = tab.start();
      at(30, () => {
        first = uploadId();
        tab.fake.abortUpload(first);
      });
      at(560, () => {
        upload.unsubscribe();
        tab.killed$.next();
      });
      return record(timer(25).pipe(concatMap(() => resumed$(tab, { lock: tab.lock }))));
    });
    expect(eventsOf(events, 'checkpoint')[0]?.checkpoint.uploadId).not.toBe(first);
    expect(events.error).toBeUndefined();
    expectLaws(events);
    expectBytes(tab, recorded);
    expect(tab.fake.arrivals('uploadPart', 1).filter(({ status }) => status === 200)).toHaveLength(1);
  });

  it('is left to other tabs if it is unsubscribed from before its turn', () => {
    const tab = recordingTab();
    const events = runVirtually(() => {
      const upload = tab.start();
      const waiting = record(timer(250).pipe(concatMap(() => resumed$(tab, { lock: tab.lock }))));
      at(400, () => waiting.unsubscribe());
      at(560, () => {
        upload.unsubscribe();
        tab.killed$.next();
      });
      return record(timer(600).pipe(concatMap(() => resumed$(tab, { lock: tab.lock }))));
    });
    expect(events.completed).toBe(true);
    expectBytes(tab, recorded);
  });

  it('is recalled at once where the lock is not available', () => {
    const page = killedPage(450);
    const lock: UploadLock = { hold: () => throwError(() => new DOMException('denied', 'SecurityError')) };
    expect(reloaded(page, { lock }).completed).toBe(true);
    expectBytes(page, recorded.slice(0, page.produced));
  });
});

interface RecordingTab extends UploadWorld {
  readonly spool: StreamSpool;
  readonly checkpointStore: CheckpointStore;
  readonly chunk$: Subject<Uint8Array>;
  /** The lock of the other tabs. */
  readonly lock: UploadLock;
  /** Releases the locks of this tab, as its end does. */
  readonly killed$: Subject<void>;
  readonly upload$: Observable<UploadEvent>;
  /** Records a chunk every 100 ms, up to 500 ms, and uploads meanwhile. */
  start(): Recording<UploadEvent>;
}

function recordingTab(fake: FakeObsOptions = {}, spool = memorySpool()): RecordingTab {
  const [checkpointStore, world, lock] = [memoryCheckpointStore(), uploadWorld(fake), memoryLock()];
  const [chunk$, killed$] = [new Subject<Uint8Array>(), new Subject<void>()];
  const ownLock: UploadLock = { hold: (name) => lock.hold(name).pipe(takeUntil(killed$)) };
  const sourceFile = streamSource(chunk$, { name: 'film.webm', type: 'video/webm', spool, lock: ownLock });
  const upload$ = world.upload({ sourceFile, checkpointStore, lock: ownLock });
  return {
    ...world,
    spool,
    checkpointStore,
    chunk$,
    lock,
    killed$,
    upload$,
    start() {
      const upload = record(upload$);
      for (let i = 0; i < 6; i++) at(100 * i, () => chunk$.next(recorded.slice(i * CHUNK, (i + 1) * CHUNK)));
      return upload;
    },
  };
}
