import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { firstValueFrom, last, lastValueFrom, toArray } from 'rxjs';
import { fromFetch } from 'rxjs/fetch';
import {
  abortUpload$,
  createObsConnection,
  obsSigner,
  uploadFile$,
  v2Signer,
  v4Signer,
  type ObsConnection,
  type SignedRequest,
  type TransportEvent,
  type UnsignedRequest,
  type UploadCheckpoint,
  type UploadEvent,
  type UploadOptions,
} from 'rx-obs-upload';
import { createFakeObs, fakeSource, on, type FakeObs } from 'rx-obs-upload/testing';
import { createSigningHandler, toNodeHandler, type SigningPolicy } from 'rx-obs-upload/signing-server';
import { createDemoSessions, sessionCookie } from '../../../examples/signing-server/sessions.js';
import { PART } from '../../support/upload-world.js';
import { ann, bob } from '../../unit/signing-server/support.js';

/** Waits until a condition is true. */
async function untilTrue(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setImmediate(resolve));
}

const SECRET = 'fake-secret-access-key-for-tests-only-01';

interface Running {
  readonly fake: FakeObs;
  readonly url: string;
  readonly tokens: { readonly ann: string; readonly bob: string };
  /** The connection of a page with the session of a user. */
  connection(token: string): ObsConnection;
  send(token: string | null, body: unknown, headers?: Record<string, string>): Promise<Response>;
}

describe('the signing server', () => {
  const servers: Server[] = [];

  afterEach(async () => {
    for (const server of servers.splice(0)) {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    }
  });

  async function start(limits: Partial<SigningPolicy> = {}, signer = obsSigner()): Promise<Running> {
    const fake = createFakeObs({ etags: 'fast' });
    const sessions = createDemoSessions();
    const { credentials, transport } = fake;
    const connection = createObsConnection({ server: fake.server, credentials, signer, transport });
    const policy = { buckets: ['media'], ...limits };
    const { authorize } = sessions;
    const server = createServer(toNodeHandler(createSigningHandler({ connection, policy, authorize })));
    servers.push(server.listen(0, '127.0.0.1'));
    await once(server, 'listening');
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
    const send: Running['send'] = (token, body, headers = {}) =>
      fetch(url, {
        method: 'POST',
        body: typeof body === 'string' ? body : JSON.stringify(body),
        headers: {
          'Content-Type': 'application/json',
          ...(token === null ? {} : { Authorization: `Bearer ${token}` }),
          ...headers,
        },
      });
    return {
      fake,
      url,
      tokens: { ann: sessions.begin(ann), bob: sessions.begin(bob) },
      send,
      connection: (token) =>
        createObsConnection({
          server: fake.server,
          transport,
          dialect: signer.dialect,
          presign: (requests) =>
            fromFetch(url, {
              method: 'POST',
              body: JSON.stringify(requests),
              headers: { 'Content-Type': 'application/json', Authorization: `Bearer ${token}` },
              selector: async (response) => {
                if (!response.ok) throw Object.assign(new Error('refused'), { status: response.status });
                return (await response.json()) as SignedRequest[];
              },
            }),
        }),
    };
  }

  function requestFor(method: string, path: string, overrides: Partial<UnsignedRequest> = {}): object {
    return { method, url: `https://media.obs.test/${path}`, headers: {}, size: null, ...overrides };
  }

  async function upload(
    obs: ObsConnection,
    key: string,
    size = 3 * PART,
    multipart: 'auto' | 'always' = 'always',
    options: Partial<UploadOptions> = {},
  ): Promise<UploadEvent> {
    const request = {
      bucket: 'media',
      key,
      sourceFile: fakeSource({ name: 'a.mp4', size }),
      partSize: PART,
      multipart,
      ...options,
    };
    return lastValueFrom(uploadFile$(obs, { ...request, retry: { maxAttempts: 1 } }));
  }

  /** Starts an upload and leaves it unfinished. */
  async function leaveUnfinished(running: Running, token: string, key: string): Promise<UploadCheckpoint> {
    const fault = on('completeMultipartUpload', { times: 1 }).respond(400, 'InvalidArgument');
    running.fake.addFaults(fault);
    const error: unknown = await upload(running.connection(token), key).catch((e: unknown) => e);
    expect(fault.fired).toBe(1);
    return (error as { readonly checkpoint: UploadCheckpoint }).checkpoint;
  }

  async function statusOf(pending: Promise<Response>): Promise<number> {
    const response = await pending;
    expect(await response.text()).not.toContain(SECRET);
    return response.status;
  }

  it.each([
    ['OBS', obsSigner()],
    ['version 4', v4Signer({ region: 'local' })],
  ] as const)('signs a complete upload and an abort with %s', async (_, signer) => {
    const running = await start({}, signer);
    const obs = running.connection(running.tokens.ann);
    expect(await upload(obs, 'users/ann/film.mp4')).toMatchObject({ type: 'completed' });
    expect(running.fake.object('users/ann/film.mp4')?.size).toBe(3 * PART);
    expect(await upload(obs, 'users/ann/small.mp4', 10, 'auto')).toMatchObject({ type: 'completed' });
    const checkpoint = await leaveUnfinished(running, running.tokens.ann, 'users/ann/other.mp4');
    await firstValueFrom(abortUpload$(obs, checkpoint));
    expect(running.fake.uploads()).toHaveLength(0);
  });

  it('allows an upload to resume, even with another server process, and to restart', async () => {
    const running = await start();
    const checkpoint = await leaveUnfinished(running, running.tokens.ann, 'users/ann/film.mp4');
    const sourceFile = fakeSource({ name: 'a.mp4', size: 3 * PART });
    const resume = (): Promise<UploadEvent[]> =>
      lastValueFrom(
        uploadFile$(running.connection(running.tokens.ann), { sourceFile, uploadCheckpoint: checkpoint }).pipe(
          toArray(),
        ),
      );
    expect((await resume()).at(-1)).toMatchObject({ type: 'completed' });
    // The upload no longer exists: the store of this server does not have its id.
    const otherServer = await start();
    const obs = otherServer.connection(otherServer.tokens.ann);
    const events = await lastValueFrom(uploadFile$(obs, { sourceFile, uploadCheckpoint: checkpoint }).pipe(toArray()));
    expect(events.map(({ type }) => type)).toContain('restarted');
    expect(events.at(-1)).toMatchObject({ type: 'completed' });
  });

  it.each([
    ['OBS and CRC-64', obsSigner(), 'crc64', { trafficLimit: 8_388_608, forbidOverwrite: true }],
    ['version 2 and CRC-64', v2Signer(), 'crc64', { trafficLimit: 8_388_608, forbidOverwrite: true }],
    ['version 4 and CRC-64', v4Signer({ region: 'local' }), 'crc64', { forbidOverwrite: true }],
    ['version 4 and SHA-256', v4Signer({ region: 'local' }), 'sha256', {}],
  ] as const)('signs uploads with %s', async (_, signer, checksum, options) => {
    const { connection, tokens } = await start({}, signer);
    const obs = connection(tokens.ann);
    const parts = await upload(obs, 'users/ann/a', 2 * PART, 'always', { checksum, ...options });
    expect(parts).toMatchObject({ type: 'completed' });
    const put = await upload(obs, 'users/ann/b', 10, 'auto', { checksum, ...options });
    expect(put).toMatchObject({ type: 'completed' });
    const again = await upload(obs, 'users/ann/a', 2 * PART, 'always', { checksum, skipExisting: true });
    expect(again).toMatchObject({ type: 'completed', skipped: checksum === 'crc64' });
  });

  it('signs for 5 minutes at most, even if more are configured', async () => {
    const { send, tokens } = await start({ expiresInSeconds: 86_400 });
    const [signed] = (await (await send(tokens.ann, [requestFor('HEAD', 'users/ann/a')])).json()) as SignedRequest[];
    expect((signed?.expiresAt ?? Infinity) - Date.now()).toBeLessThanOrEqual(300_000);
    expect(JSON.stringify(signed)).not.toContain(SECRET);
  });

  it("rejects another user's folder with 403", async () => {
    const running = await start();
    await expect(upload(running.connection(running.tokens.ann), 'users/bob/film.mp4')).rejects.toMatchObject({
      name: 'SigningError',
      code: 'presign',
      cause: { status: 403 },
    });
    expect(await statusOf(running.send(running.tokens.ann, [requestFor('HEAD', 'users/bob/a')]))).toBe(403);
    expect(running.fake.log).toHaveLength(0);
  });

  describe('rejects an upload id', () => {
    it.each([
      ['in an abort', 'DELETE', (id: string) => `uploadId=${id}`, {}],
      ['in a complete', 'POST', (id: string) => `uploadId=${id}`, { headers: { 'Content-Type': 'application/xml' } }],
      ['in a part', 'PUT', (id: string) => `partNumber=1&uploadId=${id}`, { size: 10 }],
    ] as const)('of another user %s, whatever the key in the URL is', async (_, method, query, overrides) => {
      const running = await start();
      const { uploadId } = await leaveUnfinished(running, running.tokens.ann, 'users/ann/film.mp4');
      const before = running.fake.log.length;
      const statusForBob = (path: string): Promise<number> =>
        statusOf(running.send(running.tokens.bob, [requestFor(method, `${path}?${query(uploadId)}`, overrides)]));
      expect(await statusForBob('users/ann/film.mp4')).toBe(403);
      expect(await statusForBob('users/bob/film.mp4')).toBe(403);
      // Even if bob has an upload with that key.
      await leaveUnfinished(running, running.tokens.bob, 'users/bob/film.mp4');
      expect(await statusForBob('users/bob/film.mp4')).toBe(403);
      expect(running.fake.log.slice(before).every(({ operation }) => operation !== 'abortMultipartUpload')).toBe(true);
      expect(running.fake.uploads()).toHaveLength(2);
    });

    it('of another key of the same user', async () => {
      const running = await start();
      const { uploadId } = await leaveUnfinished(running, running.tokens.ann, 'users/ann/film.mp4');
      const request = requestFor('DELETE', `users/ann/film.mp4.bak?uploadId=${uploadId}`);
      expect(await statusOf(running.send(running.tokens.ann, [request]))).toBe(403);
    });

    it('that has another parameter in it, which a signature of OBS cannot tell from one of the URL', async () => {
      const { send, tokens } = await start();
      const list = requestFor('GET', 'users/ann/a?uploadId=U%26versionId%3DV&max-parts=1&part-number-marker=0');
      expect(await statusOf(send(tokens.ann, [list]))).toBe(403);
    });

    it('that does not exist', async () => {
      const { send, tokens } = await start();
      expect(await statusOf(send(tokens.ann, [requestFor('DELETE', 'users/ann/a?uploadId=made-up')]))).toBe(403);
    });
  });

  describe('checks the parts before complete', () => {
    it('and rejects one that is larger than announced', async () => {
      const running = await start({ maxPartBytes: 2 * PART });
      const { uploadId } = await leaveUnfinished(running, running.tokens.ann, 'users/ann/film.mp4');
      const part = requestFor('PUT', `users/ann/film.mp4?partNumber=9&uploadId=${uploadId}`, { size: 10 });
      const [signed] = (await (await running.send(running.tokens.ann, [part])).json()) as SignedRequest[];
      const body = new Uint8Array(2 * PART + 1);
      const { url = '', headers = {} } = signed ?? {};
      await firstValueFrom(running.fake.transport.send({ method: 'PUT', url, headers, body }).pipe(last()));
      expect(running.fake.partsOf(uploadId).at(-1)?.size).toBe(body.length);
      const complete = requestFor('POST', `users/ann/film.mp4?uploadId=${uploadId}`, {
        headers: { 'Content-Type': 'application/xml' },
      });
      expect(await statusOf(running.send(running.tokens.ann, [complete]))).toBe(403);
    });

    it('and rejects an object that is too large', async () => {
      const running = await start({ maxObjectBytes: 3 * PART - 1 });
      await expect(upload(running.connection(running.tokens.ann), 'users/ann/film.mp4')).rejects.toMatchObject({
        operation: 'completeMultipartUpload',
        cause: { status: 403 },
      });
      expect(running.fake.object('users/ann/film.mp4')).toBeNull();
    });

    it('and signs it for a minute, four less than a part, as a part may be sent again meanwhile', async () => {
      const running = await start();
      const { uploadId } = await leaveUnfinished(running, running.tokens.ann, 'users/ann/film.mp4');
      const path = `users/ann/film.mp4?uploadId=${uploadId}`;
      const response = await running.send(running.tokens.ann, [
        requestFor('POST', path, { headers: { 'Content-Type': 'application/xml' } }),
        requestFor('PUT', `${path}&partNumber=1`, { size: 10 }),
      ]);
      const [complete, part] = (await response.json()) as SignedRequest[];
      expect((part?.expiresAt ?? 0) - (complete?.expiresAt ?? 0)).toBeGreaterThanOrEqual(240_000);
    });
  });

  it.each([
    ['an ACL', { 'Content-Type': 'video/mp4', 'x-obs-acl': 'public-read' }],
    ['HTML', { 'Content-Type': 'text/html' }],
    ['a type that browsers sniff', { 'Content-Type': 'application/unknown' }],
  ])('rejects an initiate with %s', async (_, headers) => {
    const { send, tokens } = await start();
    expect(await statusOf(send(tokens.ann, [requestFor('POST', 'users/ann/a?uploads', { headers })]))).toBe(403);
  });

  it.each([
    ['OBS', obsSigner(), {}],
    ['OBS', obsSigner(), { 'content-type': '' }],
    ['version 4', v4Signer({ region: 'local' }), {}],
  ])('with %s signs the type of unknown files if a page sets none', async (_, signer, headers) => {
    const { send, tokens, fake } = await start({}, signer);
    const request = requestFor('PUT', 'users/ann/a', { headers, size: 1 });
    const [signed] = (await (await send(tokens.ann, [request])).json()) as SignedRequest[];
    const { url = '', headers: declared = {} } = signed ?? {};
    expect(declared).toMatchObject({ 'Content-Type': 'application/octet-stream' });
    const put = (sent: Record<string, string>): Promise<TransportEvent> =>
      lastValueFrom(fake.transport.send({ method: 'PUT', url, headers: sent, body: new Uint8Array(1) }));
    for (const sent of [{}, { 'Content-Type': 'text/html' }]) {
      expect(await put(sent)).toMatchObject({ response: { status: 403 } });
    }
    expect(await put({ ...declared })).toMatchObject({ response: { status: 200 } });
  });

  it('trusts the URL, not the other fields of a request', async () => {
    const { send, tokens } = await start();
    const forged = requestFor('DELETE', 'users/bob/a?uploadId=U', { key: 'users/ann/a', operation: 'headObject' });
    expect(await statusOf(send(tokens.ann, [forged]))).toBe(403);
  });

  describe('sends requests to the store for a user', () => {
    /** Sends a signed initiate repeatedly, which leaves unfinished uploads. */
    async function replay({ fake, send, tokens }: Running, key: string, times: number): Promise<void> {
      const initiate = requestFor('POST', `${key}?uploads`, { headers: { 'Content-Type': 'video/mp4' } });
      const [signed] = (await (await send(tokens.ann, [initiate])).json()) as SignedRequest[];
      const { url = '', headers = {} } = signed ?? {};
      for (let i = 0; i < times; i++) {
        await lastValueFrom(fake.transport.send({ method: 'POST', url, headers, body: null }));
      }
    }

    it('at most 32 times for one request', async () => {
      const running = await start();
      await replay(running, 'users/ann/a', 10);
      const ids = running.fake.uploads().map(({ uploadId }) => uploadId);
      const requests: object[] = Array.from({ length: 64 }, (_, i) =>
        requestFor('PUT', `users/ann/a?partNumber=1&uploadId=${ids[i] ?? `made-up-${i}`}`, { size: 1 }),
      );
      const before = running.fake.log.length;
      expect(await statusOf(running.send(running.tokens.ann, requests))).toBe(403);
      const completes = ids.flatMap((id) =>
        Array.from({ length: 6 }, () =>
          requestFor('POST', `users/ann/a?uploadId=${id}`, { headers: { 'Content-Type': 'application/xml' } }),
        ),
      );
      const response = await running.send(running.tokens.ann, completes);
      expect(response.status).toBe(429);
      expect(response.headers.get('retry-after')).toBe('10');
      expect(running.fake.log.length - before).toBeLessThanOrEqual(11 + 32);
    });

    it('but not to sign a list of parts', async () => {
      const { fake, send, tokens } = await start();
      const requests = Array.from({ length: 64 }, (_, i) =>
        requestFor('GET', `users/ann/a?uploadId=made-up-${i}&max-parts=1000&part-number-marker=0`),
      );
      expect(await statusOf(send(tokens.ann, requests))).toBe(200);
      expect(fake.log).toHaveLength(0);
    });

    it('a limited number of times per minute, separately for each user', async () => {
      const { fake, send, tokens } = await start({ maxStoreCallsPerMinute: 5 });
      const statuses: number[] = [];
      for (let i = 0; i < 8; i++) {
        statuses.push(await statusOf(send(tokens.ann, [requestFor('DELETE', `users/ann/a?uploadId=made-up-${i}`)])));
      }
      expect(statuses.slice(0, 5)).toEqual([403, 403, 403, 403, 403]);
      expect(statuses).toContain(429);
      const calls = fake.log.length;
      expect(await statusOf(send(tokens.bob, [requestFor('DELETE', 'users/bob/a?uploadId=made-up')]))).toBe(403);
      expect(fake.log).toHaveLength(calls + 1);
    });

    it('only while the client is connected', async () => {
      const running = await start();
      running.fake.addFaults(on('listMultipartUploads').stall('before-body'));
      const controller = new AbortController();
      const request = requestFor('DELETE', 'users/ann/a?uploadId=made-up');
      const disconnected = fetch(running.url, {
        method: 'POST',
        body: JSON.stringify(Array.from({ length: 10 }, () => request)),
        headers: { 'Content-Type': 'application/json', Authorization: `Bearer ${running.tokens.ann}` },
        signal: controller.signal,
      });
      await untilTrue(() => running.fake.inFlight('listMultipartUploads') === 1);
      controller.abort();
      await expect(disconnected).rejects.toThrow();
      await untilTrue(() => running.fake.inFlight() === 0);
      expect(running.fake.log).toHaveLength(1);
      expect(running.fake.log[0]?.aborted).toBe(true);
    });

    it('before it signs another initiate, and rejects one too many', async () => {
      const running = await start({ maxUnfinishedUploads: 3 });
      await replay(running, 'users/ann/a', 2);
      const initiate = (n: number): object =>
        requestFor('POST', `users/ann/b${n}?uploads`, { headers: { 'Content-Type': 'video/mp4' } });
      expect(await statusOf(running.send(running.tokens.ann, [initiate(1), initiate(2)]))).toBe(403);
      expect(await statusOf(running.send(running.tokens.ann, [initiate(1)]))).toBe(200);
      await replay(running, 'users/ann/a', 1);
      expect(await statusOf(running.send(running.tokens.ann, [initiate(1)]))).toBe(403);
    });

    it('and signs an initiate for at most a minute', async () => {
      const { send, tokens } = await start();
      const initiate = requestFor('POST', 'users/ann/a?uploads', { headers: { 'Content-Type': 'video/mp4' } });
      const [signed] = (await (await send(tokens.ann, [initiate])).json()) as SignedRequest[];
      expect((signed?.expiresAt ?? Infinity) - Date.now()).toBeLessThanOrEqual(60_000);
    });
  });

  it('signs either all requests that are sent together or none', async () => {
    const { send, tokens } = await start();
    const response = await send(tokens.ann, [requestFor('HEAD', 'users/ann/a'), requestFor('HEAD', 'users/bob/a')]);
    expect(response.status).toBe(403);
    expect(await response.json()).toEqual({ error: 'The key is not under users/ann/.' });
  });

  it('signs for the other uploads of the same tick when it refuses one of them', async () => {
    const running = await start();
    const obs = running.connection(running.tokens.ann);
    const [photo, page] = await Promise.allSettled([
      upload(obs, 'users/ann/a.png'),
      upload(obs, 'users/ann/b.html', 10, 'always', { contentType: 'text/html' }),
    ]);
    expect(photo).toMatchObject({ value: { type: 'completed' } });
    expect(page).toMatchObject({ reason: { code: 'presign', cause: { status: 403 } } });
    expect(running.fake.object('users/ann/a.png')?.size).toBe(3 * PART);
    expect(running.fake.uploads()).toHaveLength(0);
  });

  describe('authenticates the user', () => {
    it.each([
      ['no credentials', null, {}],
      ['a wrong token', 'wrong', {}],
      ['a wrong cookie', null, { Cookie: 'rx-obs-upload-session=wrong' }],
    ])('%s: 401', async (_, token, headers) => {
      const { send } = await start();
      expect(await statusOf(send(token, [requestFor('HEAD', 'users/ann/a')], headers))).toBe(401);
    });

    it('with a cookie too, which scripts and other sites cannot use', async () => {
      const { send, tokens } = await start();
      const cookie = sessionCookie(tokens.ann, '/');
      expect(cookie).toMatch(/; HttpOnly; SameSite=Strict$/);
      const headers = { Cookie: `other=1; ${cookie.split(';')[0]}` };
      expect(await statusOf(send(null, [requestFor('HEAD', 'users/ann/a')], headers))).toBe(200);
    });

    it('and does not sign for other sites', async () => {
      const { send, tokens, url } = await start();
      const head = [requestFor('HEAD', 'users/ann/a')];
      expect(await statusOf(send(tokens.ann, head, { Origin: 'https://evil.test' }))).toBe(403);
      expect(await statusOf(send(tokens.ann, head, { Origin: 'null' }))).toBe(403);
      expect(await statusOf(send(tokens.ann, head, { Origin: new URL(url).origin }))).toBe(200);
    });
  });

  it.each([
    ['invalid JSON', '{', {}, 400],
    ['an object', {}, {}, 400],
    ['an empty list', [], {}, 400],
    ['a long list', Array.from({ length: 65 }, () => requestFor('HEAD', 'users/ann/a')), {}, 400],
    ['null', [null], {}, 400],
    ['a request without a URL', [{ method: 'HEAD', headers: {} }], {}, 400],
    ['a URL that is a number', [{ method: 'HEAD', url: 1, headers: {} }], {}, 400],
    ['invalid headers', [requestFor('HEAD', 'users/ann/a', { headers: { a: 1 } as never })], {}, 400],
    ['a key that is too long', [requestFor('HEAD', `users/ann/${'a'.repeat(1024)}`)], {}, 400],
    ['a form', 'a=b', { 'Content-Type': 'application/x-www-form-urlencoded' }, 415],
    ['a body that is too large', JSON.stringify(['x'.repeat(300_000)]), {}, 413],
  ])('rejects %s', async (_, body, headers, status) => {
    const { send, tokens } = await start();
    expect(await statusOf(send(tokens.ann, body, headers))).toBe(status);
  });

  it('responds to POST only', async () => {
    const { url } = await start();
    expect((await fetch(url)).status).toBe(405);
  });

  it('survives a client that disconnects', async () => {
    const { url, send, tokens } = await start();
    const socket = connect(Number(new URL(url).port), '127.0.0.1');
    const head = `POST / HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nAuthorization: Bearer ${tokens.ann}\r\n`;
    socket.write(`${head}Content-Length: 100\r\n\r\n[`, () => socket.destroy());
    await once(socket, 'close');
    expect(await statusOf(send(tokens.ann, [requestFor('HEAD', 'users/ann/a')]))).toBe(200);
  });

  it('reveals nothing about the store if it fails', async () => {
    const running = await start();
    running.fake.addFaults(on('listMultipartUploads', { times: Infinity }).respond(403, 'AccessDenied'));
    const response = await running.send(running.tokens.ann, [requestFor('DELETE', 'users/ann/a?uploadId=U')]);
    expect(response.status).toBe(502);
    expect(await response.json()).toEqual({
      error: 'Nothing could be signed: the store or its credentials are not available.',
    });
  });
});
