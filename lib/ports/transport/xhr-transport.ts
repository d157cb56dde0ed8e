import { Observable, type Subscriber } from 'rxjs';
import { browserBody } from './body.js';
import { fetchWith } from './fetch-transport.js';
import { isElsewhere, isNode, isRedirectStatus, noResponseInBrowser, REDIRECTED } from './outcome.js';
import { throttledProgress } from './progress.js';
import {
  MAX_RESPONSE_BYTES,
  type Transport,
  type TransportEvent,
  type TransportRequest,
  type TransportResponse,
} from './transport.js';

const HEADERS_RECEIVED = 2;

/**
 * Sends by XMLHttpRequest, the only browser API that reports how much of a body has been sent. It cannot refuse a
 * redirect: the browser sends body and headers to the other address, whose response is then rejected. Requests that
 * must bypass the cache are sent by fetch, since XHR needs a header for that which the bucket's CORS rule would have to
 * allow.
 *
 * @example
 * ```ts
 * const obs = createObsConnection({ server, credentials, transport: xhrTransport() });
 * ```
 */
export function xhrTransport(): Transport {
  const byFetch = isNode() ? null : fetchWith('same-origin');
  return {
    reportsProgress: true,
    hidesAnswers: true,
    send: (request) => {
      if (byFetch !== null && request.bypassCache === true) return byFetch.send(request);
      return new Observable((subscriber) => {
        if (subscriber.closed) return undefined;
        const xhr = new XMLHttpRequest();
        subscriber.add(() => stop(xhr));
        send(xhr, request, subscriber);
        return undefined;
      });
    },
  };
}

function send(xhr: XMLHttpRequest, request: TransportRequest, subscriber: Subscriber<TransportEvent>): void {
  xhr.open(request.method, request.url);
  xhr.responseType = 'text';
  for (const [name, value] of Object.entries(request.headers)) xhr.setRequestHeader(name, value);
  const fail = (): void => subscriber.error(noResponseInBrowser());
  const respond = (response: TransportResponse): void => {
    subscriber.next({ type: 'response', response });
    subscriber.complete();
  };
  const report = throttledProgress(subscriber, 'download-progress');
  xhr.onerror = fail;
  xhr.ontimeout = fail;
  // The browser may abort (navigation, memory, an extension); `stop` removes the handlers first.
  xhr.onabort = fail;
  xhr.onreadystatechange = () => {
    if (xhr.readyState !== HEADERS_RECEIVED) return;
    // The states after it are of no interest.
    xhr.onreadystatechange = null;
    if (isElsewhere(request.url, xhr.responseURL)) return respond(REDIRECTED);
    if (xhr.status !== 0) report(0, true);
  };
  xhr.onprogress = ({ loaded }) => (loaded > MAX_RESPONSE_BYTES ? fail() : report(loaded));
  xhr.onload = () => (xhr.status === 0 ? fail() : respond(responseOf(xhr, request.url)));
  if (request.body !== null) reportUpload(xhr, subscriber);
  xhr.send(browserBody(request.body));
}

function reportUpload({ upload }: XMLHttpRequest, subscriber: Subscriber<TransportEvent>): void {
  const report = throttledProgress(subscriber, 'upload-progress');
  upload.onprogress = ({ loaded }) => report(loaded);
  upload.onload = ({ loaded }) => report(loaded, true);
}

function responseOf(xhr: XMLHttpRequest, requestUrl: string): TransportResponse {
  const { status, responseText: body } = xhr;
  if (isElsewhere(requestUrl, xhr.responseURL)) return REDIRECTED;
  const headers = parseHeaders(xhr.getAllResponseHeaders());
  return isRedirectStatus(status) ? { status, redirected: true, headers, body } : { status, headers, body };
}

function stop(xhr: XMLHttpRequest): void {
  xhr.onerror = xhr.ontimeout = xhr.onabort = xhr.onload = xhr.onprogress = xhr.onreadystatechange = null;
  xhr.upload.onprogress = xhr.upload.onload = null;
  xhr.abort();
}

function parseHeaders(text: string): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const line of text.split(/\r?\n/)) {
    const colon = line.indexOf(':');
    if (colon > 0) headers[line.slice(0, colon).trim().toLowerCase()] = line.slice(colon + 1).trim();
  }
  return headers;
}
