import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { lastValueFrom, toArray } from 'rxjs';
import {
  fetchTransport,
  NetworkError,
  SourceError,
  type RequestBody,
  type TransportEvent,
  type TransportRequest,
} from 'rx-obs-upload';

describe('fetchTransport in Node', () => {
  let server: Server;
  let handle: (request: IncomingMessage, response: ServerResponse) => void;
  let url: string;

  beforeEach(async () => {
    server = createServer((request, response) => handle(request, response)).listen(0, '127.0.0.1');
    await once(server, 'listening');
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/b/k?uploadId=secret-signature`;
  });

  afterEach(async () => {
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  });

  const request = (body: RequestBody | null, method: TransportRequest['method'] = 'PUT'): TransportRequest => ({
    method,
    url,
    headers: { 'x-obs-meta-a': 'b' },
    body,
  });

  const bytes = new Uint8Array(300_000).map((_, i) => i);
  const bodies: [string, RequestBody][] = [
    ['bytes', bytes],
    ['a Blob', new Blob([bytes])],
    ['a stream', { size: bytes.length, stream: () => new Blob([bytes]).stream() }],
    ['an empty Blob', new Blob([])],
  ];

  it.each(bodies)('sends %s completely, with its length and without chunked encoding', async (_, body) => {
    const seen: { headers: IncomingMessage['headers']; size: number }[] = [];
    handle = (incoming, response) => {
      let size = 0;
      incoming.on('data', (chunk: Buffer) => (size += chunk.length));
      incoming.on('end', () => {
        seen.push({ headers: incoming.headers, size });
        response.setHeader('ETag', '"e"').end();
      });
    };
    const events = await lastValueFrom(fetchTransport().send(request(body)).pipe(toArray()));
    const size = body instanceof Uint8Array ? body.length : body.size;
    expect(seen).toMatchObject([{ size, headers: { 'content-length': String(size), 'x-obs-meta-a': 'b' } }]);
    expect(seen[0]?.headers['transfer-encoding']).toBeUndefined();
    expect(seen[0]?.headers['content-type']).toBeUndefined();
    expect(events.at(-1)).toMatchObject({
      type: 'response',
      response: { status: 200, headers: { etag: '"e"' }, body: '' },
    });
    const loaded = events.flatMap((event) => (event.type === 'upload-progress' ? [event.loadedBytes] : []));
    expect(loaded).toEqual([...loaded].sort((a, b) => a - b));
    if (loaded.length > 0) expect(loaded.at(-1)).toBe(size);
  });

  it.each([200, 204, 403, 404, 500, 503])('emits a response with status %i', async (status) => {
    handle = (incoming, response) => {
      incoming.resume();
      response.writeHead(status).end(status === 204 ? undefined : '<Error/>');
    };
    const event = await lastValueFrom(fetchTransport().send(request(null, 'POST')));
    expect(event).toMatchObject({ response: { status, body: status === 204 ? '' : '<Error/>' } });
  });

  it.each([301, 302, 303, 307, 308])('does not follow a redirect with %i', async (status) => {
    const paths: (string | undefined)[] = [];
    handle = (incoming, response) => {
      incoming.resume();
      paths.push(incoming.url);
      response.writeHead(status, { location: '/elsewhere' }).end('<Error/>');
    };
    for (const body of [null, bytes]) {
      const event = await lastValueFrom(fetchTransport().send(request(body)));
      expect(event).toMatchObject({ type: 'response', response: { status, redirected: true, body: '<Error/>' } });
    }
    expect(paths).toEqual(['/b/k?uploadId=secret-signature', '/b/k?uploadId=secret-signature']);
  });

  it('reports a redirect without Location as a redirect', async () => {
    handle = (incoming, response) => void (incoming.resume(), response.writeHead(301).end());
    const event = await lastValueFrom(fetchTransport().send(request(null, 'POST')));
    expect(event).toMatchObject({ response: { status: 301, redirected: true } });
  });

  it('sends Cache-Control: no-cache with bypassCache', async () => {
    const seen: (string | undefined)[] = [];
    handle = (incoming, response) => {
      seen.push(incoming.headers['cache-control']);
      response.end();
    };
    await lastValueFrom(fetchTransport().send({ ...request(null, 'HEAD'), bypassCache: true }));
    await lastValueFrom(fetchTransport().send(request(null, 'HEAD')));
    expect(seen).toEqual(['no-cache', undefined]);
  });

  it('emits progress while the response arrives, before it has ended', async () => {
    handle = (incoming, response) => {
      incoming.resume();
      response.writeHead(200).write(' ');
      finish = () => response.end('<done/>');
    };
    let finish = (): void => undefined;
    const seen: TransportEvent[] = [];
    await new Promise<void>((resolve, reject) => {
      fetchTransport()
        .send(request(null, 'POST'))
        .subscribe({
          next: (event) => {
            seen.push(event);
            if (seen.length === 1) finish();
          },
          error: reject,
          complete: resolve,
        });
    });
    expect(seen[0]).toEqual({ type: 'download-progress', loadedBytes: 0 });
    expect(seen.at(-1)).toMatchObject({ response: { body: ' <done/>' } });
  });

  const large = new Uint8Array(64 * 1024 * 1024);
  it.each([
    ['bytes', large],
    ['a Blob', new Blob([large])],
    ['a stream of one chunk', { size: large.length, stream: () => new Blob([large]).stream() }],
  ] as [string, RequestBody][])('emits progress of %s only as they are sent', async (_, body) => {
    let continueReading = (): void => undefined;
    handle = (incoming, response) => {
      continueReading = () => void incoming.resume();
      incoming.on('end', () => response.end());
    };
    const loaded: number[] = [];
    let largest = 0;
    let resume: NodeJS.Timeout | undefined;
    await new Promise<void>((resolve, reject) => {
      fetchTransport()
        .send(request(body))
        .subscribe({
          next: (event) => {
            if (event.type !== 'upload-progress') return;
            loaded.push(event.loadedBytes);
            // The server reads nothing until the client sends no more.
            clearTimeout(resume);
            resume = setTimeout(() => {
              largest ||= event.loadedBytes;
              continueReading();
            }, 500);
          },
          error: reject,
          complete: resolve,
        });
    });
    clearTimeout(resume);
    // Only what the sockets of both ends buffer.
    expect(largest).toBeGreaterThan(0);
    expect(largest).toBeLessThan(large.length / 2);
    expect(loaded).toEqual([...loaded].sort((a, b) => a - b));
    expect(loaded.at(-1)).toBe(large.length);
  });

  it('reports a broken connection as a retryable NetworkError without the URL', async () => {
    handle = (incoming) => incoming.socket.destroy();
    const error = await lastValueFrom(fetchTransport().send(request(bytes))).catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(NetworkError);
    expect(error).toMatchObject({ code: 'network', retryable: true });
    expect(JSON.stringify([String(error), (error as Error).stack, (error as Error).cause])).not.toContain('secret');
  });

  it('fails with the error of the body', async () => {
    handle = (incoming) => void incoming.resume();
    const failing: RequestBody = {
      size: 10,
      stream: () =>
        new ReadableStream({ start: (controller) => controller.error(new SourceError('source-unreadable', 'gone')) }),
    };
    await expect(lastValueFrom(fetchTransport().send(request(failing)))).rejects.toThrow(SourceError);
  });

  it('fails for a response that is too long', async () => {
    handle = (incoming, response) => {
      incoming.resume();
      response.end(Buffer.alloc(8 * 1024 * 1024, 'x'));
    };
    await expect(lastValueFrom(fetchTransport().send(request(null, 'GET')))).rejects.toThrow(NetworkError);
  });

  it('aborts at once when it is unsubscribed, and stops reading the body', async () => {
    let pulled = 0;
    const endless: RequestBody = {
      size: 1_000_000_000,
      stream: () =>
        new ReadableStream({
          pull: (controller) => {
            pulled++;
            controller.enqueue(new Uint8Array(1000));
          },
        }),
    };
    const arrived = new Promise<{ readonly closed: Promise<unknown> }>((resolve) => {
      handle = (incoming) => {
        incoming.on('error', () => undefined);
        const closed = new Promise((onClose) => incoming.on('close', onClose));
        incoming.once('data', () => resolve({ closed }));
      };
    });
    const subscription = fetchTransport().send(request(endless)).subscribe();
    const { closed } = await arrived;
    subscription.unsubscribe();
    const pulledAtUnsubscribe = pulled;
    await closed;
    expect(pulled - pulledAtUnsubscribe).toBeLessThan(3);
  });

  it('sends nothing after an immediate unsubscribe', () => {
    let sent = false;
    handle = () => (sent = true);
    fetchTransport().send(request(null, 'GET')).subscribe().unsubscribe();
    expect(sent).toBe(false);
  });
});
