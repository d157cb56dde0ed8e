import { appendFileSync, mkdirSync, mkdtempSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { firstValueFrom, from, lastValueFrom } from 'rxjs';
import { toSourceError } from '../../../lib/node/file-slice.js';
import { fileSource$ } from '../../../lib/node/index.js';
import type { SizedSource } from '../../../lib/ports/source/upload-source.js';
import type { StreamedBody } from '../../../lib/ports/transport/transport.js';

const KIB = 1024;

describe('fileSource$', () => {
  let directory: string;
  let path: string;
  let bytes: Uint8Array;

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'file-source-'));
    path = join(directory, 'a.bin');
    bytes = Uint8Array.from({ length: 300 * KIB + 7 }, (_, i) => (i * 31) % 251);
    writeFileSync(path, bytes);
  });

  afterEach(() => {
    rmSync(directory, { recursive: true, force: true });
  });

  it('has the name, the size and lastModified in whole milliseconds', async () => {
    const source = await firstValueFrom(fileSource$(path));
    expect(source).toMatchObject({ name: 'a.bin', size: bytes.length, type: '' });
    expect(source.lastModified).toBe(Math.trunc(statSync(path).mtimeMs));
  });

  it('is cold, and reads the size again for each subscription', async () => {
    const source$ = fileSource$(path);
    expect((await firstValueFrom(source$)).size).toBe(bytes.length);
    appendFileSync(path, 'more');
    expect((await firstValueFrom(source$)).size).toBe(bytes.length + 4);
  });

  it.each([
    ['the complete file', 0, 300 * KIB + 7],
    ['a slice of many chunks', 1000, 200 * KIB],
    ['exactly one chunk', 0, 64 * KIB],
    ['one byte', 5, 6],
    ['an empty slice', 9, 9],
  ])('streams %s', async (_, start, end) => {
    const body = slice(await firstValueFrom(fileSource$(path)), start, end);
    expect(body.size).toBe(end - start);
    expect(await drain(body)).toEqual(bytes.slice(start, end));
  });

  it('can stream a slice several times', async () => {
    const body = slice(await firstValueFrom(fileSource$(path)), 10, 100 * KIB);
    expect(await drain(body)).toEqual(await drain(body));
  });

  it('streams an empty file', async () => {
    writeFileSync(path, '');
    const source = await firstValueFrom(fileSource$(path));
    expect(source.size).toBe(0);
    expect(await drain(slice(source, 0, 0))).toHaveLength(0);
  });

  it('can be cancelled before and while it is read', async () => {
    const source = await firstValueFrom(fileSource$(path));
    const unread = slice(source, 0, source.size).stream();
    await unread.cancel();
    const stream = slice(source, 0, source.size).stream();
    const reader = stream.getReader();
    expect((await reader.read()).value).toHaveLength(64 * KIB);
    await reader.cancel();
    expect((await reader.read()).done).toBe(true);
  });

  it('can be cancelled while it opens the file', async () => {
    const source = await firstValueFrom(fileSource$(path));
    const reader = slice(source, 0, source.size).stream().getReader();
    const read = reader.read();
    await reader.cancel();
    expect((await read).done).toBe(true);
  });

  it('reads a range of bytes', async () => {
    const source = await firstValueFrom(fileSource$(path));
    expect(await lastValueFrom(from(source.read(3, 70 * KIB)))).toEqual(bytes.slice(3, 70 * KIB));
  });

  describe('fails', () => {
    it('for a path that does not exist', async () => {
      await expect(firstValueFrom(fileSource$(join(directory, 'no')))).rejects.toMatchObject({
        name: 'SourceError',
        code: 'source-unreadable',
        message: expect.stringMatching(/no does not exist\.$/) as unknown,
      });
    });

    it('for a directory', async () => {
      mkdirSync(join(directory, 'd'));
      await expect(firstValueFrom(fileSource$(join(directory, 'd')))).rejects.toMatchObject({
        code: 'source-unreadable',
        message: expect.stringContaining('is a directory') as unknown,
      });
    });

    it('for a file without read permission', () => {
      const denied = Object.assign(new Error('EACCES: permission denied'), { code: 'EACCES' });
      expect(toSourceError('a.bin', denied)).toMatchObject({
        code: 'source-unreadable',
        message: 'a.bin may not be read: permission denied.',
      });
    });

    it('with source-changed if the file has grown', async () => {
      const source = await firstValueFrom(fileSource$(path));
      appendFileSync(path, 'more');
      await expect(drain(slice(source, 0, 10))).rejects.toMatchObject({ code: 'source-changed', resumable: false });
      await expect(lastValueFrom(from(source.read(0, 10)))).rejects.toMatchObject({ code: 'source-changed' });
    });

    it('with source-changed if only lastModified has changed', async () => {
      const source = await firstValueFrom(fileSource$(path));
      utimesSync(path, new Date(), new Date(1_700_000_000_000));
      await expect(drain(slice(source, 0, 10))).rejects.toMatchObject({ code: 'source-changed' });
    });

    it('with source-changed before the last bytes of a slice if the file changes meanwhile', async () => {
      const source = await firstValueFrom(fileSource$(path));
      const reader = slice(source, 0, 128 * KIB)
        .stream()
        .getReader();
      await reader.read();
      utimesSync(path, new Date(), new Date(1_700_000_000_000));
      await expect(reader.read()).rejects.toMatchObject({ code: 'source-changed' });
    });

    it('with source-unreadable if the file was deleted', async () => {
      const source = await firstValueFrom(fileSource$(path));
      rmSync(path);
      await expect(drain(slice(source, 0, 10))).rejects.toMatchObject({ code: 'source-unreadable' });
    });
  });
});

function slice(source: SizedSource, start: number, end: number): StreamedBody {
  const body = source.slice(start, end);
  if (body instanceof Blob || body instanceof Uint8Array) throw new Error('expected a body to stream');
  return body;
}

async function drain(body: StreamedBody): Promise<Uint8Array> {
  return new Uint8Array(await new Response(body.stream()).arrayBuffer());
}
