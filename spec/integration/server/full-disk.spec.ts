import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { Agent, request as httpRequest } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { buildServer, startChild, type ChildServer } from './child.js';
import { complete, http, initiate, keys, putPart, textOf, useDirectory } from './client.js';
import { signHeader } from '../../unit/fake-obs/sign.js';

const MIB = 1024 * 1024;
const directory = useDirectory();
const agent = new Agent({ keepAlive: true, maxSockets: 1 });
const children: ChildServer[] = [];
let build = '';
let script = '';

beforeAll(async () => {
  build = await mkdtemp(join(tmpdir(), 'rx-obs-upload-build-'));
  script = buildServer(build);
});
afterEach(() => Promise.all(children.splice(0).map((child) => child.kill())));
afterAll(async () => {
  agent.destroy();
  await rm(build, { recursive: true, force: true });
});

/** Limits the size of files to 2 MiB: a full disk fails a write in the same way. */
async function start(): Promise<number> {
  const child = await startChild(script, directory.path, 2 * MIB);
  children.push(child);
  return child.port;
}

/** Sends a request over one connection, which is reused if the server keeps it open. */
function send(port: number, method: string, path: string, body: Buffer | null): Promise<[number, string, string]> {
  const url = `http://127.0.0.1:${port}${path}`;
  const headers = signHeader({ method, url }, keys, { now: Date.now() });
  if (body !== null) headers['content-length'] = String(body.length);
  return new Promise((resolve, reject) => {
    const request = httpRequest(url, { method, headers, agent });
    request.on('error', reject);
    request.on('response', (response) => {
      text(response).then(
        (content) => resolve([response.statusCode ?? 0, response.headers.connection ?? '', textOf(content, 'Code')]),
        reject,
      );
    });
    request.end(body ?? undefined);
  });
}

describe('a local OBS with a full disk', () => {
  it('rejects a body that does not fit, deletes it at once, and serves the next request', async () => {
    const port = await start();
    const rejected = await send(port, 'PUT', '/media/large', Buffer.alloc(16 * MIB));
    expect(rejected).toEqual([403, 'close', 'InsufficientStorageSpace']);
    expect(await readdir(join(directory.path, 'temporary'))).toEqual([]);
    expect(await send(port, 'PUT', '/media/small', Buffer.alloc(10))).toEqual([200, 'keep-alive', '']);
    expect(await send(port, 'GET', '/media/large', null)).toEqual([404, 'keep-alive', 'NoSuchKey']);
  });

  it('deletes the partial object of a failed complete, and keeps the parts and the old object', async () => {
    const port = await start();
    await http(port, { method: 'PUT', target: '/media/a', body: Buffer.from('old') });
    const uploadId = await initiate(port, '/media/a');
    const etags: string[] = [];
    for (const n of [1, 2]) {
      etags.push((await putPart(port, '/media/a', uploadId, n, Buffer.alloc(1.5 * MIB))).headers.etag ?? '');
    }
    const rejected = await complete(port, '/media/a', uploadId, etags);
    expect([rejected.status, textOf(rejected.text, 'Code')]).toEqual([403, 'InsufficientStorageSpace']);
    expect(await readdir(join(directory.path, 'temporary'))).toEqual([]);
    expect(await readFile(join(directory.path, 'objects', 'media', 'a'), 'utf8')).toBe('old');
    expect((await complete(port, '/media/a', uploadId, etags.slice(0, 1))).status).toBe(200);
  });
});
