import { createObsHandler, createObsServer, type ObsServer, type ObsServerOptions } from '../../../lib/server/index.js';
import { http, useDirectory, type Reply } from './client.js';

const directory = useDirectory();

async function start(options: Partial<ObsServerOptions> = {}): Promise<ObsServer> {
  return directory.closeLater(await createObsServer({ directory: directory.path, port: 0, ...options }));
}

function put(server: ObsServer, target: string, headers: Record<string, string> = {}): Promise<Reply> {
  const { port, credentials } = server;
  return http(port, { method: 'PUT', target, headers, body: Buffer.from('<script>alert(1)</script>'), credentials });
}

function get(server: ObsServer, target: string, overrides: object = {}): Promise<Reply> {
  return http(server.port, { method: 'GET', target, credentials: server.credentials, ...overrides });
}

describe('a local OBS without options', () => {
  it('generates a random secret access key', async () => {
    const server = await start();
    expect(server.credentials.secretAccessKey).toMatch(/^[0-9a-f]{40}$/);
    expect((await put(server, '/media/a')).status).toBe(200);
    for (const guess of ['local-secret', 'local', '']) {
      const credentials = { ...server.credentials, secretAccessKey: guess };
      expect((await get(server, '/media/a', { credentials })).status).toBe(403);
    }
    const other = directory.closeLater(createObsHandler({ directory: `${directory.path}/other` }));
    expect(other.credentials.secretAccessKey).not.toBe(server.credentials.secretAccessKey);
  });

  it('reports the first of the given credentials', async () => {
    const given = [
      { accessKeyId: 'A', secretAccessKey: 'first' },
      { accessKeyId: 'B', secretAccessKey: 'second' },
    ];
    expect((await start({ credentials: given })).credentials).toEqual(given[0]);
  });

  it.each([
    ['http://localhost:4200', true],
    ['https://localhost', true],
    ['http://127.0.0.1:8080', true],
    ['http://[::1]:3000', true],
    ['https://evil.example', false],
    ['http://localhost.evil.example', false],
    ['http://evil.example:80', false],
    ['http://127.0.0.1.evil.example:80', false],
    ['http://notlocalhost:80', false],
    ['null', false],
  ])('allows pages of %s to read and write: %p', async (origin, isAllowed) => {
    const server = await start();
    const requestHeaders = {
      'access-control-request-method': 'PUT',
      'access-control-request-headers': 'authorization',
    };
    const preflight = await get(server, '/media/a', {
      method: 'OPTIONS',
      unsigned: true,
      headers: { origin, ...requestHeaders },
    });
    expect(preflight.status).toBe(isAllowed ? 200 : 403);
    const response = await get(server, '/media', { headers: { origin } });
    expect(response.headers['access-control-allow-origin']).toBe(isAllowed ? origin : undefined);
  });

  it('allows only the pages of its CORS rule to read', async () => {
    const cors = {
      allowedOrigins: ['https://app.example'],
      allowedMethods: ['GET'],
      allowedHeaders: ['*'],
      exposeHeaders: [],
      maxAgeSeconds: 0,
    };
    const server = await start({ cors });
    const allowed = async (origin: string): Promise<unknown> =>
      (await get(server, '/media', { headers: { origin } })).headers['access-control-allow-origin'];
    expect(await allowed('https://app.example')).toBe('https://app.example');
    expect(await allowed('http://localhost:4200')).toBeUndefined();
  });

  it.each([
    ['localhost', true],
    ['LOCALHOST', true],
    ['127.0.0.1', true],
    ['192.168.1.2', true],
    ['[::1]', true],
    ['media.localhost', true],
    ['evil.example', false],
    ['localhost.evil.example', false],
    ['notlocalhost', false],
    ['127.0.0.1.evil.example', false],
  ])('responds to the host name %s: %p', async (name, isOwn) => {
    const server = await start();
    const response = await get(server, '/', { host: `${name}:${server.port}`, unsigned: true });
    expect([response.status, response.headers['access-control-allow-origin']]).toEqual([isOwn ? 403 : 421, undefined]);
    expect(server.log.entries).toHaveLength(isOwn ? 1 : 0);
  });

  it('responds to the given host names', async () => {
    const server = await start({ serverHosts: ['obs.test'], cnames: { 'files.test': 'media' } });
    for (const host of ['obs.test', 'media.obs.test', 'files.test', 'localhost']) {
      expect([host, (await get(server, '/', { host, unsigned: true })).status]).toEqual([host, 403]);
    }
    expect((await get(server, '/', { host: 'other.test', unsigned: true })).status).toBe(421);
  });

  it('finds the bucket in the given host names, in those of this machine, and in any case', async () => {
    const server = await start({
      serverHosts: ['OBS.test', 'obs.localhost'],
      cnames: { 'Files.test': 'media' },
    });
    const hosts = ['obs.test', 'media.obs.test', 'media.obs.localhost', 'media.localhost', 'files.test'];
    for (const host of hosts) await get(server, '/media', { host, unsigned: true });
    expect(server.log.entries.map(({ bucket, key }) => [bucket, key])).toEqual([
      ['media', null],
      ...Array.from({ length: 4 }, () => ['media', 'media']),
    ]);
  });
});

describe('an object that is opened in a browser', () => {
  it.each([
    ['text/html', {}, 'attachment'],
    ['text/html', { 'content-disposition': 'inline' }, 'attachment'],
    ['image/svg+xml', {}, 'attachment'],
    ['application/xhtml+xml', {}, 'attachment'],
    ['application/pdf', { 'content-disposition': 'attachment; filename="a.pdf"' }, 'attachment; filename="a.pdf"'],
    ['binary/octet-stream', {}, 'attachment'],
    ['image/png', {}, undefined],
    ['video/mp4', { 'content-disposition': 'inline' }, 'inline'],
    ['text/plain; charset=utf-8', {}, undefined],
  ])('as %s with %j is sandboxed, and is displayed or downloaded', async (type, headers, disposition) => {
    const server = await start();
    await put(server, '/media/a', { 'content-type': type, ...headers });
    const response = await get(server, '/media/a');
    expect(response.status).toBe(200);
    expect(response.headers).toMatchObject({
      'content-security-policy': 'sandbox',
      'x-content-type-options': 'nosniff',
    });
    expect(response.headers['content-disposition']).toBe(disposition);
  });

  it('is sandboxed, and so are errors and all other responses', async () => {
    const server = await start();
    for (const target of ['/media', '/media/none', '/none', '/media?uploads']) {
      expect((await get(server, target)).headers).toMatchObject({ 'content-security-policy': 'sandbox' });
    }
  });
});
