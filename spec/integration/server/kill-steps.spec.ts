import * as fs from 'node:fs';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createObsServer, type ObsServer } from '../../../lib/server/index.js';
import { http, keys, useDirectory } from './client.js';

const directory = useDirectory();
const changing = ['mkdir', 'open', 'rename', 'rm', 'rmdir', 'writeFile'] as const;

afterEach(() => jest.restoreAllMocks());

async function start(): Promise<ObsServer> {
  return createObsServer({ directory: directory.path, port: 0, credentials: keys });
}

/** From its n-th change of the disk on nothing is done any more, as in a process that is killed there. */
function killAtStep(n: number): { readonly reached: Promise<void>; readonly isReached: () => boolean } {
  let step = 0;
  let reach: () => void = () => undefined;
  const reached = new Promise<void>((resolve) => (reach = resolve));
  for (const name of changing) {
    const original = fs.promises[name] as (...args: unknown[]) => Promise<unknown>;
    jest.spyOn(fs.promises, name).mockImplementation(((...args: unknown[]) => {
      step += 1;
      if (step < n) return original(...args);
      reach();
      return new Promise(() => undefined);
    }) as never);
  }
  return { reached, isReached: () => step >= n };
}

/** Every file below objects and other, and what is left elsewhere of what is not finished. */
async function filesOf(...folders: readonly string[]): Promise<readonly string[]> {
  const found: string[] = [];
  for (const folder of folders) {
    const entries = await readdir(join(directory.path, folder), { recursive: true, withFileTypes: true });
    for (const entry of entries) if (entry.isFile()) found.push(join(entry.parentPath, entry.name));
  }
  return found;
}

describe('a local OBS that is killed at any step', () => {
  const plain = (): string => join(directory.path, 'objects', 'media', 'a', 'b');
  const put = (port: number, content: string): Promise<unknown> =>
    http(port, { method: 'PUT', target: '/media/a/b', body: Buffer.from(content) });

  /** What there is after the next start: the object's content, or null; and nothing else. */
  async function afterRestart(): Promise<string | null> {
    const server = directory.closeLater(await start());
    const { status, text } = await http(server.port, { method: 'GET', target: '/media/a/b' });
    const content = status === 200 ? text : null;
    expect(await filesOf('objects', 'other')).toHaveLength(content === null ? 0 : 1);
    expect(await filesOf('temporary', 'uploads')).toEqual([]);
    expect(await filesOf(join('meta', 'objects'))).toHaveLength(content === null ? 0 : 1);
    await put(server.port, 'latest');
    expect(await filesOf('objects', 'other')).toEqual([plain()]);
    expect(await readFile(plain(), 'utf8')).toBe('latest');
    await http(server.port, { method: 'DELETE', target: '/media/a/b' });
    expect(await filesOf('objects', 'other', 'temporary', join('meta', 'objects'))).toEqual([]);
    await server.close();
    return content;
  }

  /** Kills at the first step, the second … until the request is done before it. */
  async function eachStep(
    prepare: (server: ObsServer) => Promise<unknown>,
    act: (server: ObsServer) => Promise<unknown>,
    outcomes: readonly (string | null)[],
  ): Promise<readonly (string | null)[]> {
    const seen: (string | null)[] = [];
    for (let n = 1; ; n += 1) {
      const server = await start();
      await prepare(server);
      const kill = killAtStep(n);
      const done = act(server).catch(() => undefined);
      await Promise.race([done, kill.reached]);
      const isOver = !kill.isReached();
      // The steps that hang keep it from ending by itself: its sockets are closed all the same.
      const closed = server.close();
      await done;
      if (isOver) await closed;
      jest.restoreAllMocks();
      const content = await afterRestart();
      expect(outcomes).toContain(content);
      seen.push(content);
      if (isOver) return seen;
    }
  }

  it('of a DELETE has the object or has not, and no file without an object', async () => {
    const seen = await eachStep(
      ({ port }) => put(port, 'old'),
      ({ port }) => http(port, { method: 'DELETE', target: '/media/a/b' }),
      ['old', null],
    );
    expect(seen.length).toBeGreaterThan(3);
    expect([seen[0], seen.at(-1)]).toEqual(['old', null]);
  }, 60_000);

  it('of an overwrite has the old object or the new one', async () => {
    const seen = await eachStep(
      ({ port }) => put(port, 'old'),
      ({ port }) => put(port, 'new'),
      ['old', 'new'],
    );
    expect([seen[0], seen.at(-1)]).toEqual(['old', 'new']);
  }, 60_000);

  it('of an overwrite that moves the object to its plain path has the old object or the new one', async () => {
    const own = join(directory.path, 'objects', 'media', 'a');
    const seen = await eachStep(
      async ({ port }) => {
        await writeFile(own, 'a file of a person, in the way');
        await put(port, 'old');
        await fs.promises.rm(own);
        expect(await filesOf('other')).toHaveLength(1);
      },
      ({ port }) => put(port, 'new'),
      ['old', 'new'],
    );
    expect([seen[0], seen.at(-1)]).toEqual(['old', 'new']);
  }, 60_000);
});
