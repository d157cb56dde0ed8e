import { createHash, type Hash } from 'node:crypto';
import { open, rm, type FileHandle } from 'node:fs/promises';
import { toHex } from '../../bytes.js';
import { monotonicNow } from '../../time.js';
import { createChunkReader } from '../../fake-obs/request/aws-chunked.js';
import { digestFor } from '../../fake-obs/state/checksum.js';
import type { ReceivedBody } from '../../fake-obs/context.js';
import type { DigestNeeds } from '../../fake-obs/rules/receive.js';
import { ConnectionLost, type Connection } from './connection.js';

/** What to do with a body while it comes in. */
export interface BodyOptions {
  readonly kind: 'none' | 'text' | 'bytes';
  readonly digests: DigestNeeds;
  /** Whether the body comes in chunks with trailers. */
  readonly isChunked: boolean;
  /** Path for the bytes to be stored. */
  readonly path: string;
  /** null: as fast as it comes */
  readonly bytesPerSecond: number | null;
  /** After this number of bytes `atCut` takes over, and must not return; null: never. */
  readonly cutAfterBytes: number | null;
  readonly atCut: () => Promise<never>;
}

/** More than any list of 10,000 parts takes; what goes beyond is dropped and fails to parse. */
const maxTextBytes = 4 * 1024 * 1024;

/**
 * Takes a body in, to disk as it comes, so that its size does not matter.
 * @throws {@link ConnectionLost} where the client goes away; nothing is left on disk then
 */
export async function receiveBody(
  connection: Connection,
  options: BodyOptions,
): Promise<Omit<ReceivedBody, 'bytesId'>> {
  const sink = options.kind === 'bytes' ? await open(options.path, 'wx') : null;
  try {
    const received = await take(connection, options, sink);
    await sink?.sync();
    await sink?.close();
    return received;
  } catch (error) {
    await sink?.close();
    if (sink !== null) await rm(options.path, { force: true });
    throw error;
  }
}

async function take(
  connection: Connection,
  options: BodyOptions,
  sink: FileHandle | null,
): Promise<Omit<ReceivedBody, 'bytesId'>> {
  const md5 = options.kind === 'bytes' || options.digests.md5 ? createHash('md5') : null;
  const sha256 = options.digests.sha256 ? createHash('sha256') : null;
  const checksum = options.digests.checksum === null ? null : digestFor(options.digests.checksum);
  const text: Buffer[] = [];
  const startedAt = monotonicNow();
  let size = 0;
  const chunked = options.isChunked ? createChunkReader() : null;
  for await (const chunk of chunksOf(connection, options)) {
    for (const piece of chunked?.update(chunk) ?? [chunk]) {
      size += piece.length;
      md5?.update(piece);
      sha256?.update(piece);
      checksum?.update(piece);
      if (sink !== null) await sink.writeFile(piece);
      else if (options.kind === 'text' && size <= maxTextBytes) text.push(Buffer.from(piece));
    }
    if (options.bytesPerSecond !== null) {
      await connection.wait((size * 1000) / options.bytesPerSecond - (monotonicNow() - startedAt));
    }
  }
  const hash = hexOf(md5);
  return {
    size,
    etag: hash ?? '',
    md5: hash,
    sha256: hexOf(sha256),
    checksum: checksum === null ? null : toHex(checksum.digest()),
    trailers: chunked?.trailers() ?? null,
    text: options.kind === 'text' ? Buffer.concat(text).toString('utf8') : null,
  };
}

/** The body's chunks, up to where it is cut off; a client that goes away ends them with ConnectionLost. */
async function* chunksOf(connection: Connection, { cutAfterBytes, atCut }: BodyOptions): AsyncGenerator<Buffer> {
  let taken = 0;
  try {
    if (cutAfterBytes === 0) await atCut();
    // Not the plain iterator: it would close the connection when writing fails, before a response could be sent.
    const chunks = connection.request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>;
    for await (const chunk of chunks) {
      const rest = cutAfterBytes === null ? chunk.length : cutAfterBytes - taken;
      taken += chunk.length;
      yield chunk.subarray(0, rest);
      if (cutAfterBytes !== null && taken >= cutAfterBytes) await atCut();
    }
  } catch (error) {
    if (connection.request.readableAborted || !connection.isOpen) throw new ConnectionLost('The client went away.');
    throw error;
  }
  if (!connection.request.complete) throw new ConnectionLost('The body ended early.');
}

function hexOf(hash: Hash | null): string | null {
  return hash?.digest('hex') ?? null;
}

/** A body that is refused is read to its end all the same up to this number of bytes. */
export const drainedBytes = 64 * 1024 * 1024;

const drainedMs = 5000;

/**
 * Reads what is left of a request's body and drops it. A connection that is closed with bytes unread is reset, and the
 * client then never sees the response; one that stays open with bytes unread makes the next request wait for ever. So
 * this goes before the response, and the connection ends with it.
 */
export function drain({ request, response, isOpen }: Connection): Promise<void> {
  if (request.complete || !isOpen) return Promise.resolve();
  if (!response.headersSent) response.setHeader('connection', 'close');
  return new Promise((resolve) => {
    let left = drainedBytes;
    const count = (chunk: Buffer): void => {
      left -= chunk.length;
      if (left < 0) done();
    };
    const done = (): void => {
      clearTimeout(timer);
      request.off('data', count).off('end', done);
      response.off('close', done);
      resolve();
    };
    const timer = setTimeout(done, drainedMs);
    request.on('data', count).on('end', done).resume();
    response.on('close', done);
  });
}
