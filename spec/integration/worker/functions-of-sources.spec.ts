import { of, throwError } from 'rxjs';
import { SourceError, streamSource, transformParts } from 'rx-obs-upload';
import {
  PART,
  CHUNK,
  streamWorld,
  chunkAt,
  chunks,
  expectStored,
  all,
  errorOf,
  withoutLongTimers,
} from './worker-world.js';

withoutLongTimers();

describe('a stream with finalize that is uploaded by a worker', () => {
  it.each([
    ['of several parts', 25],
    ['of one part', 5],
  ])('%s is finalized in the page', async (_, count) => {
    const world = streamWorld();
    const finalized: Blob[] = [];
    const firstPart = chunkAt(77, Math.min(count * CHUNK, PART) + 5);
    const sourceFile = streamSource(chunks(count), {
      type: 'video/webm',
      finalize: (blob) => {
        finalized.push(blob);
        return of(new Blob([firstPart as Uint8Array<ArrayBuffer>]));
      },
    });
    await all(world.upload(sourceFile));
    expectStored(world, [firstPart, ...chunks(count).slice(10)]);
    expect(finalized.map(({ size, type }) => [size, type])).toEqual([[Math.min(count * CHUNK, PART), 'video/webm']]);
  });

  it('is finalized again if it is resumed after all parts were sent', async () => {
    const world = streamWorld();
    const chunkList = chunks(25);
    let calls = 0;
    const firstPart = chunkAt(77, PART);
    const sourceFile = streamSource(chunkList, {
      finalize: () => {
        calls += 1;
        return calls === 1 ? throwError(() => new Error('no header')) : of(new Blob([firstPart as never]));
      },
    });
    const error = await errorOf(world.upload(sourceFile));
    expect(error).toMatchObject({ name: 'SourceError', cause: { message: 'no header' } });
    await all(world.upload(sourceFile, { uploadCheckpoint: error?.checkpoint }));
    expectStored(world, [firstPart, ...chunkList.slice(10)]);
  });
});

describe('a source with transformParts that is uploaded by a worker', () => {
  const seal = (bytes: Uint8Array, partNumber: number): Uint8Array => {
    const pool = new Uint8Array(3 * bytes.length + 99);
    pool.set([partNumber, 42], 7);
    pool.set(
      bytes.map((byte) => byte ^ 0x5a),
      9,
    );
    return pool.subarray(7, 9 + bytes.length);
  };
  const expected = (parts: readonly Uint8Array[]): Uint8Array[] => parts.map((part, i) => seal(part, i + 1));
  const parts = [chunkAt(1, PART), chunkAt(2, PART), chunkAt(3, 1000)];

  it.each<[string, () => Parameters<typeof transformParts>[0]]>([
    ['a Blob', () => new Blob(parts as Uint8Array<ArrayBuffer>[])],
    ['a stream', () => streamSource(parts)],
  ])('is transformed in the page: %s', async (_, source) => {
    const world = streamWorld();
    const numbers: number[] = [];
    const sourceFile = transformParts(source(), {
      overheadBytes: 2,
      transform: (bytes, partNumber) => {
        numbers.push(partNumber);
        return of(seal(bytes, partNumber));
      },
    });
    const events = await all(world.upload(sourceFile));
    expectStored(world, expected(parts));
    expect(numbers).toEqual([1, 2, 3]);
    expect(events.find(({ type }) => type === 'started')).toMatchObject({ partSize: PART + 2 });
  });

  it('fails as in the page if the function fails', async () => {
    const world = streamWorld();
    const sourceFile = transformParts(new Blob(parts as never), {
      overheadBytes: 2,
      transform: () => throwError(() => new Error('no key')),
    });
    const error = await errorOf(world.upload(sourceFile));
    expect(error).toBeInstanceOf(SourceError);
    expect(error).toMatchObject({ code: 'source-unreadable', cause: { message: 'no key' } });
  });
});
