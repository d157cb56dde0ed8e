import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  createObsConnection,
  uploadFile$,
  type UploadError,
  type UploadEvent,
  type UploadRequest,
} from 'rx-obs-upload';

type Call = 'initiate' | 'part' | 'complete' | 'other';
type Handler = (request: IncomingMessage, response: ServerResponse) => Promise<void>;

const MIB = 1024 * 1024;
/** An hour, which passes with fake timers. */
const STALL_MS = 3_600_000;

/** A minimal store, implemented only with Node's http. */
describe('a store that is independent of the library', () => {
  let server: Server;
  let url: string;
  let calls: Call[];
  let handlers: Record<Call, Handler>;

  beforeAll(() =>
    jest.useFakeTimers({ advanceTimers: true, doNotFake: ['setImmediate', 'nextTick', 'queueMicrotask'] }),
  );
  afterAll(() => jest.useRealTimers());

  beforeEach(async () => {
    calls = [];
    handlers = {
      initiate: async (request, response) => {
        await read(request);
        response.end('<InitiateMultipartUploadResult><UploadId>1</UploadId></InitiateMultipartUploadResult>');
      },
      part: async (request, response) => void response.setHeader('etag', `"${await read(request)}"`).end(),
      complete: async (request, response) => {
        await read(request);
        response.end(COMPLETED);
      },
      other: (_, response) => Promise.resolve(void response.writeHead(404).end()),
    };
    server = createServer((request, response) => {
      const call = callOf(request);
      calls.push(call);
      handlers[call](request, response).catch(() => response.destroy());
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });

  afterEach(async () => {
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  });

  function upload(
    request: Partial<UploadRequest>,
    events: UploadEvent[] = [],
  ): Promise<{ events: UploadEvent[]; error: UploadError | null }> {
    const obs = createObsConnection({
      server: url,
      credentials: { accessKeyId: 'AK', secretAccessKey: 'SK' },
      addressing: 'path',
    });
    const sourceFile = new Blob([new Uint8Array(3 * MIB)]);
    return new Promise((resolve) => {
      uploadFile$(obs, {
        bucket: 'media',
        key: 'film.mp4',
        sourceFile,
        partSize: MIB,
        multipart: 'always',
        retry: { baseDelayMs: 10 },
        ...request,
      } as UploadRequest).subscribe({
        next: (event) => events.push(event),
        error: (error: unknown) => resolve({ events, error: error as UploadError }),
        complete: () => resolve({ events, error: null }),
      });
    });
  }

  const ofType = (events: readonly UploadEvent[], type: UploadEvent['type']): UploadEvent[] =>
    events.filter((event) => event.type === type);

  it('can begin its response to complete long before it ends', async () => {
    const reads = jest.spyOn(ReadableStreamDefaultReader.prototype, 'read');
    handlers.complete = async (request, response) => {
      await read(request);
      response.writeHead(200);
      for (let i = 0; i < 4; i++) {
        // The client reads the next chunk once it has received this one.
        const before = reads.mock.calls.length;
        response.write(' ');
        while (reads.mock.calls.length === before && !response.destroyed) await nextTurn();
        jest.advanceTimersByTime(0.6 * STALL_MS);
      }
      response.end(COMPLETED);
    };
    const { events, error } = await upload({ stallTimeoutMs: STALL_MS });
    reads.mockRestore();
    expect(error).toBeNull();
    expect(events.at(-1)?.type).toBe('completed');
    expect(calls.filter((call) => call === 'complete')).toHaveLength(1);
  });

  it('can receive a part slowly', async () => {
    const size = 32 * MIB;
    const events: UploadEvent[] = [];
    const progressBytes = (): number =>
      Math.max(0, ...events.flatMap((event) => (event.type === 'progress' ? [event.transferredBytes] : [])));
    let pauses = 0;
    handlers.part = async (request, response) => {
      const md5 = createHash('md5');
      let before = 0;
      for await (const chunk of request as AsyncIterable<Buffer>) {
        md5.update(chunk);
        await nextTurn();
        const now = progressBytes();
        if (now <= before || now >= size) continue;
        before = now;
        pauses += 1;
        jest.advanceTimersByTime(0.6 * STALL_MS);
      }
      response.setHeader('etag', `"${md5.digest('hex')}"`).end();
    };
    const sourceFile = new Blob([new Uint8Array(size)]);
    const slow = { sourceFile, partSize: size, stallTimeoutMs: STALL_MS, progressIntervalMs: 0 };
    const { error } = await upload(slow, events);
    expect(error).toBeNull();
    expect(pauses).toBeGreaterThan(2);
    expect(calls.filter((call) => call === 'part')).toHaveLength(1);
    expect(ofType(events, 'retrying')).toEqual([]);
    const seen = events.flatMap((event) => (event.type === 'progress' ? [event.transferredBytes] : []));
    expect(new Set(seen.filter((bytes) => bytes > 0 && bytes < size)).size).toBeGreaterThan(5);
  });

  const redirects: [number, string | null][] = [
    [301, null],
    ...[301, 302, 303, 307, 308].map((status): [number, string] => [status, '/elsewhere']),
  ];

  it.each(redirects)('fails the upload at once if it redirects with %i to %s', async (status, location) => {
    handlers.initiate = (_, response) =>
      Promise.resolve(void response.writeHead(status, location === null ? {} : { location }).end());
    const { error } = await upload({});
    expect(calls).toEqual(['initiate']);
    expect(error).toMatchObject({ name: 'ServiceError', code: 'service', status, retryable: false });
    expect(error?.message).toMatch(/endpoint.*region/);
  });
});

/** Lets events be processed that have arrived meanwhile. */
function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

const COMPLETED = '<CompleteMultipartUploadResult><ETag>"1-3"</ETag></CompleteMultipartUploadResult>';

function callOf({ method, url = '' }: IncomingMessage): Call {
  const query = new URL(url, 'http://store').searchParams;
  if (method === 'PUT' && query.has('partNumber')) return 'part';
  if (method !== 'POST') return 'other';
  return query.has('uploads') ? 'initiate' : 'complete';
}

/** The MD5 of a body. */
async function read(request: IncomingMessage): Promise<string> {
  const md5 = createHash('md5');
  for await (const chunk of request as AsyncIterable<Buffer>) md5.update(chunk);
  return md5.digest('hex');
}
