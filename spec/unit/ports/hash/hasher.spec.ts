import { createHash } from 'node:crypto';
import { firstValueFrom, from, lastValueFrom } from 'rxjs';
import { TestScheduler } from 'rxjs/testing';
import { createDigest, piecewiseHasher } from '../../../../lib/ports/hash/hasher.js';
import type { RequestBody } from '../../../../lib/ports/transport/transport.js';
import { seededBytes } from '../../../support/seeded-bytes.js';

const PIECE = 256 * 1024;
const sizes = [0, 1, PIECE, PIECE + 1, 3 * PIECE + 7];

function expected(bytes: Uint8Array): string {
  return createHash('md5').update(bytes).digest('hex');
}

async function md5(body: RequestBody): Promise<string> {
  return Buffer.from(await lastValueFrom(from(piecewiseHasher().md5(body)))).toString('hex');
}

/** Four pieces that report what is read of them. */
function observedBytes(onRead: (size: number) => void): Uint8Array {
  return new Proxy(new Uint8Array(4 * PIECE), {
    get: (target, name) => {
      if (name !== 'subarray') return Reflect.get(target, name, target) as unknown;
      return (start: number, end: number) => {
        onRead(end - start);
        return target.subarray(start, end);
      };
    },
  });
}

describe('piecewiseHasher', () => {
  it.each(sizes)('computes the MD5 of %i bytes in memory, in a Blob and in a stream', async (size) => {
    const bytes = new Uint8Array(seededBytes(size));
    const blob = new Blob([bytes]);
    expect(await md5(bytes)).toBe(expected(bytes));
    expect(await md5(blob)).toBe(expected(bytes));
    expect(await md5({ size, stream: () => blob.stream() })).toBe(expected(bytes));
  });

  it('uses a separate task for each piece of 256 KiB', () => {
    let pieces = 0;
    const bytes = observedBytes((size) => {
      pieces++;
      expect(size).toBeLessThanOrEqual(PIECE);
    });
    new TestScheduler(() => undefined).run(({ flush }) => {
      from(piecewiseHasher().md5(bytes)).subscribe();
      expect(pieces).toBe(1);
      flush();
    });
    expect(pieces).toBe(4);
  });

  it.each([1, 64])('uses a separate task for each 256 KiB of a stream of %i chunks', async (chunks) => {
    const chunk = new Uint8Array((4 * PIECE) / chunks);
    const stream = (): ReadableStream<Uint8Array> => {
      let remaining = chunks;
      return new ReadableStream({ pull: (c) => (remaining-- > 0 ? c.enqueue(chunk) : c.close()) });
    };
    const tasks = jest.spyOn(MessagePort.prototype, 'postMessage');
    expect(await md5({ size: 4 * PIECE, stream })).toBe(expected(new Uint8Array(4 * PIECE)));
    expect(tasks.mock.calls.length).toBeGreaterThanOrEqual(4);
    expect(tasks.mock.calls.length).toBeLessThan(64);
    tasks.mockRestore();
  });

  it('needs no timers, which a tab in the background delays by a second or a minute each', async () => {
    const timers = [jest.spyOn(globalThis, 'setTimeout'), jest.spyOn(globalThis, 'setInterval')];
    const bytes = new Uint8Array(4 * PIECE);
    expect(await md5(bytes)).toBe(expected(bytes));
    for (const timer of timers) expect(timer).not.toHaveBeenCalled();
    jest.restoreAllMocks();
  });

  it('stops reading when it is unsubscribed', () => {
    let pieces = 0;
    const bytes = observedBytes(() => pieces++);
    new TestScheduler(() => undefined).run(({ flush }) => {
      const subscription = from(piecewiseHasher().md5(bytes)).subscribe();
      subscription.unsubscribe();
      flush();
    });
    expect(pieces).toBe(1);
  });

  it('fails if the body cannot be read', async () => {
    const body = {
      size: 5,
      stream: () => new ReadableStream<Uint8Array>({ start: (c) => c.error(new Error('gone')) }),
    };
    await expect(md5(body)).rejects.toThrow('gone');
  });
});

describe('checksums on this thread', () => {
  it.each(['crc64ecma', 'crc64nvme', 'crc32c', 'sha256'] as const)(
    '%s of Blobs, bytes and streams',
    async (algorithm) => {
      const bytes = Uint8Array.from({ length: 3_000_000 }, (_, i) => (i * 31) % 251);
      const blob = new Blob([bytes]);
      const expected = createDigest(algorithm).update(bytes).digest();
      for (const body of [blob, bytes, { size: blob.size, stream: () => blob.stream() }]) {
        expect(await firstValueFrom(from(piecewiseHasher().checksum(algorithm, body)))).toEqual(expected);
      }
    },
  );
});
