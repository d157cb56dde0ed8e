import { createHash } from 'node:crypto';
import { firstValueFrom, of, type ObservableInput } from 'rxjs';
import { identify$, type IdentifiedFile } from '../../../../lib/engine/session/identify.js';
import type { Reading } from '../../../../lib/engine/upload.js';
import { seededBytes } from '../../../support/seeded-bytes.js';

const SIZE = 256 * 1024;
/** All of it is its sample. */
const bytes = new Uint8Array(seededBytes(SIZE));

function reading(read: (start: number, end: number) => ObservableInput<Uint8Array>): Reading {
  const source = { name: 'a.bin', size: SIZE, lastModified: 1, type: '', slice: () => bytes, read };
  return { source, size: SIZE, lastModified: 1, stallTimeoutMs: 60_000 };
}

describe('identify$', () => {
  const content = createHash('md5').update(bytes).digest('hex');
  let posted: jest.SpyInstance<void, Parameters<MessagePort['postMessage']>>;
  const tasks = (): number => posted.mock.calls.filter(([message]) => message === null).length;

  beforeEach(() => {
    posted = jest.spyOn(MessagePort.prototype, 'postMessage');
  });

  afterEach(() => jest.restoreAllMocks());

  it('hashes what is read in other tasks by 16 KiB, in a task of their own', async () => {
    const file = await firstValueFrom(identify$(reading((start, end) => Promise.resolve(bytes.slice(start, end)))));
    expect(file.content).toBe(content);
    expect(tasks()).toBe(16);
  });

  it('hashes what is read synchronously within subscribe', () => {
    const files: IdentifiedFile[] = [];
    identify$(reading((start, end) => of(bytes.slice(start, end)))).subscribe((file) => files.push(file));
    expect(files.map((file) => file.content)).toEqual([content]);
    expect(tasks()).toBe(0);
  });
});
