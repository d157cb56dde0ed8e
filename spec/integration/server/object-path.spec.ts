import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { plainPathOf } from '../../../lib/server/storage/object-path.js';
import { http, useDirectory } from './client.js';

const directory = useDirectory();
const { start: startServer } = directory;

function targetOf(key: string): string {
  return `/media/${key
    .split('/')
    .map((name) => encodeURIComponent(name).replace(/^\.+$/, (dots) => '%2e'.repeat(dots.length)))
    .join('/')}`;
}

describe('plainPathOf', () => {
  it.each([
    ['film.mp4', 'film.mp4'],
    ['a/b c/中文 🎈.txt', join('a', 'b c', '中文 🎈.txt')],
    ['100%', '100%25'],
    ['100%25', '100%2525'],
    ['a:b*c?d"e<f>g|h\\i', 'a%3Ab%2Ac%3Fd%22e%3Cf%3Eg%7Ch%5Ci'],
    ['tab\tnul\u0000', 'tab%09nul%00'],
    ['dot./space /con/NUL.txt', join('dot%2E', 'space%20', '%63on', '%4EUL.txt')],
    ['...', '..%2E'],
    ['', null],
    ['/leading', null],
    ['trailing/', null],
    ['a//b', null],
    ['a/../b', null],
    ['./a', null],
    ['é'.repeat(128), null],
  ])('of %j is %j', (key, path) => expect(plainPathOf(key)).toBe(path));
});

describe('objects on disk', () => {
  const hostileKeys = [
    '../escape',
    '../../escape',
    'a/../../escape',
    '..',
    '.',
    './x',
    'a/./b',
    '/etc/passwd',
    '//x',
    'folder/',
    'x'.repeat(300),
    `${'d/'.repeat(500)}x`,
    'C:\\windows\\x',
    '..\\..\\escape',
    'a\u0000b',
    '__proto__',
    'constructor/prototype',
    'upload.json',
  ];

  it('are stored inside the directory, whatever the key is', async () => {
    const { port, fileOf } = await startServer();
    for (const key of hostileKeys) {
      const stored = await http(port, { method: 'PUT', target: targetOf(key), body: Buffer.from(key) });
      expect([key, stored.status]).toEqual([key, 200]);
      const path = fileOf('media', key) ?? '';
      expect(relative(directory.path, path)).toMatch(/^(objects|other)[/\\]media[/\\]/);
      expect(await readFile(path, 'utf8')).toBe(key);
    }
    for (const key of hostileKeys) expect((await http(port, { method: 'GET', target: targetOf(key) })).text).toBe(key);
    expect((await readdir(directory.path)).sort()).toEqual(['meta', 'objects', 'other', 'temporary', 'uploads']);
    for (const key of hostileKeys) await http(port, { method: 'DELETE', target: targetOf(key) });
    expect(await readdir(join(directory.path, 'objects', 'media'))).toEqual([]);
    expect(await readdir(join(directory.path, 'other', 'media'))).toEqual([]);
  });

  it('are stored separately if one key is a folder of the other', async () => {
    for (const keysInOrder of [
      ['a', 'a/b', 'a/b/c'],
      ['x/y/z', 'x/y', 'x'],
    ]) {
      const { port, fileOf, close } = await startServer();
      for (const key of keysInOrder) await http(port, { method: 'PUT', target: targetOf(key), body: Buffer.from(key) });
      for (const key of keysInOrder) {
        expect((await http(port, { method: 'GET', target: targetOf(key) })).text).toBe(key);
        expect((await stat(fileOf('media', key) ?? '')).isFile()).toBe(true);
      }
      await close();
      const restarted = await startServer();
      for (const key of keysInOrder)
        expect((await http(restarted.port, { method: 'GET', target: targetOf(key) })).text).toBe(key);
      await restarted.close();
    }
  });

  it('do not overwrite a file of the user', async () => {
    const { port } = await startServer();
    const userFile = join(directory.path, 'objects', 'media', 'mine.txt');
    await writeFile(userFile, 'mine');
    await http(port, { method: 'PUT', target: '/media/mine.txt', body: Buffer.from('theirs') });
    expect(await readFile(userFile, 'utf8')).toBe('mine');
    expect((await http(port, { method: 'GET', target: '/media/mine.txt' })).text).toBe('theirs');
  });

  it('are replaced at the same path', async () => {
    const { port, fileOf } = await startServer();
    for (const content of ['one', 'two']) {
      await http(port, { method: 'PUT', target: '/media/a/b', body: Buffer.from(content) });
      expect(await readFile(join(directory.path, 'objects', 'media', 'a', 'b'), 'utf8')).toBe(content);
    }
    expect(fileOf('media', 'none')).toBeNull();
  });
});
