import fc from 'fast-check';
import { finalize, from, ignoreElements, mergeMap, take, takeWhile, tap } from 'rxjs';
import {
  InvalidOptionsError,
  isUploadError,
  obsSigner,
  uploadFile$,
  type RequestBody,
  type Signer,
  type UploadCheckpoint,
  type UploadError,
  type UploadEvent,
  type SizedSource,
} from 'rx-obs-upload';
import { bytesOf, createFakeObs, fakeSource, on, type FakeSource } from 'rx-obs-upload/testing';
import { eventsOf, KIB, lastCheckpoint, PART, uploadWorld, type UploadWorld } from '../support/upload-world.js';
import { record, runVirtually } from '../support/virtual-time.js';
import { startedWithPartSize, expectFired, expectUploaded, first, resumeAsJson } from '../support/scenario-world.js';

const MIB = 1024 * KIB;
const GIB = 1024 * MIB;
const LARGEST = 10_000 * 5 * GIB;
const seed = Number(process.env.PROPERTY_SEED ?? 20_260_110);

/** The `started` event of an upload, or its error. */
function startOf(
  file: FakeSource,
  partSize?: number,
): { readonly started: Extract<UploadEvent, { type: 'started' }> | undefined; readonly error: unknown } {
  const { obs } = uploadWorld({ latencyMs: 0 }, {}, file);
  const options = partSize === undefined ? {} : { partSize };
  const upload$ = uploadFile$(obs, {
    bucket: 'media',
    key: 'huge.bin',
    sourceFile: file,
    multipart: 'always',
    ...options,
  });
  const events = runVirtually(() => record(upload$.pipe(takeWhile(({ type }) => type !== 'started', true))));
  return { started: first(events, 'started'), error: events.error };
}

/** What happens while parts of 16 bytes are sent; events are counted, not stored. */
interface Counts {
  readonly events: Readonly<Record<string, number>>;
  readonly signatures: number;
  readonly requests: number;
  readonly slices: number;
  /** The most slices that were created but not yet acknowledged. */
  readonly slicesAtOnce: number;
  readonly reads: number;
}

/** An upload with parts of 16 bytes, so that many of them cost little. */
function tinyParts(parts: number): {
  readonly world: UploadWorld;
  readonly checkpoint: UploadCheckpoint;
  readonly signatures: () => number;
} {
  const { dialect, sign } = obsSigner();
  let signatures = 0;
  const signer: Signer = { dialect, sign: (request, context) => (signatures++, sign(request, context)) };
  const file = fakeSource({ name: 'film.mp4', size: parts * 16 - 3 });
  const world = uploadWorld(
    { minPartBytes: 1, latencyMs: 1, bytesPerSecond: null, progressSteps: 0, etags: 'fast' },
    { signer },
    file,
  );
  return { world, checkpoint: startedWithPartSize(world, 16), signatures: () => signatures };
}

/** Sends that number of parts, four at once; the last one is refused. */
function send(parts: number): { readonly world: UploadWorld; readonly counts: Counts; readonly failed: UploadError } {
  const { world, checkpoint, signatures } = tinyParts(parts);
  const refused = on('uploadPart', { partNumber: parts }).respond(400, 'InvalidArgument');
  world.fake.addFaults(refused);
  const before = { signatures: signatures(), requests: world.fake.log.length, reads: world.file.reads.length };
  const events: Record<string, number> = {};
  let slicesAtOnce = 0;
  const ended = runVirtually(() =>
    record(
      // A short timeout, as the virtual scheduler stores and sorts those of all parts.
      world.resume(checkpoint, { taskNum: 4, stallTimeoutMs: 50 }).pipe(
        tap(({ type }) => {
          events[type] = (events[type] ?? 0) + 1;
          slicesAtOnce = Math.max(slicesAtOnce, world.file.slices.length - (events['part-completed'] ?? 0));
        }),
        ignoreElements(),
      ),
    ),
  );
  expectFired(refused);
  const counts: Counts = {
    events,
    signatures: signatures() - before.signatures,
    requests: world.fake.log.length - before.requests,
    slices: world.file.slices.length,
    slicesAtOnce,
    reads: world.file.reads.length - before.reads,
  };
  return { world, counts, failed: ended.error as UploadError };
}

describe('scale', () => {
  describe('small files', () => {
    const sizes = [0, 1, 1000, PART - 1, PART];

    it.each(sizes)('of %i bytes are sent as a single PUT', (size) => {
      const world = uploadWorld({}, {}, fakeSource({ name: 'film.mp4', size }));
      const events = runVirtually(() => record(world.upload()));
      expectUploaded(world, events);
      expect(world.fake.log.map((arrival) => [arrival.operation, arrival.size])).toEqual([['putObject', size]]);
      expect(eventsOf(events, 'progress').at(-1)).toMatchObject({ transferredBytes: size, totalBytes: size });
    });

    it.each(sizes)("of %i bytes are sent as one part with multipart: 'always'", (size) => {
      const world = uploadWorld({}, {}, fakeSource({ name: 'film.mp4', size }));
      const events = runVirtually(() => record(world.upload({ multipart: 'always' })));
      expectUploaded(world, events);
      expect(world.fake.arrivals('uploadPart').map((arrival) => [arrival.partNumber, arrival.size])).toEqual([
        [1, size],
      ]);
    });

    it('of 0 bytes can be resumed', () => {
      const fault = on('uploadPart').respond(400, 'InvalidArgument');
      const world = uploadWorld({ faults: [fault] }, {}, fakeSource({ name: 'film.mp4', size: 0 }));
      const events = runVirtually(() => record(world.upload({ multipart: 'always' })));
      expectFired(fault);
      expectUploaded(world, resumeAsJson(world, lastCheckpoint(events)));
    });
  });

  describe('files of about a multiple of the part size', () => {
    it.each([
      [2 * PART, 2],
      [2 * PART - 1, 2],
      [2 * PART + 1, 3],
      [5 * PART, 5],
      [PART + 1, 2],
    ])('of %i bytes have %i parts, none of them empty', (size, parts) => {
      const world = uploadWorld({}, {}, fakeSource({ name: 'film.mp4', size }));
      const events = runVirtually(() => record(world.upload()));
      expectUploaded(world, events);
      expect(first(events, 'started')).toMatchObject({ partCount: parts, partSize: PART, totalBytes: size });
      const sent = world.fake.arrivals('uploadPart');
      expect(sent).toHaveLength(parts);
      expect(Math.min(...sent.map((arrival) => arrival.size))).toBeGreaterThan(0);
      expect(sent.reduce((sum, arrival) => sum + arrival.size, 0)).toBe(size);
    });

    it('have parts of 9 MiB by default', () => {
      const file = fakeSource({ name: 'film.mp4', size: 18 * MIB });
      expect(startOf(file).started).toMatchObject({ partSize: 9 * MIB, partCount: 2 });
    });
  });

  describe('10,000 parts', () => {
    let sent: ReturnType<typeof send>;
    beforeAll(() => (sent = send(10_000)));

    it('are each sent once, and each acknowledged one is in the checkpoint', () => {
      const { world, counts, failed } = sent;
      const parts = world.fake.arrivals('uploadPart').map(({ partNumber }) => partNumber);
      expect(parts).toHaveLength(10_000);
      expect(new Set(parts).size).toBe(10_000);
      expect(counts.requests).toBe(1 + 10_000);
      expect(counts.events).toMatchObject({ started: 1, 'part-completed': 9999, checkpoint: 1 + 9999 });
      expect(failed).toMatchObject({ name: 'ServiceError', partNumber: 10_000 });
      expect(failed.checkpoint?.parts).toHaveLength(9999);
    });

    it('need constant memory: one slice per part in flight, and nothing is read but the sample', () => {
      const { world, counts } = sent;
      expect(counts.slices).toBe(10_000);
      expect(counts.slicesAtOnce).toBeLessThanOrEqual(4);
      expect(world.fake.maxInFlight('uploadPart')).toBe(4);
      expect(counts.reads).toBeLessThanOrEqual(4);
    });

    it('have a constant cost per part', () => {
      const few = send(500).counts;
      for (const each of ['signatures', 'requests', 'slices'] as const) {
        expect(sent.counts[each] / 10_000).toBeCloseTo(few[each] / 500, 2);
      }
      const eventCount = (of: Counts): number => Object.values(of.events).reduce((sum, n) => sum + n, 0);
      expect(eventCount(sent.counts) / 10_000).toBeLessThanOrEqual((eventCount(few) / 500) * 1.1);
    });

    it('are resumed at the last one: ten pages are listed and one part is sent', () => {
      const { world, failed } = sent;
      const resumed = resumeAsJson(world, failed.checkpoint);
      expectUploaded(world, resumed);
      expect(world.fake.arrivals('listParts')).toHaveLength(1 + 10);
      expect(eventsOf(resumed, 'part-started').map(({ partNumber }) => partNumber)).toEqual([10_000]);
      expect(first(resumed, 'started')).toMatchObject({ partCount: 10_000, resumedBytes: 9999 * 16 });
      expect(world.fake.arrivals('completeMultipartUpload')).toHaveLength(1);
    });
  });

  describe('more than 10,000 parts', () => {
    it.each([
      [10_000 * PART, PART, 10_000],
      [10_000 * PART + 1, PART + 1, 10_000],
      [10_001 * PART, PART + 11, 9999],
      [20_000 * PART, 2 * PART, 10_000],
    ])('are avoided: a file of %i bytes has parts of %i bytes', (size, partSize, partCount) => {
      const { started } = startOf(fakeSource({ size }), PART);
      expect(started).toMatchObject({ partSize, partCount: Math.ceil(size / partSize) });
      expect(started?.partCount).toBeGreaterThanOrEqual(partCount - 10);
      expect(started?.partCount).toBeLessThanOrEqual(10_000);
    });

    it('are avoided for any size and any part size, within the limits of a part', () => {
      const size = fc.oneof(fc.integer({ min: 0, max: GIB }), fc.integer({ min: 0, max: LARGEST }));
      const partSize = fc.oneof(fc.integer({ min: PART, max: GIB }), fc.integer({ min: PART, max: 5 * GIB }));
      fc.assert(
        fc.property(size, partSize, (bytes, requested) => {
          const { started, error } = startOf(fakeSource({ size: bytes }), requested);
          expect(error).toBeUndefined();
          if (started?.partCount == null) throw new Error('it has not started');
          expect(started.partCount).toBeLessThanOrEqual(10_000);
          expect(started.partSize).toBeGreaterThanOrEqual(requested);
          expect(started.partSize).toBeLessThanOrEqual(5 * GIB);
          expect(started.partCount * started.partSize).toBeGreaterThanOrEqual(bytes);
          expect((started.partCount - 1) * started.partSize).toBeLessThan(Math.max(1, bytes));
        }),
        { numRuns: 40, seed },
      );
    });
  });

  describe('the size limit of 48.8 TiB', () => {
    it('is 10,000 parts of 5 GiB', () => {
      expect(startOf(fakeSource({ size: LARGEST })).started).toMatchObject({ partSize: 5 * GIB, partCount: 10_000 });
    });

    it.each([LARGEST + 1, 2 * LARGEST, Number.MAX_SAFE_INTEGER])('refuses %i bytes before any request', (size) => {
      const { fake, obs } = uploadWorld();
      const sourceFile = fakeSource({ size });
      const events = runVirtually(() => record(uploadFile$(obs, { bucket: 'media', key: 'huge.bin', sourceFile })));
      expect(events.error).toBeInstanceOf(InvalidOptionsError);
      expect(events.error).toMatchObject({ option: 'sourceFile' });
      expect(fake.log).toHaveLength(0);
      expect(sourceFile.reads).toHaveLength(0);
    });

    it.each([Number.NaN, -1, Number.POSITIVE_INFINITY, 1.5])('refuses a size of %d before any request', (size) => {
      const { fake, obs } = uploadWorld();
      const file = fakeSource({ size: 10 });
      const sourceFile: SizedSource = {
        name: 'odd',
        type: '',
        lastModified: null,
        size,
        slice: (start, end) => file.slice(start, end),
        read: (start, end) => file.read(start, end),
      };
      const events = runVirtually(() => record(uploadFile$(obs, { bucket: 'media', key: 'odd.bin', sourceFile })));
      expect(isUploadError(events.error)).toBe(true);
      expect(fake.log).toHaveLength(0);
    });
  });

  describe('many files in one pool', () => {
    it.each([
      [1000, 6],
      [100, 1],
    ])('complete: %i of them, with at most %i requests at once', (count, maxConcurrentRequests) => {
      const faults = [
        on('putObject', { arrival: 10, times: 20 }).reset(),
        on('putObject', { arrival: 60, times: 20 }).respond(503, 'ServiceUnavailable'),
      ];
      const world = uploadWorld({ faults, etags: 'fast', bytesPerSecond: null }, { maxConcurrentRequests });
      const { fake, obs } = world;
      const files = Array.from({ length: count }, (_, i) => fakeSource({ name: `${i}.bin`, size: 100 + i, seed: i }));
      let uploadsAtOnce = 0;
      let most = 0;
      const events = runVirtually(() =>
        record(
          from(files).pipe(
            mergeMap((sourceFile) => {
              most = Math.max(most, ++uploadsAtOnce);
              const upload$ = uploadFile$(obs, { bucket: 'media', key: sourceFile.name ?? '', sourceFile });
              return upload$.pipe(
                takeWhile(({ type }) => type !== 'completed', true),
                finalize(() => uploadsAtOnce--),
              );
            }),
          ),
        ),
      );
      expectFired(...faults);
      expect(most).toBe(count);
      expect(eventsOf(events, 'completed')).toHaveLength(count);
      expect(fake.maxInFlight()).toBe(maxConcurrentRequests);
      expect(fake.inFlight()).toBe(0);
      for (const file of files) {
        const { bytes } = fake.object(file.name ?? '') ?? { bytes: new Uint8Array() };
        expect(Buffer.compare(bytes, bytesOf(file))).toBe(0);
      }
    });
  });

  describe('a 5 GiB part', () => {
    /** A file that is never in memory: its slices only have a size. */
    function hollowFile(size: number): { readonly source: SizedSource; readonly slices: () => number } {
      let slices = 0;
      const content = fakeSource({ size });
      const slice = (start: number, end: number): RequestBody => {
        slices++;
        const arrayBuffer = () => Promise.reject(new Error('nobody reads 5 GiB'));
        return { size: end - start, type: '', arrayBuffer, slice } as unknown as Blob;
      };
      const read: SizedSource['read'] = (start, end) => content.read(start, end);
      return { source: { name: 'huge.bin', type: '', lastModified: 0, size, slice, read }, slices: () => slices };
    }

    it.each([
      ['a fast line', 1000 * MIB],
      ['a line that takes half a day', 128 * KIB],
    ])('completes on %s without being read', (_, bytesPerSecond) => {
      const size = 5 * GIB + 1000;
      const fake = createFakeObs({ bytesPerSecond, progressSteps: 2000, etags: 'fast' });
      const world = uploadWorld({}, { server: fake.server, transport: fake.transport, credentials: fake.credentials });
      const { source, slices } = hollowFile(size);
      const upload$ = uploadFile$(world.obs, {
        bucket: 'media',
        key: 'huge.bin',
        sourceFile: source,
        partSize: 5 * GIB,
      });
      const events = runVirtually(() => record(upload$));
      expect(events.error).toBeUndefined();
      expect(fake.object('huge.bin')?.size).toBe(size);
      expect(fake.arrivals('uploadPart').map((arrival) => arrival.size)).toEqual([5 * GIB, 1000]);
      expect(slices()).toBe(2);
      const emitted = eventsOf(events, 'progress').map(({ transferredBytes }) => transferredBytes);
      expect(emitted).toEqual([...emitted].sort((a, b) => a - b));
      expect(emitted.at(-1)).toBe(size);
      expect(eventsOf(events, 'retrying')).toHaveLength(0);
    });
  });

  it('two files of different sizes take their turns in the pool', () => {
    const world = uploadWorld({}, { maxConcurrentRequests: 2 }, fakeSource({ name: 'film.mp4', size: 8 * PART }));
    const small = fakeSource({ name: 'small.bin', size: 2 * PART });
    const order: string[] = [];
    runVirtually(() => {
      record(world.upload({ taskNum: 8 }));
      const small$ = world.upload({ key: 'small.bin', sourceFile: small }).pipe(tap(({ type }) => order.push(type)));
      return record(small$.pipe(take(100)));
    });
    const completedKeys = world.fake.arrivals('completeMultipartUpload').map(({ key }) => key);
    expect(completedKeys).toEqual(['small.bin', 'film.mp4']);
    expect(order.at(-1)).toBe('completed');
  });
});
