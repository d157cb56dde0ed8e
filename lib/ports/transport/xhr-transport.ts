import { Observable, type Subscriber } from 'rxjs';
import { monotonicNow } from '../../time.js';
import { InvalidOptionsError } from '../../model/errors/invalid-options-error.js';
import { NetworkError } from '../../model/errors/network-error.js';
import {
  MAX_RESPONSE_BYTES,
  type RequestBody,
  type Transport,
  type TransportEvent,
  type TransportRequest,
} from './transport.js';

/** WebKit fires thousands of progress events for 50 MB; nobody looks more often than this. */
const PROGRESS_INTERVAL_MS = 50;

/** Sends by XMLHttpRequest: the one way of browsers that tells how much of a body has gone out. */
export function xhrTransport(): Transport {
  return {
    reportsProgress: true,
    hidesAnswers: true,
    send: (request) =>
      new Observable((subscriber) => {
        if (subscriber.closed) return undefined;
        const xhr = new XMLHttpRequest();
        subscriber.add(() => stop(xhr));
        send(xhr, request, subscriber);
        return undefined;
      }),
  };
}

function send(xhr: XMLHttpRequest, request: TransportRequest, subscriber: Subscriber<TransportEvent>): void {
  xhr.open(request.method, request.url);
  xhr.responseType = 'text';
  for (const [name, value] of Object.entries(request.headers)) xhr.setRequestHeader(name, value);
  const fail = (): void => subscriber.error(networkError());
  xhr.onerror = fail;
  xhr.ontimeout = fail;
  // A browser may abort by itself (navigation, memory, an extension); ours takes the handlers off first.
  xhr.onabort = fail;
  xhr.onload = () => (xhr.status === 0 ? fail() : respond(xhr, subscriber));
  xhr.onprogress = ({ loaded }) => {
    if (loaded > MAX_RESPONSE_BYTES) fail();
  };
  if (request.body !== null) reportUpload(xhr, subscriber);
  xhr.send(request.body === null ? null : sendable(request.body));
}

function reportUpload(xhr: XMLHttpRequest, subscriber: Subscriber<TransportEvent>): void {
  let reportedAt = Number.NEGATIVE_INFINITY;
  xhr.upload.onprogress = ({ loaded }) => {
    const now = monotonicNow();
    if (now - reportedAt < PROGRESS_INTERVAL_MS) return;
    reportedAt = now;
    subscriber.next({ type: 'upload-progress', loadedBytes: loaded });
  };
  xhr.upload.onload = ({ loaded }) => subscriber.next({ type: 'upload-progress', loadedBytes: loaded });
}

function respond(xhr: XMLHttpRequest, subscriber: Subscriber<TransportEvent>): void {
  const headers = parseHeaders(xhr.getAllResponseHeaders());
  subscriber.next({ type: 'response', response: { status: xhr.status, headers, body: xhr.responseText } });
  subscriber.complete();
}

function stop(xhr: XMLHttpRequest): void {
  xhr.onerror = xhr.ontimeout = xhr.onabort = xhr.onload = xhr.onprogress = null;
  xhr.upload.onprogress = xhr.upload.onload = null;
  xhr.abort();
}

function sendable(body: RequestBody): Blob | Uint8Array<ArrayBuffer> {
  if (body instanceof Uint8Array) return body as Uint8Array<ArrayBuffer>;
  if (body instanceof Blob) return body;
  throw new InvalidOptionsError(
    'transport',
    'XHR sends bytes and Blobs only; use fetchTransport() for streamed sources.',
  );
}

function parseHeaders(text: string): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const line of text.split(/\r?\n/)) {
    const colon = line.indexOf(':');
    if (colon > 0) headers[line.slice(0, colon).trim().toLowerCase()] = line.slice(colon + 1).trim();
  }
  return headers;
}

function networkError(): NetworkError {
  return new NetworkError(
    'network',
    'No answer came: the network failed, the server is not reachable, or its CORS rule does not allow this page.',
    { retryable: true },
  );
}
