import { Observable, type Subscriber } from 'rxjs';
import { isUploadError } from '../../model/errors/is-upload-error.js';
import { NetworkError } from '../../model/errors/network-error.js';
import type { UploadError } from '../../model/errors/upload-error.js';
import {
  MAX_RESPONSE_BYTES,
  type RequestBody,
  type StreamedBody,
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
        const body = streams && isStreamed(request.body) ? countedBody(request.body, subscriber, abort.signal) : null;
        exchange(request, body, abort.signal).then(
          (response) => {
            subscriber.next({ type: 'response', response });
            subscriber.complete();
          },
          (cause: unknown) => subscriber.error(asUploadError(body?.failure() ?? cause)),
        );
        return undefined;
      }),
  };
}

async function exchange(
  { url, method, headers, body }: TransportRequest,
  counted: CountedBody | null,
  signal: AbortSignal,
): Promise<TransportResponse> {
  const init = { method, headers: { ...headers }, signal, redirect: 'error', credentials: 'omit' } as const;
  // Without a length the body would go in chunks, which the service refuses.
  const streamed = counted && {
    body: counted.stream,
    headers: { ...headers, 'Content-Length': String(counted.size) },
    duplex: 'half',
  };
  const response = await fetch(url, { ...init, ...(streamed ?? { body: body as BodyInit | null }) });
  const seen: Record<string, string> = {};
  response.headers.forEach((value, name) => (seen[name.toLowerCase()] = value));
  return { status: response.status, headers: seen, body: await readText(response) };
}

function isStreamed(body: RequestBody | null): body is Blob | StreamedBody {
  return body !== null && !(body instanceof Uint8Array);
}

interface CountedBody {
  readonly size: number;
  readonly stream: ReadableStream<Uint8Array<ArrayBuffer>>;
  /** What reading the body failed with: fetch itself says only that it failed. */
  failure(): unknown;
}

/** Reads a body as fast as it is taken, and no further once it is aborted: Node's fetch would read on. */
function countedBody(
  body: Blob | StreamedBody,
  subscriber: Subscriber<TransportEvent>,
  signal: AbortSignal,
): CountedBody {
  const reader = (body.stream() as ReadableStream<Uint8Array<ArrayBuffer>>).getReader();
  let loadedBytes = 0;
  let failure: unknown;
  const stop = (): void => void reader.cancel().catch(() => undefined);
  signal.addEventListener('abort', stop);
  const stream = new ReadableStream<Uint8Array<ArrayBuffer>>({
    async pull(controller) {
      try {
        const { done, value } = await reader.read();
        if (done) return controller.close();
        controller.enqueue(value);
        loadedBytes += value.byteLength;
        return subscriber.next({ type: 'upload-progress', loadedBytes });
      } catch (error) {
        failure = error;
        return controller.error(error);
      }
    },
    cancel: stop,
  });
  return { size: body.size, stream, failure: () => failure };
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

/** A network cause is named by its code alone: its words may hold the URL. */
function asUploadError(error: unknown): UploadError {
  if (isUploadError(error)) return error;
  const { cause } = error as { readonly cause?: unknown };
  const { code } = (cause ?? {}) as { readonly code?: unknown };
  const named = typeof code === 'string' ? ` (${code})` : '';
  return new NetworkError('network', `No answer came${named}: the network failed or the server is not reachable.`, {
    retryable: true,
  });
}
