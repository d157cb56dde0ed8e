import { once } from 'node:events';
import { readdir, rm } from 'node:fs/promises';
import { Agent, request as httpRequest, type IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import { join } from 'node:path';
import { createObsHandler, on, type FaultRule, type ObsServer } from '../../../lib/server/index.js';
import { signHeader } from '../../unit/fake-obs/sign.js';
import { complete, http, https, initiate, keys, putPart, textOf, until, useDirectory } from './client.js';
import { seededBytes } from '../../support/seeded-bytes.js';

const directory = useDirectory();
const { start, startTls } = directory;

const key = '/media/a.bin';

function partTarget(uploadId: string, partNumber = 1): string {
  return `${key}?partNumber=${partNumber}&uploadId=${uploadId}`;
}

/** A signed request whose body is sent by the caller. */
function open(port: number, target: string, headers: Record<string, string>): ReturnType<typeof httpRequest> {
  const url = `http://127.0.0.1:${port}${target}`;
  const signed = signHeader({ method: 'PUT', url, headers }, keys, { now: Date.now() });
  return httpRequest({ host: '127.0.0.1', port, method: 'PUT', path: target, headers: signed, agent: false });
}

describe('faults over HTTP', () => {
  const part = seededBytes(200_000);

  async function sendPart(
    fault: FaultRule,
  ): Promise<{ server: ObsServer; uploadId: string; reply: ReturnType<typeof putPart> }> {
    const server = await start({ faults: [fault] });
    const uploadId = await initiate(server.port, key);
    return { server, uploadId, reply: putPart(server.port, key, uploadId, 1, part) };
  }

  const partsOf = ({ control }: ObsServer, uploadId: string): number =>
    control.state.uploads.get(uploadId)?.parts.size ?? 0;

  it.each([
    ['reset', on('uploadPart').reset(), 0],
    ['reset in the middle of the body', on('uploadPart').reset({ afterBytes: 100_000 }), 0],
    ['a lost response', on('uploadPart').loseResponse(), 1],
    ['a response for which the browser sends the request again', on('uploadPart').resend(), 1],
  ])('%s breaks the connection', async (_, fault, stored) => {
    const { server, uploadId, reply } = await sendPart(fault);
    await expect(reply).rejects.toMatchObject({ code: expect.stringMatching(/ECONNRESET|EPIPE/) as string });
    expect(partsOf(server, uploadId)).toBe(stored);
    expect(server.log.entries.at(-1)).toMatchObject({ status: null, aborted: false, fault: fault.name });
    await server.close();
    expect(await readdir(join(directory.path, 'temporary'))).toEqual([]);
  });

  it.each([
    ['reset', on('putObject').reset(), 0],
    ['a lost response', on('putObject').loseResponse(), 1],
  ])('%s breaks the connection of an HTTPS server too', async (_, fault, stored) => {
    const handler = directory.closeLater(
      createObsHandler({ directory: directory.path, credentials: [keys], faults: [fault] }),
    );
    const port = await startTls(handler);
    const call = https(port, { method: 'PUT', target: key, body: Buffer.from('x') });
    await expect(call).rejects.toMatchObject({ code: 'ECONNRESET' });
    expect(handler.control.state.buckets.get('media')?.objects.size).toBe(stored);
  });

  it.each([
    ['before-body', 0],
    ['mid-body', 0],
    ['before-response', 0],
    ['after-effect', 1],
    ['mid-response', 1],
  ] as const)('a stall %s lasts until the client disconnects', async (at, stored) => {
    const server = await start({ faults: [on('uploadPart').stall(at)] });
    const uploadId = await initiate(server.port, key);
    const controller = new AbortController();
    const reply = http(server.port, {
      method: 'PUT',
      target: partTarget(uploadId),
      body: part,
      signal: controller.signal,
    });
    await until(() => server.log.inFlight('uploadPart') === 1 && partsOf(server, uploadId) === stored);
    // Other requests do not end the stall.
    await http(server.port, { method: 'HEAD', target: key });
    expect(server.log.inFlight('uploadPart')).toBe(1);
    controller.abort();
    await expect(reply).rejects.toThrow();
    await until(() => server.log.inFlight() === 0);
    expect(server.log.entries.at(-2)).toMatchObject({ operation: 'uploadPart', status: null, aborted: true });
    expect(partsOf(server, uploadId)).toBe(stored);
  });

  it('a truncated response ends in the middle of its body', async () => {
    const server = await start({ faults: [on('listParts').truncateResponse()] });
    const uploadId = await initiate(server.port, key);
    const listed = http(server.port, { method: 'GET', target: `${key}?uploadId=${uploadId}` });
    await expect(listed).rejects.toThrow();
  });

  it('an endless response continues until the client disconnects', async () => {
    const server = await start({ faults: [on('headBucket').delay(1), on('listObjects').endlessResponse()] });
    const url = `http://127.0.0.1:${server.port}/media`;
    const headers = signHeader({ method: 'GET', url }, keys, { now: Date.now() });
    const request = httpRequest(url, { headers, agent: false }).end();
    const [response] = (await once(request, 'response')) as [IncomingMessage];
    let size = 0;
    for await (const chunk of response as AsyncIterable<Buffer>) {
      size += chunk.length;
      if (size > 3_000_000) break;
    }
    await until(() => server.log.inFlight() === 0);
    expect(server.log.entries[0]).toMatchObject({ aborted: true });
  });

  it('a slow body and a delayed response arrive completely', async () => {
    const server = await start({
      faults: [on('uploadPart').slow({ bytesPerSecond: 4_000_000 }), on('uploadPart').delay(5)],
    });
    const uploadId = await initiate(server.port, key);
    const startedAt = performance.now();
    expect((await putPart(server.port, key, uploadId, 1, part)).status).toBe(200);
    expect(performance.now() - startedAt).toBeGreaterThan(50);
    expect(server.log.entries.at(-1)?.fault).toBe('slow 4000000 B/s + delay 5 ms');
  });

  it('a slow proxy shares its bandwidth between bodies', async () => {
    const server = await start({
      faults: [on('uploadPart', { times: 2 }).slowProxy({ bytesPerSecond: 2_000_000 })],
    });
    const uploadId = await initiate(server.port, key);
    const startedAt = performance.now();
    const replies = await Promise.all([1, 2].map((n) => putPart(server.port, key, uploadId, n, part)));
    expect(replies.map(({ status }) => status)).toEqual([200, 200]);
    expect(performance.now() - startedAt).toBeGreaterThan(190);
    expect(partsOf(server, uploadId)).toBe(2);
  });

  it('a dripping response begins with its declaration and spaces', async () => {
    const { port } = await start({ faults: [on('completeMultipartUpload').drip(1)], dripAfterMs: 10_000 });
    const uploadId = await initiate(port, key);
    const { headers } = await putPart(port, key, uploadId, 1, part);
    const done = await complete(port, key, uploadId, [headers.etag ?? '']);
    expect(done.status).toBe(200);
    expect(done.text).toMatch(/^<\?xml[^>]*\?>\n +<CompleteMultipartUploadResult/);
  });

  it('an act is written to disk before the request continues', async () => {
    const server = await start({
      faults: [
        on('headObject').act((control) => control.putObject('media', 'a.bin', Buffer.from('rival'))),
        on('listParts').dropUpload(),
      ],
    });
    expect((await http(server.port, { method: 'HEAD', target: key })).headers['content-length']).toBe('5');
    expect((await http(server.port, { method: 'GET', target: key })).text).toBe('rival');
    const uploadId = await initiate(server.port, key);
    const listed = await http(server.port, { method: 'GET', target: `${key}?uploadId=${uploadId}` });
    expect(textOf(listed.text, 'Code')).toBe('NoSuchUpload');
    expect(await readdir(join(directory.path, 'uploads'))).toEqual([]);
  });

  it('the state, the credentials and the faults can be changed between requests', async () => {
    const server = await start();
    const uploadId = await initiate(server.port, key);
    server.control.putPart(uploadId, 1, Buffer.from('x'));
    await server.settled();
    const etag = server.control.state.uploads.get(uploadId)?.parts.get(1)?.etag ?? '';
    expect((await complete(server.port, key, uploadId, [etag])).status).toBe(200);
    server.control.deleteObject('media', 'a.bin');
    await server.settled();
    expect((await http(server.port, { method: 'HEAD', target: key })).status).toBe(404);
    server.setCredentials({ accessKeyId: 'other', secretAccessKey: 'x' });
    expect((await http(server.port, { method: 'HEAD', target: key })).status).toBe(403);
    server.addFaults(on('headObject').respond(418));
    expect((await http(server.port, { method: 'HEAD', target: key })).status).toBe(418);
  });
});

describe('a local OBS over HTTP', () => {
  it('discards a body that a client has not sent completely', async () => {
    const server = await start();
    const uploadId = await initiate(server.port, key);
    const request = open(server.port, partTarget(uploadId), { 'content-length': '1000000' });
    request.on('error', () => undefined);
    request.write(Buffer.alloc(300_000));
    await until(() => server.log.inFlight('uploadPart') === 1);
    request.destroy();
    await until(() => server.log.inFlight() === 0);
    expect(server.log.entries.at(-1)).toMatchObject({ status: null, aborted: true, size: 1_000_000 });
    await server.close();
    expect(await readdir(join(directory.path, 'temporary'))).toEqual([]);
  });

  it('rejects a request by its headers, without reading a long body', async () => {
    const { port } = await start();
    const request = open(port, partTarget('none'), { 'content-length': String(5 * 1024 ** 3) });
    request.on('error', () => undefined);
    request.write('a');
    const [response] = (await once(request, 'response')) as [IncomingMessage];
    expect(response.statusCode).toBe(404);
    expect(response.headers.connection).toBe('close');
    request.destroy();
  });

  it('requests a body with 100-continue only if it will be stored', async () => {
    const { port } = await start();
    const uploadId = await initiate(port, key);
    const headers = { 'content-length': '5', expect: '100-continue' };
    const validRequest = open(port, partTarget(uploadId), headers);
    validRequest.flushHeaders();
    await once(validRequest, 'continue');
    validRequest.end('hello');
    const [accepted] = (await once(validRequest, 'response')) as [IncomingMessage];
    expect(accepted.statusCode).toBe(200);
    accepted.resume();
    const invalidRequest = open(port, partTarget('none'), headers);
    let continued = false;
    invalidRequest.on('continue', () => (continued = true));
    invalidRequest.flushHeaders();
    const [rejected] = (await once(invalidRequest, 'response')) as [IncomingMessage];
    expect([rejected.statusCode, continued]).toEqual([404, false]);
    invalidRequest.destroy();
  });

  it('can hide the length of an object', async () => {
    const { port, control } = await start({ faults: [on('headObject').hideHeaders('content-length')] });
    control.putObject('media', 'a.bin', Buffer.from('hello'));
    await until(() => control.state.buckets.get('media')?.objects.has('a.bin') === true);
    const hidden = await http(port, { method: 'HEAD', target: key });
    expect([hidden.status, hidden.headers['content-length']]).toEqual([200, undefined]);
    const shown = await http(port, { method: 'HEAD', target: key });
    expect(shown.headers['content-length']).toBe('5');
  });

  it('begins the response to a long complete before it has finished', async () => {
    const { port } = await start({ dripAfterMs: 0 });
    const uploadId = await initiate(port, key);
    const { headers } = await putPart(port, key, uploadId, 1, seededBytes(1_000_000));
    const done = await complete(port, key, uploadId, [headers.etag ?? '']);
    expect(done.status).toBe(200);
    expect(done.headers['transfer-encoding']).toBe('chunked');
    expect(done.text).toMatch(/^<\?xml[^>]*\?>\n +<CompleteMultipartUploadResult/);
  });

  it('reports an error in a 200 if a complete fails after its response has begun', async () => {
    const { port } = await start({ dripAfterMs: 0 });
    const uploadId = await initiate(port, key);
    const { headers } = await putPart(port, key, uploadId, 1, Buffer.from('x'));
    const folder = join(directory.path, 'uploads', uploadId);
    for (const name of await readdir(folder)) if (name.startsWith('00001')) await rm(join(folder, name));
    const done = await complete(port, key, uploadId, [headers.etag ?? '']);
    expect([done.status, textOf(done.text, 'Code')]).toEqual([200, 'InternalError']);
    expect(done.text.match(/<\?xml/g)).toHaveLength(1);
  });

  it('responds with 500 if the disk fails', async () => {
    const { port } = await start();
    const uploadId = await initiate(port, key);
    await rm(join(directory.path, 'uploads', uploadId), { recursive: true });
    const reply = await putPart(port, key, uploadId, 1, Buffer.from('x'));
    expect([reply.status, textOf(reply.text, 'Code')]).toEqual([500, 'InternalError']);
  });

  it('lets only one of two concurrent completes succeed', async () => {
    const { port } = await start();
    const uploadId = await initiate(port, key);
    const { headers } = await putPart(port, key, uploadId, 1, seededBytes(500_000));
    const replies = await Promise.all([1, 2].map(() => complete(port, key, uploadId, [headers.etag ?? ''])));
    expect(replies.map((reply) => reply.status).sort()).toEqual([200, 404]);
  });

  it('responds to a page of another origin', async () => {
    const { port } = await start();
    const origin = 'http://localhost:4200';
    const preflightHeaders = {
      origin,
      'access-control-request-method': 'PUT',
      'access-control-request-headers': 'authorization',
    };
    const preflight = await http(port, { method: 'OPTIONS', target: key, headers: preflightHeaders, unsigned: true });
    expect(preflight).toMatchObject({ status: 200, headers: { 'access-control-allow-headers': 'authorization' } });
    const rejected = await http(port, { method: 'PUT', target: key, headers: { origin }, unsigned: true });
    expect(rejected).toMatchObject({ status: 403, headers: { 'access-control-allow-origin': origin } });
  });

  it('keeps a connection alive, even after error responses', async () => {
    const { port, log } = await start();
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const sockets = new Set<unknown>();
    for (const method of ['HEAD', 'PUT', 'GET', 'DELETE']) {
      const request = httpRequest({ host: '127.0.0.1', port, method, path: key, agent });
      request.on('socket', (socket) => sockets.add(socket));
      request.end(method === 'PUT' ? Buffer.alloc(1_000_000) : undefined);
      const [response] = (await once(request, 'response')) as [IncomingMessage];
      expect(response.statusCode).toBe(403);
      await once(response.resume(), 'end');
    }
    agent.destroy();
    expect(sockets.size).toBe(1);
    expect(log.entries).toHaveLength(4);
  });

  it('accepts the absolute form of proxies, and rejects invalid HTTP', async () => {
    const { port } = await start();
    for (const text of [
      'GET http://127.0.0.1/media HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n',
      'nonsense\r\n\r\n',
    ]) {
      const socket = connect(port, '127.0.0.1');
      socket.end(text);
      let response = '';
      for await (const chunk of socket as AsyncIterable<Buffer>) response += chunk.toString();
      expect(response).toMatch(text.startsWith('GET') ? /^HTTP\/1.1 403 / : /^HTTP\/1.1 400 /);
    }
    expect((await http(port, { method: 'GET', target: '/media' })).status).toBe(200);
  });

  it('closes at once, even with requests in flight', async () => {
    const server = await start({ faults: [on('headObject').stall('before-response')] });
    const stalled = http(server.port, { method: 'HEAD', target: key });
    stalled.catch(() => undefined);
    await until(() => server.log.inFlight() === 1);
    await server.close();
    await expect(stalled).rejects.toThrow();
    expect(server.log.inFlight()).toBe(0);
    await expect(http(server.port, { method: 'HEAD', target: key })).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  });
});
