import { from, lastValueFrom, merge, type ObservableInput } from 'rxjs';
import type { StreamSpool, UploadedPart } from 'rx-obs-upload';
import { expectSame, scenario, type Scenario } from './scenario.js';

/** Storage for streams, initially empty. */
export interface SpoolWorld {
  open(): StreamSpool;
  /** Whether another spool over the same storage finds what this one has stored. */
  readonly isShared: boolean;
  /** Whether streams expire that are not completed. */
  readonly expires: boolean;
}

const DAY_MS = 86_400_000;
const stream = { id: 'a', name: 'a.webm', type: 'video/webm', size: null };
const part: UploadedPart = { partNumber: 1, size: 3, etag: 'e1' };

export const streamSpoolScenarios: readonly Scenario<SpoolWorld>[] = [
  scenario('is empty at first', async ({ open }) => {
    expectSame(await valueOf(open().list()), [], 'list');
    expectSame(await valueOf(open().load('a')), null, 'load');
  }),
  scenario('loads the stored arrays and Blobs', async ({ open }) => {
    const spool = open();
    await valueOf(spool.save(stream));
    await valueOf(spool.append('a', 0, Uint8Array.of(1, 2)));
    await valueOf(spool.append('a', 2, new Blob([Uint8Array.of(3)], { type: 'video/webm' })));
    await valueOf(spool.append('a', 3, Uint8Array.of(0, 4, 5, 0).subarray(1, 3)));
    await valueOf(spool.append('a', 1000, Uint8Array.of(6)));
    expectSame(await bytesOf(spool, 'a'), { 0: [1, 2], 2: [3], 3: [4, 5], 1000: [6] }, 'chunks');
    const { chunks: _, ...description } = (await valueOf(spool.load('a'))) ?? { chunks: [] };
    expectSame(description, { ...stream, acknowledged: [] }, 'load');
  }),
  scenario('replaces a chunk at the same position, also by an empty one', async ({ open }) => {
    const spool = open();
    await valueOf(spool.save(stream));
    await valueOf(spool.append('a', 0, Uint8Array.of(1, 2)));
    await valueOf(spool.append('a', 2, Uint8Array.of(3)));
    await valueOf(spool.append('a', 0, Uint8Array.of(4)));
    await valueOf(spool.append('a', 2, new Uint8Array()));
    expectSame(await bytesOf(spool, 'a'), { 0: [4], 2: [] }, 'chunks');
  }),
  scenario('writes concurrent calls in order', async ({ open }) => {
    const spool = open();
    const starts = Array.from({ length: 40 }, (_, i) => 1000 * i);
    const appended = starts.map((start) => spool.append('a', start, new Uint8Array(1000).fill(start / 1000)));
    const writes = [spool.save(stream), ...appended, spool.acknowledge('a', part, starts.slice(0, 39))];
    await valueOf(merge(...writes));
    expectSame(await bytesOf(spool, 'a'), { 39_000: Array.from({ length: 1000 }, () => 39) }, 'chunks');
  }),
  scenario('deletes released chunks, and stores the latest version of each part', async ({ open }) => {
    const spool = open();
    await valueOf(spool.save(stream));
    await valueOf(spool.append('a', 0, Uint8Array.of(1, 2)));
    await valueOf(spool.append('a', 2, Uint8Array.of(3)));
    await valueOf(spool.acknowledge('a', part, [0]));
    await valueOf(spool.acknowledge('a', { ...part, partNumber: 2 }, []));
    await valueOf(spool.acknowledge('a', { ...part, etag: 'e2' }, []));
    expectSame(await bytesOf(spool, 'a'), { 2: [3] }, 'chunks');
    const { acknowledged = [] } = (await valueOf(spool.load('a'))) ?? {};
    const etags = [...acknowledged].sort((a, b) => a.partNumber - b.partNumber).map(({ etag }) => etag);
    expectSame(etags, ['e2', 'e1'], 'the ETags of the parts');
  }),
  scenario('replaces a description, lists streams, and removes only one of them', async ({ open }) => {
    const spool = open();
    for (const id of ['a', 'ab', 'a,0']) {
      await valueOf(spool.save({ ...stream, id }));
      await valueOf(spool.append(id, 0, Uint8Array.of(id.length)));
      await valueOf(spool.acknowledge(id, part, []));
    }
    await valueOf(spool.save({ ...stream, size: 3 }));
    expectSame((await valueOf(spool.load('a')))?.size, 3, 'size');
    await valueOf(spool.remove('a'));
    expectSame([...((await valueOf(spool.list())) ?? [])].sort(), ['a,0', 'ab'], 'list');
    expectSame(await valueOf(spool.load('a')), null, 'what was removed');
    expectSame(await bytesOf(spool, 'ab'), { 0: [2] }, 'what was not');
    await valueOf(spool.save(stream));
    expectSame(await bytesOf(spool, 'a'), {}, 'the chunks of a removed stream');
  }),
  scenario('shares its storage with another spool if isShared', async ({ open, isShared }) => {
    await valueOf(open().save(stream));
    await valueOf(open().append('a', 0, Uint8Array.of(1)));
    expectSame(await bytesOf(open(), 'a'), isShared ? { 0: [1] } : {}, 'chunks');
  }),
  scenario('deletes streams that are not completed for a week if expires', async ({ open, expires }) => {
    const { now } = Date;
    const spool = open();
    const start = now();
    await valueOf(spool.save({ ...stream, id: 'old' }));
    await valueOf(spool.append('old', 0, Uint8Array.of(1)));
    try {
      Date.now = () => start + 5 * DAY_MS;
      await valueOf(spool.save(stream));
      Date.now = () => start + 8 * DAY_MS;
      expectSame(await valueOf(spool.list()), expires ? ['a'] : ['old', 'a'], 'list');
      Date.now = now;
      expectSame(await bytesOf(spool, 'old'), expires ? {} : { 0: [1] }, 'chunks of the old one');
    } finally {
      Date.now = now;
    }
  }),
  scenario('deletes no stream within a week of its last chunk or part', async ({ open, expires }) => {
    const { now } = Date;
    const spool = open();
    const start = now();
    try {
      await valueOf(spool.save(stream));
      Date.now = () => start + 5 * DAY_MS;
      await valueOf(spool.append('a', 0, Uint8Array.of(1)));
      Date.now = () => start + 8 * DAY_MS;
      expectSame(await valueOf(spool.list()), ['a'], 'list after a chunk');
      Date.now = () => start + 10 * DAY_MS;
      await valueOf(spool.acknowledge('a', part, []));
      Date.now = () => start + 16 * DAY_MS;
      expectSame(await valueOf(spool.list()), ['a'], 'list after a part');
      expectSame(await bytesOf(spool, 'a'), { 0: [1] }, 'chunks');
      Date.now = () => start + 18 * DAY_MS;
      expectSame(await valueOf(spool.list()), expires ? [] : ['a'], 'list in the end');
    } finally {
      Date.now = now;
    }
  }),
  scenario('stores nothing of a stream that was removed', async ({ open }) => {
    const spool = open();
    await valueOf(spool.save(stream));
    await valueOf(spool.remove('a'));
    await valueOf(spool.append('a', 0, Uint8Array.of(1)));
    await valueOf(spool.acknowledge('a', part, []));
    expectSame(await valueOf(spool.list()), [], 'list');
    await valueOf(spool.save(stream));
    expectSame(await bytesOf(spool, 'a'), {}, 'the chunks after its removal');
    expectSame((await valueOf(spool.load('a')))?.acknowledged, [], 'the parts after its removal');
  }),
];

/** The last value; null if there is none. */
async function valueOf<T>(input: ObservableInput<T>): Promise<T | null> {
  return lastValueFrom(from(input), { defaultValue: null });
}

/** The stored chunks of a stream by position. */
async function bytesOf(spool: StreamSpool, id: string): Promise<Readonly<Record<number, readonly number[]>>> {
  const { chunks = [] } = (await valueOf(spool.load(id))) ?? {};
  const bytes: Record<number, readonly number[]> = {};
  for (const { start, chunk } of chunks) {
    const read = new Uint8Array(await new Blob([chunk as Blob | Uint8Array<ArrayBuffer>]).arrayBuffer());
    bytes[start] = [...read];
  }
  return bytes;
}
