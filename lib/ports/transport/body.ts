import { isBlob, isBytes } from '../../model/kinds.js';
import { InvalidOptionsError } from '../../model/errors/errors.js';
import type { RequestBody } from './transport.js';
import { streamOf } from '../read-blob.js';

/** A body for XHR and fetch in browsers, which cannot stream over HTTP/1.1. */
export function browserBody(body: RequestBody | null): Blob | Uint8Array<ArrayBuffer> | null {
  if (body === null || isBlob(body)) return body;
  if (isBytes(body)) return body as Uint8Array<ArrayBuffer>;
  throw new InvalidOptionsError('transport', 'Browsers send bytes and Blobs only: the source must return one of them.');
}

/** A chunk counts as sent once the next is requested, so smaller ones show progress better on a slow connection. */
const CHUNK_BYTES = 64 * 1024;

/** A body that is read as fast as it is sent. */
export interface StreamingBody {
  readonly size: number;
  readonly stream: ReadableStream<Uint8Array<ArrayBuffer>>;
  /** The error of reading the body, which fetch does not pass on. */
  failure(): unknown;
}

/**
 * Streams a body in small chunks and calls `sent` with the number of bytes sent. It stops reading once aborted, which
 * Node's fetch does not.
 */
export function streamBody(body: RequestBody, signal: AbortSignal, sent: (bytes: number) => void): StreamingBody {
  const size = isBytes(body) ? body.length : body.size;
  const chunks = chunksOf(body);
  let queuedBytes = 0;
  let failure: unknown;
  const stop = (): void => void chunks.cancel().catch(() => undefined);
  signal.addEventListener('abort', stop);
  const stream = new ReadableStream<Uint8Array<ArrayBuffer>>(
    {
      async pull(controller) {
        // Node requests more when the socket has room again: everything before has been sent.
        if (queuedBytes > 0) sent(queuedBytes);
        try {
          const chunk = await chunks.next();
          if (chunk === null) return controller.close();
          queuedBytes += chunk.byteLength;
          return controller.enqueue(chunk);
        } catch (error) {
          failure = error;
          return controller.error(error);
        }
      },
      cancel: stop,
    },
    // Without an internal queue, which would be filled ahead of the socket.
    { highWaterMark: 0 },
  );
  return { size, stream, failure: () => failure };
}

interface Chunks {
  /** null at the end */
  next(): Promise<Uint8Array<ArrayBuffer> | null>;
  cancel(): Promise<void>;
}

function chunksOf(body: RequestBody): Chunks {
  const reader = isBytes(body) ? null : streamOf(body).getReader();
  let rest = isBytes(body) ? body : new Uint8Array();
  return {
    async next() {
      while (rest.length === 0) {
        const read = await reader?.read();
        if (read === undefined || read.done) return null;
        rest = read.value;
      }
      const chunk = rest.subarray(0, CHUNK_BYTES);
      rest = rest.subarray(CHUNK_BYTES);
      return chunk as Uint8Array<ArrayBuffer>;
    },
    async cancel() {
      rest = new Uint8Array();
      await reader?.cancel();
    },
  };
}
