import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import * as fs from 'node:fs';
import { access, readdir, readFile, writeFile } from 'node:fs/promises';
import { createServer, request as httpRequest, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { createObsHandler, on } from '../../../lib/server/index.js';
import { complete, http, https, initiate, keys, putPart, textOf, useDirectory } from './client.js';
import { seededBytes } from '../../support/seeded-bytes.js';

const directory = useDirectory();
const { start, startTls } = directory;

function md5(bytes: Buffer): string {
  return createHash('md5').update(bytes).digest('hex');
}

describe('createObsServer', () => {
  it('stores the parts as one plain file', async () => {
    const { port, fileOf, log } = await start();
    const parts = [seededBytes(110_000), seededBytes(120_000), seededBytes(5)];
    const uploadId = await initiate(port, '/media/films/a%20b.mp4', {
      'content-type': 'video/mp4',
      'x-obs-meta-a': 'b',
    });
    const etags: string[] = [];
    for (const [i, part] of parts.entries()) {
      const reply = await putPart(port, '/media/films/a%20b.mp4', uploadId, i + 1, part);
      expect(reply).toMatchObject({ status: 200, headers: { etag: `"${md5(part)}"` } });
      etags.push(reply.headers.etag ?? '');
    }
    const done = await complete(port, '/media/films/a%20b.mp4', uploadId, etags);
    expect(done.status).toBe(200);
    expect(textOf(done.text, 'Location')).toBe(`http://127.0.0.1:${port}/media/films/a%20b.mp4`);
    const path = join(directory.path, 'objects', 'media', 'films', 'a b.mp4');
    expect(fileOf('media', 'films/a b.mp4')).toBe(path);
    expect(await readFile(path)).toEqual(Buffer.concat(parts));
    expect(await readdir(join(directory.path, 'uploads'))).toEqual([]);
    expect(await readdir(join(directory.path, 'temporary'))).toEqual([]);

    const full = await http(port, { method: 'GET', target: '/media/films/a%20b.mp4' });
    expect(full).toMatchObject({ status: 200, headers: { 'content-type': 'video/mp4', 'x-obs-meta-a': 'b' } });
    expect(full.body).toEqual(Buffer.concat(parts));
    const range = await http(port, {
      method: 'GET',
      target: '/media/films/a%20b.mp4',
      headers: { range: 'bytes=5-9' },
    });
    expect(range).toMatchObject({
      status: 206,
      headers: { 'content-range': 'bytes 5-9/230005', 'content-length': '5' },
    });
    expect(range.body).toEqual(Buffer.concat(parts).subarray(5, 10));
    const head = await http(port, { method: 'HEAD', target: '/media/films/a%20b.mp4' });
    expect(head).toMatchObject({ status: 200, headers: { 'content-length': '230005', 'x-obs-uploadid': uploadId } });
    expect(head.body).toHaveLength(0);
    expect(log.entries.map((entry) => entry.status)).toEqual([200, 200, 200, 200, 200, 200, 206, 200]);
    expect(log.inFlight()).toBe(0);
  });

  it('sends neither a body nor its length to a client that has the object', async () => {
    const { port } = await start();
    const { headers } = await http(port, { method: 'PUT', target: '/media/k', body: Buffer.from('hello') });
    const conditions = { 'if-none-match': headers.etag ?? '' };
    const unchanged = await http(port, { method: 'GET', target: '/media/k', headers: conditions });
    expect([unchanged.status, unchanged.text, unchanged.headers['content-length']]).toEqual([304, '', undefined]);
    expect(unchanged.headers.etag).toBe(headers.etag);
  });

  it('responds to localhost and to bucket.localhost, also as the handler of another server', async () => {
    const handler = directory.closeLater(createObsHandler({ directory: directory.path, credentials: [keys] }));
    const server = createServer(handler).listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    directory.closeLater({ close: () => new Promise<void>((resolve) => server.close(() => resolve())) });
    const { port } = server.address() as AddressInfo;
    const host = `media.localhost:${port}`;
    const stored = await http(port, { method: 'PUT', target: '/k', body: Buffer.from('virtual'), host });
    expect(stored.status).toBe(200);
    const read = await http(port, { method: 'GET', target: '/media/k', host: `localhost:${port}` });
    expect(read.text).toBe('virtual');
  });

  it('gives a location with https if it is behind TLS', async () => {
    const handler = directory.closeLater(createObsHandler({ directory: directory.path, credentials: [keys] }));
    const port = await startTls(handler);
    const target = '/media/k?uploads';
    const uploadId = textOf((await https(port, { method: 'POST', target })).text, 'UploadId');
    const part = { method: 'PUT', target: `/media/k?partNumber=1&uploadId=${uploadId}`, body: Buffer.from('x') };
    const { etag = '' } = (await https(port, part)).headers;
    const listed = `<Part><PartNumber>1</PartNumber><ETag>${etag}</ETag></Part>`;
    const body = Buffer.from(`<CompleteMultipartUpload>${listed}</CompleteMultipartUpload>`);
    const done = await https(port, { method: 'POST', target: `/media/k?uploadId=${uploadId}`, body });
    expect(textOf(done.text, 'Location')).toBe(`https://127.0.0.1:${port}/media/k`);
  });

  it('lets the listener in front respond to requests that wait for 100-continue', async () => {
    const { port } = await start({
      inFront: (store) => (request, response) => {
        if (request.url !== '/api') return store(request, response);
        request.pipe(response);
      },
    });
    const headers = { 'content-length': '5', expect: '100-continue' };
    const request = httpRequest({ host: '127.0.0.1', port, method: 'POST', path: '/api', headers, agent: false });
    request.on('continue', () => request.end('hello'));
    request.flushHeaders();
    const [response] = (await once(request, 'response')) as [IncomingMessage];
    expect([response.statusCode, await text(response)]).toEqual([200, 'hello']);
    const stored = { 'content-length': '5', expect: '100-continue' };
    const put = await http(port, { method: 'PUT', target: '/media/k', headers: stored, body: Buffer.from('hello') });
    expect(put.status).toBe(200);
  });

  it('waits for its directory, and reports if it cannot be used', async () => {
    const file = join(directory.path, 'file');
    await writeFile(file, '');
    const handler = directory.closeLater(createObsHandler({ directory: file, credentials: keys }));
    await expect(handler.ready).rejects.toThrow('cannot be written to');
    const server = createServer(handler).listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    directory.closeLater({ close: () => new Promise<void>((resolve) => server.close(() => resolve())) });
    const reply = await http((server.address() as AddressInfo).port, { method: 'GET', target: '/media' });
    expect(reply.status).toBe(500);
    expect(reply.text).toContain('cannot be written to');
  });

  it('limits its log to logLimit, and uses the given clock', async () => {
    const clock = (): number => Date.parse('2024-01-02T03:04:05Z');
    const { port, log, url } = await start({ logLimit: 2, clock });
    expect(url).toBe(`http://127.0.0.1:${port}`);
    for (const name of ['a', 'b', 'c']) await http(port, { method: 'HEAD', target: `/media/${name}` });
    expect(log.entries.map((entry) => [entry.key, entry.status, entry.at])).toEqual([
      ['b', 403, clock()],
      ['c', 403, clock()],
    ]);
    const skewed = await http(port, { method: 'GET', target: '/media' });
    expect(textOf(skewed.text, 'Code')).toBe('RequestTimeTooSkewed');
    expect(textOf(skewed.text, 'ServerTime')).toBe('2024-01-02T03:04:05.000Z');
  });

  it('limits the memory of its log', async () => {
    const { port, log } = await start({ logLimit: 100_000 });
    const headers = Object.fromEntries(Array.from({ length: 10 }, (_, i) => [`x-filler-${i}`, 'x'.repeat(1400)]));
    const sendRequest = (): Promise<unknown> =>
      http(port, { method: 'GET', target: '/media', unsigned: true, headers });
    for (let i = 0; i < 1500; i += 50) await Promise.all(Array.from({ length: 50 }, sendRequest));
    expect(JSON.stringify(log.entries).length).toBeLessThan(20 * 1024 * 1024);
    expect(log.entries.length).toBeGreaterThan(1000);
  });

  it('explains why it cannot start', async () => {
    const { port } = await start();
    await expect(start({ port })).rejects.toThrow(`Port ${port} of 127.0.0.1 is taken`);
    const file = join(directory.path, 'file');
    await writeFile(file, '');
    await expect(start({ directory: file })).rejects.toThrow(`The directory ${file} cannot be written to`);
  });

  it('does not touch the directory of the server that has its port', async () => {
    const { port, log } = await start();
    const target = `/media/k?partNumber=1&uploadId=${await initiate(port, '/media/k')}`;
    let continueBody: () => void = () => undefined;
    const paused = new Promise<void>((resolve) => (continueBody = resolve));
    const sending = http(port, {
      method: 'PUT',
      target,
      headers: { 'content-length': '10' },
      body: (async function* () {
        yield Buffer.from('hello');
        await paused;
        yield Buffer.from('world');
      })(),
    });
    const temporary = join(directory.path, 'temporary');
    while ((await readdir(temporary)).length === 0) await new Promise((resolve) => setImmediate(resolve));
    await expect(start({ port })).rejects.toThrow('is taken');
    continueBody();
    expect((await sending).status).toBe(200);
    expect(log.entries.at(-1)).toMatchObject({ operation: 'uploadPart', status: 200 });
  });

  it('refuses a directory that a running process has, and takes over that of a process that has ended', async () => {
    const owner = join(directory.path, 'meta', 'server.pid');
    const { close } = await start();
    expect(await readFile(owner, 'utf8')).toBe(String(process.pid));
    await close();
    await expect(access(owner)).rejects.toThrow('ENOENT');
    const left = join(directory.path, 'temporary', 'of-another-process');
    await writeFile(left, '');
    await writeFile(owner, String(process.ppid));
    await expect(start()).rejects.toThrow(`is in use by the process ${process.ppid}. Stop that server`);
    await access(left);
    await writeFile(owner, String(spawnSync(process.execPath, ['--version']).pid));
    await start();
    await expect(access(left)).rejects.toThrow('ENOENT');
  });

  it('stores an object in a folder whose last other object is being deleted', async () => {
    const { port, log } = await start();
    const send = (method: string, name: string, body = ''): ReturnType<typeof http> =>
      http(port, { method, target: `/media/dir/${name}`, body: Buffer.from(body) });
    await send('PUT', 'old', 'old');
    const { writeFile: original } = fs.promises;
    let goOn: () => void = () => undefined;
    const isWriting = new Promise<void>((writing) => {
      jest.spyOn(fs.promises, 'writeFile').mockImplementationOnce(async (...args) => {
        writing();
        await new Promise<void>((resolve) => (goOn = resolve));
        return original(...args);
      });
    });
    const putting = send('PUT', 'new', 'new');
    await isWriting;
    const deleting = send('DELETE', 'old');
    while (log.inFlight() < 2) await new Promise((resolve) => setImmediate(resolve));
    for (let turn = 0; turn < 100; turn++) await new Promise((resolve) => setImmediate(resolve));
    goOn();
    expect([(await putting).status, (await deleting).status]).toEqual([200, 204]);
    jest.restoreAllMocks();
    expect((await send('GET', 'new')).text).toBe('new');
  });

  it('simulates faults over HTTP', async () => {
    const stall = on('uploadPart', { partNumber: 2 }).stall('mid-body');
    const { port, log } = await start({
      faults: [
        on('uploadPart', { partNumber: 1 }).respond(503, 'SlowDown', { headers: { 'retry-after': '2' } }),
        on('uploadPart', { partNumber: 1, arrival: 2 }).loseResponse(),
        stall,
      ],
    });
    const uploadId = await initiate(port, '/media/k');
    const rejected = await putPart(port, '/media/k', uploadId, 1, Buffer.alloc(10));
    expect(rejected).toMatchObject({ status: 503, headers: { 'retry-after': '2' } });
    await expect(putPart(port, '/media/k', uploadId, 1, Buffer.alloc(10))).rejects.toThrow();
    const listed = await http(port, { method: 'GET', target: `/media/k?uploadId=${uploadId}` });
    expect(textOf(listed.text, 'PartNumber')).toBe('1');
    const controller = new AbortController();
    const target = `/media/k?partNumber=2&uploadId=${uploadId}`;
    const stalled = http(port, { method: 'PUT', target, body: Buffer.alloc(1000), signal: controller.signal });
    await http(port, { method: 'GET', target: '/media/none' });
    expect(log.inFlight('uploadPart')).toBe(1);
    controller.abort();
    await expect(stalled).rejects.toThrow();
  });
});
