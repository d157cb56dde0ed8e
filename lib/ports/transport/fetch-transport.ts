import { Observable, type Subscriber } from 'rxjs';
import { isUploadError } from '../../model/errors/is-upload-error.js';
import type { UploadError } from '../../model/errors/upload-error.js';
import { browserBody, streamBody, type StreamingBody } from './body.js';
import { isElsewhere, isNode, isRedirectStatus, noResponseInBrowser, noResponseInNode, REDIRECTED } from './outcome.js';
import { throttledProgress } from './progress.js';
import {
  MAX_RESPONSE_BYTES,
  type Transport,
  type TransportEvent,
  type TransportRequest,
  type TransportResponse,
} from './transport.js';

/**
 * Sends by fetch: in Node, workers and service workers. It refuses redirects. In Node bodies are streamed, with
 * progress; browsers stream bodies only over HTTP/2, so there they are sent in one piece, without progress.
 *
 * @example
 * ```ts
 * const obs = createObsConnection({ server, credentials, transport: fetchTransport() });
 * ```
 */
export function fetchTransport(): Transport {
  return fetchWith('omit');
}

/** @param credentials - which requests carry cookies, as for fetch itself */
export function fetchWith(credentials: 'omit' | 'same-origin'): Transport {
  const streams = isNode();
  return {
    reportsProgress: streams,
    hidesAnswers: !streams,
    send: (request) =>
      new Observable((subscriber) => {
        if (subscriber.closed) return undefined;
        const abort = new AbortController();
        subscriber.add(() => abort.abort());
        const streaming = streams ? streamed(request, subscriber, abort.signal) : null;
        const init = { ...initOf(request, streaming), credentials, signal: abort.signal };
        exchange(request, init, subscriber).then(
          (response) => {
            subscriber.next({ type: 'response', response });
            subscriber.complete();
          },
          (cause: unknown) => subscriber.error(asUploadError(streaming?.failure() ?? cause)),
        );
        return undefined;
      }),
  };
}

function streamed(
  { body }: TransportRequest,
  subscriber: Subscriber<TransportEvent>,
  signal: AbortSignal,
): StreamingBody | null {
  if (body === null) return null;
  const report = throttledProgress(subscriber, 'upload-progress');
  const streaming = streamBody(body, signal, (bytes) => report(bytes, bytes === streaming.size));
  return streaming;
}

function initOf(
  { method, headers, body, bypassCache }: TransportRequest,
  streaming: StreamingBody | null,
): RequestInit {
  const init: RequestInit = { method, redirect: 'manual', cache: bypassCache === true ? 'no-store' : 'default' };
  if (streaming === null) return { ...init, headers: { ...headers }, body: browserBody(body) };
  // Without a length the body would be sent chunked, which the service refuses.
  const withLength = { ...headers, 'Content-Length': String(streaming.size) };
  return { ...init, headers: withLength, body: streaming.stream, duplex: 'half' } as RequestInit;
}

async function exchange(
  { url }: TransportRequest,
  init: RequestInit,
  subscriber: Subscriber<TransportEvent>,
): Promise<TransportResponse> {
  const response = await fetch(url, init);
  if (response.type === 'opaqueredirect' || response.redirected || isElsewhere(url, response.url)) return REDIRECTED;
  const { status } = response;
  const headers: Record<string, string> = {};
  response.headers.forEach((value, name) => (headers[name.toLowerCase()] = value));
  const body = await readText(response, throttledProgress(subscriber, 'download-progress'));
  return isRedirectStatus(status) ? { status, redirected: true, headers, body } : { status, headers, body };
}

async function readText(response: Response, report: (bytes: number, always?: boolean) => void): Promise<string> {
  report(0, true);
  if (response.body === null) return '';
  const decoder = new TextDecoder();
  let text = '';
  let size = 0;
  const reader = response.body.getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return text + decoder.decode();
    size += value.byteLength;
    if (size > MAX_RESPONSE_BYTES) throw new Error('The response is longer than any that an upload needs.');
    text += decoder.decode(value, { stream: true });
    report(size);
  }
}

/** A network error is described by its code only: its message may contain the URL. */
function asUploadError(error: unknown): UploadError {
  if (isUploadError(error)) return error;
  const { cause } = error as { readonly cause?: unknown };
  const { code } = (cause ?? {}) as { readonly code?: unknown };
  return isNode() ? noResponseInNode(typeof code === 'string' ? ` (${code})` : '') : noResponseInBrowser();
}
