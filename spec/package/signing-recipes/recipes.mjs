// The signing backend as the guide mounts it, in each framework: a page's upload goes through, another user's does not.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { serve } from '@hono/node-server';
import express from 'express';
import fastify from 'fastify';
import { Hono } from 'hono';
import { createObsConnection, upload } from 'rx-obs-upload';
import { createObsServer } from 'rx-obs-upload/server';
import { createSigningHandler, toNodeHandler } from 'rx-obs-upload/signing-server';

const COOKIE = 'session=ann';
const credentials = { accessKeyId: 'local', secretAccessKey: 'secret' };
const directory = await mkdtemp(join(tmpdir(), 'rx-obs-upload-recipes-'));
const store = await createObsServer({ directory, port: 0, credentials });
const connection = createObsConnection({ server: `http://127.0.0.1:${store.port}`, credentials });

const userOf = (cookie) => (cookie === COOKIE ? { id: 'ann' } : null);
const policy = { buckets: ['media'] };
const sign = createSigningHandler({
  connection,
  authorize: (request) => userOf(request.headers.get('cookie')),
  policy,
});
/** As the guide has it for Express: a middleware has set the user. */
const signForUser = createSigningHandler({ connection, authorize: (_, request) => request.user, policy });
const requireLogin = (request, response, next) => {
  request.user = userOf(request.headers.cookie);
  if (request.user === null) response.status(401).end();
  else next();
};

const recipes = {
  'node:http': () => listening(createServer(toNodeHandler(sign))),
  Express: () => listening(createServer(express().post('/api/sign', requireLogin, toNodeHandler(signForUser)))),
  'Express with express.json()': () =>
    listening(createServer(express().use(express.json()).post('/api/sign', requireLogin, toNodeHandler(signForUser)))),
  async Fastify() {
    const app = fastify();
    app.post('/api/sign', toNodeHandler(sign));
    await app.listen({ port: 0, host: '127.0.0.1' });
    return { port: app.server.address().port, close: () => app.close() };
  },
  async Hono() {
    const app = new Hono();
    app.post('/api/sign', (c) => sign(c.req.raw, c));
    const server = serve({ fetch: app.fetch, port: 0, hostname: '127.0.0.1' });
    if (!server.listening) await once(server, 'listening');
    return ended(server);
  },
  // Next calls it with a Request and sends the Response; so do workers, Deno and Bun.
  'a route handler of Next': async () => {
    const POST = (request) => sign(request);
    const server = serve({ fetch: POST, port: 0, hostname: '127.0.0.1' });
    if (!server.listening) await once(server, 'listening');
    return ended(server);
  },
};

try {
  for (const [name, start] of Object.entries(recipes)) {
    const { port, close } = await start();
    try {
      await uploads(`http://127.0.0.1:${port}/api/sign`, name);
    } catch (error) {
      process.exitCode = 1;
      process.stdout.write(`${name}: ${error.stack}\n`);
    } finally {
      await close();
    }
  }
} finally {
  await store.close();
  await rm(directory, { recursive: true, force: true });
}

async function uploads(url, name) {
  const page = (cookie) =>
    createObsConnection({
      server: `http://127.0.0.1:${store.port}`,
      async presign(requests) {
        const init = { method: 'POST', body: JSON.stringify(requests) };
        const headers = { 'Content-Type': 'application/json', Cookie: cookie };
        const response = await fetch(url, { ...init, headers });
        if (!response.ok) throw Object.assign(new Error(await response.text()), { status: response.status });
        return response.json();
      },
    });
  const bytes = new Uint8Array(300_000).fill(7);
  const request = { bucket: 'media', sourceFile: new Blob([bytes]), partSize: 102_400, retry: { maxAttempts: 1 } };
  const { verified } = await upload(page(COOKIE), { ...request, key: `users/ann/${name}`, checksum: 'crc64' });
  assert.equal(verified, 'crc64');
  await assert.rejects(upload(page(COOKIE), { ...request, key: `users/bob/${name}` }), { code: 'presign' });
  await assert.rejects(upload(page('session=nobody'), { ...request, key: `users/ann/${name}` }), { code: 'presign' });
}

async function listening(server) {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return ended(server);
}

function ended(server) {
  return {
    port: server.address().port,
    close() {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(resolve));
    },
  };
}
