import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildServer, startChild, type ChildServer } from './child.js';
import { complete, http, initiate, putPart, textOf, useDirectory } from './client.js';
import { seededBytes } from '../../support/seeded-bytes.js';

const directory = useDirectory();
const { start: startServer } = directory;
let build = '';
let script = '';
const children: ChildServer[] = [];

beforeAll(async () => {
  build = await mkdtemp(join(tmpdir(), 'rx-obs-upload-build-'));
  script = buildServer(build);
});
afterEach(() => Promise.all(children.splice(0).map((child) => child.kill())));
afterAll(() => rm(build, { recursive: true, force: true }));

async function startProcess(): Promise<ChildServer> {
  const started = await startChild(script, directory.path);
  children.push(started);
  return started;
}

const key = '/media/a.bin';

describe('a local OBS that is killed', () => {
  it('still has every acknowledged part, and nothing of the others', async () => {
    const first = await startProcess();
    const uploadId = await initiate(first.port, key, { 'content-type': 'a/b' });
    const parts = [seededBytes(110_000), seededBytes(110_000, 1), seededBytes(10)];
    const etags: string[] = [];
    for (const [i, part] of parts.slice(0, 2).entries()) {
      etags.push((await putPart(first.port, key, uploadId, i + 1, part)).headers.etag ?? '');
    }
    const target = `${key}?partNumber=3&uploadId=${uploadId}`;
    let started: () => void = () => undefined;
    const sending = new Promise<void>((resolve) => (started = resolve));
    const half = http(first.port, {
      method: 'PUT',
      target,
      headers: { 'content-length': '1000000' },
      body: (async function* () {
        yield Buffer.alloc(500_000);
        started();
        await new Promise(() => undefined);
      })(),
    });
    half.catch(() => undefined);
    await sending;
    await first.kill();
    await expect(half).rejects.toThrow();

    const second = await startProcess();
    const listed = await http(second.port, { method: 'GET', target: `${key}?uploadId=${uploadId}` });
    expect([...listed.text.matchAll(/<PartNumber>(\d+)</g)].map((match) => match[1])).toEqual(['1', '2']);
    expect(await readdir(join(directory.path, 'temporary'))).toEqual([]);
    etags.push((await putPart(second.port, key, uploadId, 3, parts[2] ?? Buffer.alloc(0))).headers.etag ?? '');
    expect((await complete(second.port, key, uploadId, etags)).status).toBe(200);
    await second.kill();

    const third = await startProcess();
    const object = await http(third.port, { method: 'GET', target: key });
    expect(object.body.equals(Buffer.concat(parts))).toBe(true);
    expect(object.headers).toMatchObject({ 'content-type': 'a/b', 'x-obs-uploadid': uploadId });
    const uploads = await http(third.port, { method: 'GET', target: '/media?uploads' });
    expect(uploads.text).not.toContain('<Upload>');
  });

  it('receives a part of 300 MB and completes it with little memory', async () => {
    const { port, memory } = await startProcess();
    const uploadId = await initiate(port, key);
    const chunk = seededBytes(1024 * 1024);
    const before = await memory();
    const size = 300 * chunk.length;
    const hash = createHash('md5');
    const target = `${key}?partNumber=1&uploadId=${uploadId}`;
    const reply = await http(port, {
      method: 'PUT',
      target,
      headers: { 'content-length': String(size) },
      body: (async function* () {
        for (let i = 0; i < 300; i++) {
          hash.update(chunk);
          yield await Promise.resolve(chunk);
        }
      })(),
    });
    expect(reply.headers.etag).toBe(`"${hash.digest('hex')}"`);
    expect((await complete(port, key, uploadId, [reply.headers.etag ?? ''])).status).toBe(200);
    const head = await http(port, { method: 'HEAD', target: key });
    expect(head.headers['content-length']).toBe(String(size));
    expect((await memory()) - before).toBeLessThan(120 * 1024 * 1024);
  });
});

describe('a local OBS that starts', () => {
  it('finishes committed operations and removes unfinished ones', async () => {
    const first = await startServer();
    await http(first.port, { method: 'PUT', target: key, body: Buffer.from('content') });
    const incompleteId = await initiate(first.port, '/media/lost');
    const intactId = await initiate(first.port, '/media/kept');
    await putPart(first.port, '/media/kept', intactId, 1, Buffer.from('one'));
    const replacement = await putPart(first.port, '/media/kept', intactId, 1, Buffer.from('two'));
    await first.close();

    // As if the process had ended after the record of the object was written, but before its file was moved.
    const meta = join(directory.path, 'meta', 'objects', 'media');
    const [name = ''] = await readdir(meta);
    const record = JSON.parse(await readFile(join(meta, name), 'utf8')) as { staged: string; file: string };
    await rename(join(directory.path, record.file), join(directory.path, 'temporary', record.staged));
    // As if it had ended during an initiate, an abort, and the replacement of a part.
    await rm(join(directory.path, 'uploads', incompleteId, 'upload.json'));
    await mkdir(join(directory.path, 'uploads', 'half'));
    await writeFile(join(directory.path, 'uploads', intactId, `00001_000_${'0'.repeat(32)}`), 'older');
    await writeFile(join(directory.path, 'temporary', 'draft'), 'x');

    const { port, control } = await startServer();
    expect((await http(port, { method: 'GET', target: key })).text).toBe('content');
    expect([...control.state.uploads.keys()]).toEqual([intactId]);
    expect(await readdir(join(directory.path, 'uploads'))).toEqual([intactId]);
    expect(await readdir(join(directory.path, 'uploads', intactId))).toHaveLength(2);
    expect(await readdir(join(directory.path, 'temporary'))).toEqual([]);
    expect((await complete(port, '/media/kept', intactId, [replacement.headers.etag ?? ''])).status).toBe(200);
    expect((await http(port, { method: 'GET', target: '/media/kept' })).text).toBe('two');
  });

  it('still has parts whose ETags are in upper case', async () => {
    const first = await startServer({ etagCase: 'upper' });
    const uploadId = await initiate(first.port, key);
    const { headers } = await putPart(first.port, key, uploadId, 1, Buffer.from('content'));
    await first.close();
    const { port } = await startServer({ etagCase: 'upper' });
    expect((await complete(port, key, uploadId, [headers.etag ?? ''])).status).toBe(200);
    expect((await http(port, { method: 'GET', target: key })).text).toBe('content');
  });

  it('removes an upload whose object already exists', async () => {
    const first = await startServer();
    const uploadId = await initiate(first.port, key);
    const { headers } = await putPart(first.port, key, uploadId, 1, Buffer.from('x'));
    const folder = join(directory.path, 'uploads', uploadId);
    const record = await readFile(join(folder, 'upload.json'));
    await complete(first.port, key, uploadId, [headers.etag ?? '']);
    await first.close();
    await mkdir(folder);
    await writeFile(join(folder, 'upload.json'), record);
    const { control } = await startServer();
    expect(control.state.uploads.size).toBe(0);
    expect(existsSync(folder)).toBe(false);
  });

  it('does not list objects whose files were deleted or changed', async () => {
    const first = await startServer();
    for (const name of ['deleted', 'changed', 'broken', 'same']) {
      await http(first.port, { method: 'PUT', target: `/media/${name}`, body: Buffer.from('content') });
    }
    await first.close();
    const objects = join(directory.path, 'objects', 'media');
    await rm(join(objects, 'deleted'));
    await writeFile(join(objects, 'changed'), 'longer than before');
    const meta = join(directory.path, 'meta', 'objects', 'media');
    for (const name of await readdir(meta)) {
      const text = await readFile(join(meta, name), 'utf8');
      if (text.includes('"broken"')) await writeFile(join(meta, name), text.slice(0, 20));
    }
    const { port } = await startServer();
    const listed = await http(port, { method: 'GET', target: '/media' });
    expect([...listed.text.matchAll(/<Key>(.*?)<\/Key>/g)].map((match) => match[1])).toEqual(['same']);
    expect(await readFile(join(objects, 'changed'), 'utf8')).toBe('longer than before');
  });

  it('restores buckets that were created by a request', async () => {
    const first = await startServer();
    expect((await http(first.port, { method: 'PUT', target: '/second' })).status).toBe(200);
    await first.close();
    const { port } = await startServer();
    const listed = await http(port, { method: 'GET', target: '/' });
    expect([...listed.text.matchAll(/<Name>(.*?)<\/Name>/g)].map((match) => match[1])).toEqual(['media', 'second']);
    expect(textOf((await http(port, { method: 'PUT', target: '/second' })).text, 'Code')).toBe(
      'BucketAlreadyOwnedByYou',
    );
    expect((await http(port, { method: 'DELETE', target: '/second' })).status).toBe(204);
    expect(await readdir(join(directory.path, 'objects'))).toEqual(['media']);
  });
});
