import { createContext, runInContext } from 'node:vm';
import {
  createObsConnection,
  fetchTransport,
  InvalidOptionsError,
  uploadFile$,
  type ObsConnectionOptions,
  type UploadEvent,
  type UploadSource,
} from 'rx-obs-upload';
import { createFakeObs, fakeSource } from 'rx-obs-upload/testing';
import { lastValueFrom, toArray } from 'rxjs';
import { streamOf } from '../../../../lib/ports/read-blob.js';
import { piecewiseHasher } from '../../../../lib/ports/hash/hasher.js';
import { PART } from '../../../support/upload-world.js';
import { record, runVirtually } from '../../../support/virtual-time.js';

const SIZE = 2 * PART + 7;
const realm = createContext();

/** Bytes of another realm: `instanceof Uint8Array` is false. */
function foreignBytes(size: number): Uint8Array {
  return runInContext(`Uint8Array.from({ length: ${size} }, (_, i) => i * 7)`, realm) as Uint8Array;
}

/** A Blob of another realm, like that of jsdom: it has its own tag, `slice` and `size`, and nothing else. */
class TaggedBlob {
  readonly type = '';
  readonly bytes: Uint8Array;
  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }
  get size(): number {
    return this.bytes.length;
  }
  readonly [Symbol.toStringTag] = 'Blob';
  slice(start: number, end: number): TaggedBlob {
    return new TaggedBlob(this.bytes.slice(start, end));
  }
}

/** The FileReader of that realm: like that of jsdom, it accepts no other Blobs. */
class TaggedFileReader {
  readonly LOADING = 1;
  readyState = 0;
  result: ArrayBufferLike | null = null;
  onload: (() => void) | null = null;
  onerror: (() => void) | null = null;
  readAsArrayBuffer(blob: TaggedBlob): void {
    this.readyState = 1;
    setTimeout(() => {
      this.readyState = 2;
      this.result = blob.bytes.slice().buffer;
      this.onload?.();
    });
  }
  abort(): void {
    this.readyState = 2;
  }
}

function withFileReader(): void {
  beforeAll(() => void Object.assign(globalThis, { FileReader: TaggedFileReader }));
  afterAll(() => void Reflect.deleteProperty(globalThis, 'FileReader'));
}

function upload(sourceFile: unknown, overrides: object = {}, options: Partial<ObsConnectionOptions> = {}) {
  const fake = createFakeObs();
  const { server, transport, credentials, bucket } = fake;
  const obs = createObsConnection({ server, transport, credentials, ...options } as ObsConnectionOptions);
  const request = {
    bucket,
    key: 'a',
    sourceFile: sourceFile as Blob,
    partSize: PART,
    checksum: 'md5',
    ...overrides,
  } as const;
  return { fake, events$: uploadFile$(obs, request) };
}

describe('bytes of another realm', () => {
  it('are not an instance of Uint8Array', () => {
    expect(foreignBytes(3) instanceof Uint8Array).toBe(false);
  });

  it('are uploaded, read, hashed and signed', () => {
    const bytes = foreignBytes(SIZE);
    const source: UploadSource = {
      name: 'a',
      size: SIZE,
      lastModified: null,
      type: '',
      slice: (start, end) => bytes.subarray(start, end),
      read: (start, end) => [bytes.subarray(start, end)],
    };
    const { fake, events$ } = upload(source);
    const events = runVirtually(() => record(events$));
    expect(events.error).toBeUndefined();
    expect(events.values.at(-1)).toMatchObject({ type: 'completed', result: { verified: 'etag' } });
    expect(Buffer.compare(fake.object('a')?.bytes ?? new Uint8Array(), Buffer.from(bytes))).toBe(0);
  });

  it('are accepted as an SSE-C key', () => {
    const sse = { type: 'customer', key: foreignBytes(32) };
    const events = runVirtually(() => record(upload(fakeSource({ size: 5 }), { sse, checksum: 'none' }).events$));
    expect(events.values.at(-1)).toMatchObject({ type: 'completed' });
  });
});

describe('a Blob of another realm, without arrayBuffer and stream', () => {
  withFileReader();
  const blob = new TaggedBlob(foreignBytes(SIZE));

  it('is uploaded with a FileReader', async () => {
    const { fake, events$ } = upload(blob);
    const events: UploadEvent[] = await lastValueFrom(events$.pipe(toArray()));
    expect(events.at(-1)).toMatchObject({ type: 'completed' });
    expect(Buffer.compare(fake.object('a')?.bytes ?? new Uint8Array(), Buffer.from(blob.bytes))).toBe(0);
  });

  it('is hashed', async () => {
    const nativeBlob = new Blob([Buffer.from(blob.bytes)]);
    const md5 = (body: unknown) => lastValueFrom(piecewiseHasher().md5(body as Blob) as never);
    expect(await md5(blob)).toEqual(await md5(nativeBlob));
  });

  it('is streamed', async () => {
    const reader = streamOf(blob as unknown as Blob).getReader();
    const pieces: Uint8Array[] = [];
    for (let next = await reader.read(); !next.done; next = await reader.read()) pieces.push(next.value);
    expect(Buffer.compare(Buffer.concat(pieces), Buffer.from(blob.bytes))).toBe(0);
  });

  it("is sent as its bytes by Node's fetch", async () => {
    let sent = Buffer.alloc(0);
    const spy = jest.spyOn(globalThis, 'fetch').mockImplementation(async (_, init) => {
      const body = init?.body as unknown;
      expect(typeof body === 'object' && body !== null).toBe(true);
      sent = Buffer.from(await new Response(body as BodyInit).arrayBuffer());
      return new Response('', { headers: { etag: '"e"' } });
    });
    const request = { method: 'PUT', url: 'https://obs.test/a', headers: {}, body: blob as unknown as Blob } as const;
    await lastValueFrom(fetchTransport().send(request)).finally(() => spy.mockRestore());
    expect(Buffer.compare(sent, Buffer.from(blob.bytes))).toBe(0);
  });
});

it('a File that cannot be read is refused, and the error names what is missing', () => {
  const events = runVirtually(() => record(upload(new TaggedBlob(foreignBytes(3))).events$));
  expect(events.error).toBeInstanceOf(InvalidOptionsError);
  expect(events.error).toMatchObject({
    option: 'sourceFile',
    message: expect.stringMatching(/no arrayBuffer\(\), and there is no FileReader/),
  });
});
