import { Observable, type Subscriber } from 'rxjs';
import { isUploadError } from '../errors/is-upload-error.js';
import { NetworkError } from '../errors/network-error.js';
import type { UploadError } from '../errors/upload-error.js';
import {
  MAX_RESPONSE_BYTES,
  type RequestBody,
  type Transport,
  type TransportEvent,
  type TransportRequest,
  type TransportResponse,
} from './transport.js';

/**
 * Sends by fetch: in Node, in workers, in service workers. In Node bodies are streamed and counted; browsers stream
 * bodies only over HTTP/2, so there they go whole, without progress.
 */
export function fetchTransport(): Transport {
  const streams = isNode();
  return {
    reportsProgress: streams,
    hidesAnswers: !streams,
    send: (request) =>
      new Observable((subscriber) => {
        if (subscriber.closed) return undefined;
        const abort = new AbortController();
        subscriber.add(() => abort.abort());
        exchange(request, streams, abort.signal, subscriber).then(
          (response) => {
            subscriber.next({ type: 'response', response });
            subscriber.complete();
          },
          (cause: unknown) => subscriber.error(asUploadError(cause)),
        );
        return undefined;
      }),
  };
}

async function exchange(
  request: TransportRequest,
  streams: boolean,
  signal: AbortSignal,
  subscriber: Subscriber<TransportEvent>,
): Promise<TransportResponse> {
  const { url, method, headers, body } = request;
  const init: RequestInit = { method, headers: { ...headers }, signal, redirect: 'error', credentials: 'omit' };
  const response = await fetch(url, body === null ? init : { ...init, ...bodyOf(body, streams, subscriber, headers) });
  const seen: Record<string, string> = {};
  response.headers.forEach((value, name) => (seen[name.toLowerCase()] = value));
  return { status: response.status, headers: seen, body: await readText(response) };
}

function bodyOf(
  body: RequestBody,
  streams: boolean,
  subscriber: Subscriber<TransportEvent>,
  headers: Readonly<Record<string, string>>,
): RequestInit {
  if (body instanceof Uint8Array) return { body: body as Uint8Array<ArrayBuffer> };
  if (!streams && body instanceof Blob) return { body };
  const counted = body.stream().pipeThrough(counting(subscriber));
  // Without a length the body would go in chunks, which the service refuses.
  const sized = { ...headers, 'Content-Length': String(body.size) };
  return { body: counted, headers: sized, duplex: 'half' } as RequestInit;
}

function counting(
  subscriber: Subscriber<TransportEvent>,
): TransformStream<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>> {
  let loadedBytes = 0;
  return new TransformStream({
    transform(chunk, controller) {
      controller.enqueue(chunk);
      loadedBytes += chunk.byteLength;
      subscriber.next({ type: 'upload-progress', loadedBytes });
    },
  });
}

async function readText(response: Response): Promise<string> {
  if (response.body === null) return '';
  const decoder = new TextDecoder();
  let text = '';
  let size = 0;
  const reader = response.body.getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return text + decoder.decode();
    size += value.byteLength;
    if (size > MAX_RESPONSE_BYTES) throw new Error('the answer is longer than any that an upload needs');
    text += decoder.decode(value, { stream: true });
  }
}

function isNode(): boolean {
  const { process } = globalThis as { readonly process?: { readonly versions?: { readonly node?: string } } };
  return typeof process?.versions?.node === 'string';
}

/** What a streamed body failed with comes through; a network cause is named by its code alone: its words may hold the URL. */
function asUploadError(error: unknown): UploadError {
  const { cause } = error as { readonly cause?: unknown };
  if (isUploadError(error)) return error;
  if (isUploadError(cause)) return cause;
  const { code } = (cause ?? {}) as { readonly code?: unknown };
  const named = typeof code === 'string' ? ` (${code})` : '';
  return new NetworkError('network', `No answer came${named}: the network failed or the server is not reachable.`, {
    retryable: true,
  });
}
