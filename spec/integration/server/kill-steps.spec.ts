import * as fs from 'node:fs';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createObsServer, type ObsServer } from '../../../lib/server/index.js';
import { http, keys, useDirectory } from './client.js';

const directory = useDirectory();
const changingCalls = ['mkdir', 'open', 'rename', 'rm', 'rmdir', 'writeFile'] as const;

afterEach(() => jest.restoreAllMocks());

async function start(): Promise<ObsServer> {
  return createObsServer({ directory: directory.path, port: 0, credentials: keys });
}

/** Executes no change of the disk from the n-th on, as if the process was killed there. */
function killAtStep(n: number): { readonly reached: Promise<void>; readonly isReached: () => boolean } {
  let step = 0;
  let resolveReached: () => void = () => undefined;
  const reached = new Promise<void>((resolve) => (resolveReached = resolve));
  for (const name of changingCalls) {
    const original = fs.promises[name] as (...args: unknown[]) => Promise<unknown>;
    jest.spyOn(fs.promises, name).mockImplementation(((...args: unknown[]) => {
      step += 1;
      if (step < n) return original(...args);
      resolveReached();
      return new Promise(() => undefined);
    }) as never);
  }
  return { reached, isReached: () => step >= n };
}

/** All files inside some folders. */
async function filesOf(...folders: readonly string[]): Promise<readonly string[]> {
  const found: string[] = [];
  for (const folder of folders) {
    const entries = await readdir(join(directory.path, folder), { recursive: true, withFileTypes: true });
    for (const entry of entries) if (entry.isFile()) found.push(join(entry.parentPath, entry.name));
  }
  return found;
}

describe('a local OBS that is killed at any step', () => {
  const plainPath = (): string => join(directory.path, 'objects', 'media', 'a', 'b');
  const put = (port: number, content: string): Promise<unknown> =>
    http(port, { method: 'PUT', target: '/media/a/b', body: Buffer.from(content) });

  /** Restarts, expects no other files than those of the object, and returns its content, or null without an object. */
  async function afterRestart(): Promise<string | null> {
    const server = directory.closeLater(await start());
    const { status, text } = await http(server.port, { method: 'GET', target: '/media/a/b' });
    const content = status === 200 ? text : null;
    expect(await filesOf('objects', 'other')).toHaveLength(content === null ? 0 : 1);
    expect(await filesOf('temporary', 'uploads')).toEqual([]);
    expect(await filesOf(join('meta', 'objects'))).toHaveLength(content === null ? 0 : 1);
    await put(server.port, 'latest');
    expect(await filesOf('objects', 'other')).toEqual([plainPath()]);
    expect(await readFile(plainPath(), 'utf8')).toBe('latest');
    await http(server.port, { method: 'DELETE', target: '/media/a/b' });
    expect(await filesOf('objects', 'other', 'temporary', join('meta', 'objects'))).toEqual([]);
    await server.close();
    return content;
  }

  /** Kills at the first step, the second, and so on, until the request is done before. */
  async function eachStep(
    prepare: (server: ObsServer) => Promise<unknown>,
    request: (server: ObsServer) => Promise<unknown>,
    outcomes: readonly (string | null)[],
  ): Promise<readonly (string | null)[]> {
    const contents: (string | null)[] = [];
    for (let n = 1; ; n += 1) {
      const server = await start();
      await prepare(server);
      const kill = killAtStep(n);
      const done = request(server).catch(() => undefined);
      await Promise.race([done, kill.reached]);
      const isDone = !kill.isReached();
      // With steps that hang it cannot close completely, but its sockets are closed.
      const closed = server.close();
      await done;
      if (isDone) await closed;
      jest.restoreAllMocks();
      const content = await afterRestart();
      expect(outcomes).toContain(content);
      contents.push(content);
      if (isDone) return contents;
    }
  }

  it('of a DELETE has the object or not, but no file without an object', async () => {
    const contents = await eachStep(
      ({ port }) => put(port, 'old'),
      ({ port }) => http(port, { method: 'DELETE', target: '/media/a/b' }),
      ['old', null],
    );
    expect(contents.length).toBeGreaterThan(3);
    expect([contents[0], contents.at(-1)]).toEqual(['old', null]);
  }, 60_000);

  it('of an overwrite has the old or the new object', async () => {
    const contents = await eachStep(
      ({ port }) => put(port, 'old'),
      ({ port }) => put(port, 'new'),
      ['old', 'new'],
    );
    expect([contents[0], contents.at(-1)]).toEqual(['old', 'new']);
  }, 60_000);

  it('of an overwrite that moves the object to its plain path has the old or the new object', async () => {
    const userFile = join(directory.path, 'objects', 'media', 'a');
    const contents = await eachStep(
      async ({ port }) => {
        await writeFile(userFile, 'a file of a person, in the way');
        await put(port, 'old');
        await fs.promises.rm(userFile);
        expect(await filesOf('other')).toHaveLength(1);
      },
      ({ port }) => put(port, 'new'),
      ['old', 'new'],
    );
    expect([contents[0], contents.at(-1)]).toEqual(['old', 'new']);
  }, 60_000);
});
