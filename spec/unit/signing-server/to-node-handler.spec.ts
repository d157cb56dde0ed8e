import { once } from 'node:events';
import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http';
import { connect as connectHttp2, createServer as createHttp2Server } from 'node:http2';
import { connect, type AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { createSigningHandler, toNodeHandler, type SigningHandler } from 'rx-obs-upload/signing-server';
import { ann, connection } from './support.js';

/** Responds with a description of the request. */
const describing: SigningHandler = async (request, context) => {
  const text = await request.text();
  const { pathname } = new URL(request.url);
  const body = JSON.stringify({ method: request.method, pathname, text, user: userOf(context) });
  return new Response(body, { status: 201, headers: { 'X-Seen': request.headers.get('x-a') ?? '' } });
};

function userOf(context: unknown): unknown {
  return (context as { readonly user?: unknown }).user;
}

describe('a signing handler in Node', () => {
  const servers: Server[] = [];

  afterEach(async () => {
    for (const server of servers.splice(0)) {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    }
  });

  async function serve(listener: RequestListener): Promise<string> {
    const server = createServer(listener);
    servers.push(server.listen(0, '127.0.0.1'));
    await once(server, 'listening');
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  const post = (url: string, body = '[1]'): Promise<Response> =>
    fetch(`${url}/api/sign?a=b`, { method: 'POST', body, headers: { 'X-A': 'b' } });

  it('works as a listener of node:http', async () => {
    const response = await post(await serve(toNodeHandler(describing)));
    expect([response.status, response.headers.get('x-seen')]).toEqual([201, 'b']);
    expect(await response.json()).toEqual({ method: 'POST', pathname: '/api/sign', text: '[1]' });
  });

  it('handles a request without a body', async () => {
    const url = await serve(toNodeHandler(describing));
    expect(await (await fetch(url)).json()).toEqual({ method: 'GET', pathname: '/', text: '' });
  });

  /** Parses the body as Express and Fastify do. */
  async function parseBody(request: IncomingMessage): Promise<unknown> {
    const chunks: Uint8Array[] = [];
    for await (const chunk of request as AsyncIterable<Uint8Array>) chunks.push(chunk);
    return JSON.parse(Buffer.concat(chunks).toString());
  }

  it('works as an Express route below a mount path, with a parsed body', async () => {
    const handler = toNodeHandler(describing);
    const url = await serve((request, response) => {
      const originalUrl = request.url;
      void parseBody(request).then((body) => {
        handler(Object.assign(request, { body, originalUrl, url: '/', user: 'ann' }), response);
      });
    });
    expect(await (await post(url)).json()).toEqual({ method: 'POST', pathname: '/api/sign', text: '[1]', user: 'ann' });
  });

  it('reads the body if the parser of Express has not read it', async () => {
    const handler = toNodeHandler(describing);
    const url = await serve((request, response) => handler(Object.assign(request, { body: {} }), response));
    expect(await (await post(url)).json()).toMatchObject({ text: '[1]' });
  });

  it('works as a Fastify route, and hijacks its reply', async () => {
    const handler = toNodeHandler(describing);
    const hijack = jest.fn();
    const url = await serve((raw, response) => {
      void parseBody(raw).then((body) => {
        handler({ raw, body, user: 'ann' } as Parameters<typeof handler>[0], { raw: response, hijack });
      });
    });
    expect(await (await post(url)).json()).toMatchObject({ text: '[1]', user: 'ann' });
    expect(hijack).toHaveBeenCalledTimes(1);
  });

  it('aborts the signal of the request when the client disconnects', async () => {
    const aborted = new Promise<boolean>((resolve) => {
      const waiting: SigningHandler = (request) =>
        new Promise(() => request.signal.addEventListener('abort', () => resolve(request.signal.aborted)));
      void serve(toNodeHandler(waiting)).then((url) => {
        const controller = new AbortController();
        fetch(url, { method: 'POST', body: '[]', signal: controller.signal }).catch(() => undefined);
        servers[0]?.once('request', () => controller.abort());
      });
    });
    expect(await aborted).toBe(true);
  });

  /** What the server sends before it closes the connection. */
  function exchange(url: string, message: string): Promise<string> {
    const { hostname, port } = new URL(url);
    const socket = connect(Number(port), hostname);
    socket.write(message);
    return text(socket);
  }

  it('closes the connection of a method that no web request can have, and keeps running', async () => {
    const url = await serve(toNodeHandler(describing));
    expect(await exchange(url, 'TRACE / HTTP/1.1\r\nHost: a\r\n\r\n')).toBe('');
    expect((await post(url)).status).toBe(201);
  });

  it.each(['a:99999', 'a:b:c', '[', 'a/b', ''])('handles a request to the invalid host %j', async (host) => {
    const url = await serve(toNodeHandler(describing));
    const message = `GET /x HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`;
    expect(await exchange(url, message)).toMatch(/^HTTP\/1\.1 201 [^]*"pathname":"\/x"/);
  });

  it('signs over HTTP/2 for a page of its own host, and for no other page', async () => {
    const sign = createSigningHandler({ connection, policy: { buckets: ['media'] }, authorize: () => ann });
    const handler = toNodeHandler(sign);
    const server = createHttp2Server((request, response) => handler(request, response)).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const own = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const client = connectHttp2(own);
    const statusFor = async (origin: string): Promise<unknown> => {
      const request = client.request({ ':method': 'POST', 'content-type': 'application/json', origin });
      request.end(JSON.stringify([{ method: 'HEAD', url: 'https://media.obs.test/users/ann/a', headers: {} }]));
      const [headers] = (await once(request, 'response')) as [Record<string, unknown>];
      request.resume();
      await once(request, 'end');
      return headers[':status'];
    };
    expect([await statusFor(own), await statusFor('http://localhost'), await statusFor('null')]).toEqual([
      200, 403, 403,
    ]);
    client.close();
    server.close();
    await once(server, 'close');
  });

  it('closes the connection if the handler fails', async () => {
    const url = await serve(toNodeHandler(() => Promise.reject(new Error('It fails.'))));
    await expect(post(url)).rejects.toThrow();
  });
});
