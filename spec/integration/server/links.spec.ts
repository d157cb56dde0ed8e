import { mkdir, mkdtemp, readdir, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createObsServer } from '../../../lib/server/index.js';
import { complete, http, initiate, keys, putPart, textOf, useDirectory } from './client.js';

const directory = useDirectory();
const { start } = directory;
let outside = '';

beforeEach(async () => {
  outside = await mkdtemp(join(tmpdir(), 'rx-obs-upload-outside-'));
  await writeFile(join(outside, 'secret'), 'secret');
});
afterEach(() => rm(outside, { recursive: true, force: true }));

async function expectUntouched(): Promise<void> {
  expect(await readdir(outside)).toEqual(['secret']);
  expect(await readFile(join(outside, 'secret'), 'utf8')).toBe('secret');
}

describe('a symbolic link inside the folder of a local OBS', () => {
  const inside = (...names: readonly string[]): string => join(directory.path, ...names);

  it('in place of an object is not followed by reads and writes', async () => {
    const { port } = await start();
    await http(port, { method: 'PUT', target: '/media/a', body: Buffer.from('public') });
    await rm(inside('objects', 'media', 'a'));
    await symlink(join(outside, 'secret'), inside('objects', 'media', 'a'));
    const read = await http(port, { method: 'GET', target: '/media/a' });
    expect([read.status, textOf(read.text, 'Code')]).toEqual([403, 'AccessDenied']);
    expect(read.text).not.toContain(outside);
    expect((await http(port, { method: 'PUT', target: '/media/a', body: Buffer.from('new') })).status).toBe(200);
    expect((await http(port, { method: 'GET', target: '/media/a' })).text).toBe('new');
    await expectUntouched();
  });

  it('in place of a folder is not followed by reads, writes and deletes', async () => {
    const { port } = await start();
    await mkdir(inside('objects', 'media'), { recursive: true });
    await symlink(outside, inside('objects', 'media', 'new'));
    await http(port, { method: 'PUT', target: '/media/dir/secret', body: Buffer.from('public') });
    await rename(inside('objects', 'media', 'dir'), inside('objects', 'media', 'moved'));
    await symlink(outside, inside('objects', 'media', 'dir'));
    expect((await http(port, { method: 'GET', target: '/media/dir/secret' })).text).not.toBe('secret');
    expect((await http(port, { method: 'PUT', target: '/media/new/b', body: Buffer.from('b') })).status).toBe(200);
    expect((await http(port, { method: 'GET', target: '/media/new/b' })).text).toBe('b');
    for (const body of ['one', 'two']) {
      await http(port, { method: 'PUT', target: '/media/dir/secret', body: Buffer.from(body) });
      expect((await http(port, { method: 'GET', target: '/media/dir/secret' })).text).toBe(body);
    }
    await http(port, { method: 'DELETE', target: '/media/dir/secret' });
    await expectUntouched();
  });

  it('in place of the folder of an object is not followed if the object is deleted', async () => {
    const { port } = await start();
    await http(port, { method: 'PUT', target: '/media/dir/secret', body: Buffer.from('public') });
    await rm(inside('objects', 'media', 'dir'), { recursive: true });
    await symlink(outside, inside('objects', 'media', 'dir'));
    expect((await http(port, { method: 'DELETE', target: '/media/dir/secret' })).status).toBe(204);
    await expectUntouched();
  });

  it('in place of a part or an upload is not followed', async () => {
    const { port } = await start();
    const uploadId = await initiate(port, '/media/a');
    const { etag = '' } = (await putPart(port, '/media/a', uploadId, 1, Buffer.from('public'))).headers;
    const folder = inside('uploads', uploadId);
    const [part = ''] = (await readdir(folder)).filter((name) => name !== 'upload.json');
    await rm(join(folder, part));
    await symlink(join(outside, 'secret'), join(folder, part));
    expect((await complete(port, '/media/a', uploadId, [etag])).status).toBe(403);
    await rm(folder, { recursive: true });
    await symlink(outside, folder);
    expect((await putPart(port, '/media/a', uploadId, 2, Buffer.from('x'))).status).toBe(403);
    expect((await http(port, { method: 'DELETE', target: `/media/a?uploadId=${uploadId}` })).status).toBe(403);
    await expectUntouched();
  });

  it('is neither an object nor an upload after a start', async () => {
    const first = await start();
    await http(first.port, { method: 'PUT', target: '/media/file', body: Buffer.from('public') });
    await http(first.port, { method: 'PUT', target: '/media/dir/secret', body: Buffer.from('public') });
    const uploadId = await initiate(first.port, '/media/a');
    await first.close();
    await rm(inside('objects', 'media'), { recursive: true });
    await mkdir(inside('objects', 'media'));
    await symlink(join(outside, 'secret'), inside('objects', 'media', 'file'));
    await symlink(outside, inside('objects', 'media', 'dir'));
    await rm(inside('uploads', uploadId), { recursive: true });
    await symlink(outside, inside('uploads', uploadId));
    const { control } = await start();
    expect([...(control.state.buckets.get('media')?.objects.keys() ?? [])]).toEqual([]);
    expect(control.state.uploads.size).toBe(0);
    await expectUntouched();
  });

  it.each([['objects'], ['other'], ['uploads'], ['temporary'], ['meta'], ['objects', 'media'], ['other', 'media']])(
    'in place of %s %s is rejected at the start',
    async (...names: string[]) => {
      const first = await start();
      await first.close();
      await rm(inside(...names), { recursive: true, force: true });
      await symlink(outside, inside(...names));
      await expect(start()).rejects.toThrow(`${names.join('/')} is a symbolic link`);
      await expectUntouched();
    },
  );

  it('is allowed as the path of the folder itself', async () => {
    const link = `${outside}-link`;
    await symlink(directory.path, link);
    const server = directory.closeLater(await createObsServer({ directory: link, port: 0, credentials: keys }));
    expect((await http(server.port, { method: 'PUT', target: '/media/a', body: Buffer.from('x') })).status).toBe(200);
    await rm(link);
  });
});
