import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { plainPathOf } from '../../../lib/server/object-path.js';
import { http, useDirectory } from './client.js';

const directory = useDirectory();
const { start: server } = directory;

function encoded(key: string): string {
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
  const hostile = [
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

  it('never leave the directory, whatever the key', async () => {
    const { port, fileOf } = await server();
    for (const key of hostile) {
      const stored = await http(port, { method: 'PUT', target: encoded(key), body: Buffer.from(key) });
      expect([key, stored.status]).toEqual([key, 200]);
      const path = fileOf('media', key) ?? '';
      expect(relative(directory.path, path)).toMatch(/^(objects|other)[/\\]media[/\\]/);
      expect(await readFile(path, 'utf8')).toBe(key);
    }
    for (const key of hostile) expect((await http(port, { method: 'GET', target: encoded(key) })).text).toBe(key);
    expect((await readdir(directory.path)).sort()).toEqual(['meta', 'objects', 'other', 'temporary', 'uploads']);
    for (const key of hostile) await http(port, { method: 'DELETE', target: encoded(key) });
    expect(await readdir(join(directory.path, 'objects', 'media'))).toEqual([]);
    expect(await readdir(join(directory.path, 'other', 'media'))).toEqual([]);
  });

  it('stand side by side where one key is a folder of the other', async () => {
    for (const keysInOrder of [
      ['a', 'a/b', 'a/b/c'],
      ['x/y/z', 'x/y', 'x'],
    ]) {
      const { port, fileOf, close } = await server();
      for (const key of keysInOrder) await http(port, { method: 'PUT', target: encoded(key), body: Buffer.from(key) });
      for (const key of keysInOrder) {
        expect((await http(port, { method: 'GET', target: encoded(key) })).text).toBe(key);
        expect((await stat(fileOf('media', key) ?? '')).isFile()).toBe(true);
      }
      await close();
      const again = await server();
      for (const key of keysInOrder)
        expect((await http(again.port, { method: 'GET', target: encoded(key) })).text).toBe(key);
      await again.close();
    }
  });

  it('do not touch a file that a person put there', async () => {
    const { port } = await server();
    const own = join(directory.path, 'objects', 'media', 'mine.txt');
    await writeFile(own, 'mine');
    await http(port, { method: 'PUT', target: '/media/mine.txt', body: Buffer.from('theirs') });
    expect(await readFile(own, 'utf8')).toBe('mine');
    expect((await http(port, { method: 'GET', target: '/media/mine.txt' })).text).toBe('theirs');
  });

  it('are replaced in their place', async () => {
    const { port, fileOf } = await server();
    for (const content of ['one', 'two']) {
      await http(port, { method: 'PUT', target: '/media/a/b', body: Buffer.from(content) });
      expect(await readFile(join(directory.path, 'objects', 'media', 'a', 'b'), 'utf8')).toBe(content);
    }
    expect(fileOf('media', 'none')).toBeNull();
  });
});
