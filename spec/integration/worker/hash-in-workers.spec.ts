import { createHash } from 'node:crypto';
import { from, lastValueFrom, type Observable } from 'rxjs';
import type { Hasher } from '../../../lib/ports/hash/hasher.js';
import type { RequestBody } from '../../../lib/ports/transport/transport.js';
import { hashInWorkers } from '../../../lib/worker/hash-in-workers.js';
import { serveMd5, type HashScope } from '../../../lib/worker/serve-md5.js';
import { FakeWorker } from './fake-worker.js';
import { sleep } from './worker-world.js';
import { seededBytes } from '../../support/seeded-bytes.js';

const MIB = 1024 ** 2;
const sizes = [0, 1, MIB, MIB + 1, 3 * MIB + 7];

function bytesOf(size: number): Uint8Array<ArrayBuffer> {
  return new Uint8Array(seededBytes(size));
}

function expectedMd5(bytes: Uint8Array): string {
  return createHash('md5').update(bytes).digest('hex');
}

function md5$(hasher: Hasher, body: RequestBody): Observable<Uint8Array> {
  return from(hasher.md5(body));
}

async function md5(hasher: Hasher, body: RequestBody): Promise<string> {
  return Buffer.from(await lastValueFrom(md5$(hasher, body))).toString('hex');
}

/** A stream that reports how many chunks were read. */
function streamed(chunks: readonly Uint8Array[]): {
  readonly size: number;
  readonly stream: () => ReadableStream<Uint8Array>;
  readonly read: () => number;
  readonly cancelled: () => boolean;
} {
  let [read, cancelled] = [0, false];
  return {
    size: chunks.reduce((sum, { length }) => sum + length, 0),
    read: () => read,
    cancelled: () => cancelled,
    stream: () =>
      new ReadableStream<Uint8Array>(
        {
          pull(controller) {
            const chunk = chunks[read++];
            if (chunk === undefined) controller.close();
            else controller.enqueue(chunk);
          },
          cancel: () => void (cancelled = true),
        },
        { highWaterMark: 0 },
      ),
  };
}

/** Lets all pending events be processed. */
async function settle(): Promise<void> {
  for (let i = 0; i < 20; i++) await new Promise((resolve) => setImmediate(resolve));
}

describe('hashing in workers', () => {
  let workers: FakeWorker[];
  let hasher: Hasher;

  function inWorkers(script?: (scope: HashScope) => void): Hasher {
    return hashInWorkers(() => {
      const worker = new FakeWorker(script);
      workers.push(worker);
      return worker;
    });
  }

  beforeEach(() => {
    jest.useFakeTimers({ doNotFake: ['setImmediate', 'nextTick', 'queueMicrotask'] });
    FakeWorker.forget();
    workers = [];
    hasher = inWorkers();
  });

  afterEach(() => {
    jest.restoreAllMocks();
    jest.useRealTimers();
  });

  it.each(sizes)(
    'computes the MD5 of %i bytes in memory, in a Blob and in a stream, one after the other',
    async (size) => {
      const bytes = bytesOf(size);
      const copy = bytes.slice();
      expect(await md5(hasher, new Blob([bytes]))).toBe(expectedMd5(copy));
      expect(await md5(hasher, bytes)).toBe(expectedMd5(copy));
      expect(await md5(hasher, streamed([bytes.subarray(0, 10), bytes.subarray(10)]))).toBe(expectedMd5(copy));
      expect(Buffer.compare(bytes, copy)).toBe(0);
      expect(FakeWorker.started).toBe(1);
    },
  );

  it('computes the MD5 of a Buffer of Node, and leaves it usable', async () => {
    const buffer = Buffer.alloc(3 * MIB, 'content').subarray(5);
    const copy = new Uint8Array(buffer);
    expect(await md5(hasher, buffer)).toBe(expectedMd5(copy));
    expect(Buffer.compare(buffer, copy)).toBe(0);
  });

  it('sends a Blob unchanged, and bytes in pieces of 1 MiB', async () => {
    await md5(hasher, new Blob([bytesOf(3 * MIB)]));
    await md5(hasher, bytesOf(2 * MIB + 1));
    expect(workers[0]?.asked).toEqual(['blob', 'piece', 'piece', 'piece', 'end']);
  });

  it('reads a stream no faster than the worker, and cancels it', async () => {
    const body = streamed(Array.from({ length: 50 }, () => bytesOf(1000)));
    const digest = lastValueFrom(md5$(hasher, body));
    while (body.read() < 5) await new Promise((resolve) => setImmediate(resolve));
    expect(workers[0]?.asked.length).toBeGreaterThanOrEqual(body.read() - 1);
    await digest;
    const abandoned = streamed(Array.from({ length: 50 }, () => bytesOf(1000)));
    const subscription = md5$(hasher, abandoned).subscribe();
    while (abandoned.read() < 5) await new Promise((resolve) => setImmediate(resolve));
    subscription.unsubscribe();
    const read = abandoned.read();
    await settle();
    expect(abandoned.read()).toBeLessThanOrEqual(read + 1);
    expect(abandoned.cancelled()).toBe(true);
  });

  it('starts no worker before there is something to hash, two for many bodies, and terminates idle ones', async () => {
    expect(FakeWorker.started).toBe(0);
    const bodies = Array.from({ length: 7 }, (_, i) => bytesOf(1000 + i));
    expect(await Promise.all(bodies.map((bytes) => md5(hasher, new Blob([bytes]))))).toEqual(bodies.map(expectedMd5));
    expect([FakeWorker.started, FakeWorker.most, FakeWorker.alive.size]).toEqual([2, 2, 2]);
    jest.advanceTimersByTime(4999);
    expect(FakeWorker.alive.size).toBe(2);
    jest.advanceTimersByTime(1);
    expect(FakeWorker.alive.size).toBe(0);
    await md5(hasher, bytesOf(10));
    expect(FakeWorker.started).toBe(3);
  });

  it('does not terminate a worker that has received new work', async () => {
    await md5(hasher, bytesOf(10));
    jest.advanceTimersByTime(4000);
    await md5(hasher, bytesOf(10));
    jest.advanceTimersByTime(4000);
    expect(FakeWorker.alive.size).toBe(1);
  });

  it.each([
    ['while its worker starts', 0],
    ['while it is hashed', 2],
  ])('terminates the worker of a body that is unsubscribed %s, and continues with waiting ones', async (_, steps) => {
    const [first, second] = [1, 2].map(() => md5$(hasher, bytesOf(20 * MIB)).subscribe());
    const third = md5(hasher, new Blob(['third']));
    for (let i = 0; i < steps; i++) await settle();
    first?.unsubscribe();
    second?.unsubscribe();
    expect(FakeWorker.alive.size).toBe(0);
    jest.advanceTimersByTime(1);
    expect(await third).toBe(expectedMd5(Buffer.from('third')));
    expect(FakeWorker.alive.size).toBe(1);
  });

  it('fails if a Blob cannot be read, as on this thread', async () => {
    const error = Object.assign(new Error('gone'), { name: 'NotReadableError' });
    const blob = new Blob(['x'.repeat(3 * MIB)]);
    const broken = { arrayBuffer: () => Promise.reject(error) } as Blob;
    blob.slice = (start = 0, end) => (start >= MIB ? broken : Blob.prototype.slice.call(blob, start, end));
    await expect(md5(hasher, blob)).rejects.toMatchObject({ name: error.name, message: error.message });
    expect(FakeWorker.alive.size).toBe(0);
    expect(await md5(hasher, new Blob(['y']))).toBe(expectedMd5(Buffer.from('y')));
  });

  it('fails if the worker crashes, and starts another one for the next body', async () => {
    const digest = md5(hasher, bytesOf(20 * MIB));
    await settle();
    workers[0]?.crash();
    await expect(digest).rejects.toThrow('crashed');
    expect(FakeWorker.alive.size).toBe(0);
    expect(await md5(hasher, new Blob(['y']))).toBe(expectedMd5(Buffer.from('y')));
    expect(FakeWorker.started).toBe(2);
  });

  it('waits for a worker that does not start while the machine sleeps', async () => {
    let serve = (): void => undefined;
    hasher = inWorkers((scope) => (serve = () => serveMd5(scope)));
    const digest = md5(hasher, Buffer.from('content'));
    await settle();
    sleep(30 * 60_000);
    serve();
    expect(await digest).toBe(expectedMd5(Buffer.from('content')));
    expect(workers[0]?.asked).toEqual(['piece', 'end']);
  });

  it('uses workers again that start after one did not', async () => {
    const crash = (): void => workers[0]?.crash();
    hasher = inWorkers((scope) => (workers.length === 1 ? crash() : serveMd5(scope)));
    await md5(hasher, bytesOf(10));
    jest.advanceTimersByTime(60_000);
    expect(await md5(hasher, Buffer.from('content'))).toBe(expectedMd5(Buffer.from('content')));
    expect(workers[1]?.asked).toEqual(['piece', 'end']);
  });

  describe('hashes on this thread if a worker', () => {
    const bytes = bytesOf(600_000);

    async function expectOnThisThread(attempts = 1): Promise<void> {
      for (const body of [bytes, new Blob([bytes]), streamed([bytes])]) {
        const digest = md5(hasher, body);
        for (let i = 0; i < 5; i++) {
          await settle();
          jest.advanceTimersByTime(10_000);
        }
        expect(await digest).toBe(expectedMd5(bytes));
      }
      expect(FakeWorker.started).toBeLessThanOrEqual(attempts);
      expect(FakeWorker.alive.size).toBe(0);
    }

    it('cannot be created', async () => {
      hasher = hashInWorkers(() => {
        throw new DOMException('not here', 'SecurityError');
      });
      await expectOnThisThread();
    });

    it('fails to start, and tries again after a minute', async () => {
      hasher = inWorkers(() => workers.at(-1)?.crash());
      await expectOnThisThread(2);
      expect(FakeWorker.started).toBe(2);
    });

    it('cannot use WebAssembly', async () => {
      hasher = inWorkers((scope) => scope.postMessage({ type: 'failed', name: 'CompileError', message: 'refused' }));
      await expectOnThisThread();
    });

    it('never responds, and tries again after a minute', async () => {
      hasher = inWorkers(() => undefined);
      await expectOnThisThread(2);
      expect(FakeWorker.started).toBe(2);
    });
  });
});
