import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import {
  request as httpRequest,
  type ClientRequest,
  type IncomingHttpHeaders,
  type OutgoingHttpHeaders,
  type RequestListener,
  type RequestOptions,
} from 'node:http';
import { createServer as createTlsServer, request as httpsRequest } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createObsServer, type ObsServer, type ObsServerOptions } from '../../../lib/server/index.js';
import { signHeader, type Keys } from '../../unit/fake-obs/sign.js';

export const keys = { accessKeyId: 'LOCALKEY', secretAccessKey: 'local-secret-for-specs' };

export interface Reply {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
  readonly text: string;
}

export interface HttpCall {
  readonly method: string;
  /** Path and query, encoded. */
  readonly target: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Buffer | AsyncIterable<Buffer> | null;
  /** The Host header, if it is not the address. */
  readonly host?: string;
  readonly unsigned?: boolean;
  /** @defaultValue `keys` */
  readonly credentials?: Keys;
  readonly signal?: AbortSignal;
}

/** A shared key takes the place of a certificate. */
const tls = { ciphers: 'PSK', maxVersion: 'TLSv1.2' } as const;
const psk: Buffer = Buffer.alloc(16);

const clientTls = {
  ...tls,
  pskCallback: (): { psk: Buffer; identity: string } => ({ psk, identity: 'spec' }),
  checkServerIdentity: (): undefined => undefined,
};

/** As {@link http}, to a server that `startTls` has started. */
export function https(port: number, call: HttpCall): Promise<Reply> {
  return http(port, call, (options) => httpsRequest({ ...options, ...clientTls }));
}

/** Sends a signed request with node:http; rejects if the connection breaks. */
export function http(
  port: number,
  call: HttpCall,
  open: (options: RequestOptions) => ClientRequest = httpRequest,
): Promise<Reply> {
  const { method, target, body = null, host = `127.0.0.1:${port}`, unsigned = false, signal } = call;
  const bucket = /^([a-z0-9-]+)\.localhost/.exec(host)?.[1];
  const url = `http://${host}${target}`;
  const options = { now: Date.now(), ...(bucket === undefined ? {} : { bucket }) };
  const unsignedCall = { method, url, ...(call.headers ? { headers: call.headers } : {}) };
  const headers: OutgoingHttpHeaders = unsigned
    ? { ...call.headers }
    : signHeader(unsignedCall, call.credentials ?? keys, options);
  headers.host = host;
  if (body instanceof Buffer) headers['content-length'] = body.length;
  if (body === null && (method === 'PUT' || method === 'POST')) headers['content-length'] = 0;
  return new Promise((resolve, reject) => {
    const request = open({ host: '127.0.0.1', port, method, path: target, headers, agent: false, signal });
    request.on('error', reject);
    request.on('response', (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () => {
        const all = Buffer.concat(chunks);
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body: all, text: all.toString() });
      });
    });
    if (body === null || body instanceof Buffer) request.end(body ?? undefined);
    else pipeline(Readable.from(body), request).catch(reject);
  });
}

export function textOf(xml: string, name: string): string {
  return new RegExp(`<${name}>([^<]*)</${name}>`).exec(xml)?.[1] ?? '';
}

export async function initiate(
  port: number,
  path: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<string> {
  return textOf((await http(port, { method: 'POST', target: `${path}?uploads`, headers })).text, 'UploadId');
}

export function putPart(
  port: number,
  path: string,
  uploadId: string,
  partNumber: number,
  body: Buffer,
): Promise<Reply> {
  return http(port, { method: 'PUT', target: `${path}?partNumber=${partNumber}&uploadId=${uploadId}`, body });
}

export function complete(port: number, path: string, uploadId: string, etags: readonly string[]): Promise<Reply> {
  const parts = etags.map((etag, i) => `<Part><PartNumber>${i + 1}</PartNumber><ETag>${etag}</ETag></Part>`);
  const body = Buffer.from(`<CompleteMultipartUpload>${parts.join('')}</CompleteMultipartUpload>`);
  const headers = { 'content-type': 'application/xml' };
  return http(port, { method: 'POST', target: `${path}?uploadId=${uploadId}`, headers, body });
}

/** Creates a separate directory for each test, and cleans up after it. */
export function useDirectory(): {
  readonly path: string;
  /** Starts a local OBS in it, with `keys`. */
  start(options?: Partial<ObsServerOptions>): Promise<ObsServer>;
  /** Puts a handler behind TLS. @returns the port */
  startTls(handler: RequestListener): Promise<number>;
  closeLater<T extends { close(): Promise<void> }>(closable: T): T;
} {
  let path = '';
  let closing: { close(): Promise<void> }[] = [];
  beforeEach(async () => {
    path = await mkdtemp(join(tmpdir(), 'rx-obs-upload-'));
  });
  afterEach(async () => {
    await Promise.all(closing.map((closable) => closable.close()));
    closing = [];
    await rm(path, { recursive: true, force: true });
  });
  const closeLater = <T extends { close(): Promise<void> }>(closable: T): T => {
    closing.push(closable);
    return closable;
  };
  return {
    get path() {
      return path;
    },
    closeLater,
    start: async (options = {}) =>
      closeLater(await createObsServer({ directory: path, port: 0, credentials: keys, ...options })),
    async startTls(handler) {
      const server = createTlsServer({ ...tls, pskCallback: () => psk }, handler).listen(0, '127.0.0.1');
      await once(server, 'listening');
      closeLater({ close: () => new Promise<void>((resolve) => server.close(() => resolve())) });
      return (server.address() as AddressInfo).port;
    },
  };
}

/** Milliseconds after which a condition is assumed to remain false, even on a slow machine. */
const HANG_MS = 120_000;

/** Waits until a condition is true. */
export async function until(condition: () => boolean): Promise<void> {
  const deadline = performance.now() + HANG_MS;
  while (!condition()) {
    if (performance.now() > deadline) throw new Error('It never came to be.');
    await new Promise((resolve) => setImmediate(resolve));
  }
}
