import { Observable, takeWhile, tap } from 'rxjs';
import { NetworkError } from '../../model/errors/network-error.js';
import { sizeOfBody, type ObsRequest } from '../../protocol/obs-request.js';
import type { SignedRequest } from '../../signing/signer.js';
import type { TransportEvent } from '../../ports/transport/transport.js';
import type { CallContext } from './call-context.js';
import { createWatch } from './watchdog.js';

/** A request is on its way now: it has its permit. */
export interface Sent {
  readonly type: 'sent';
}

/** Where signs of life cannot be seen, a line of this speed is waited for. */
export const SLOWEST_BYTES_PER_MS: number = (16 * 1024) / 1000;

/** Sends a signed request and reads the response, for as long as there are signs of life. */
export function exchange$(
  { shared: { transport }, stallTimeoutMs }: CallContext,
  request: ObsRequest,
  { url, headers }: SignedRequest,
): Observable<Sent | TransportEvent> {
  const { method, body } = request;
  return new Observable((subscriber) => {
    const isOver = (): boolean => subscriber.closed;
    subscriber.next({ type: 'sent' });
    // A subscriber may have unsubscribed in `next`.
    if (isOver()) return undefined;
    const patienceAfter = patience(stallTimeoutMs, sizeOfBody(body));
    const watch = createWatch(patienceAfter(), stallTimeoutMs, () =>
      subscriber.error(stalled(request, stallTimeoutMs)),
    );
    transport
      .send({ method, url, headers, body, bypassCache: method === 'HEAD' })
      .pipe(
        tap((event) => watch.alive(patienceAfter(event))),
        // What comes after the response belongs to no request.
        takeWhile((event) => event.type !== 'response', true),
      )
      .subscribe(subscriber);
    return isOver() ? undefined : watch.start();
  });
}

/**
 * How long silence may last. A transport may be unable to show progress (a service worker in between), and a proxy may
 * take a body at once and forward it slowly: before the first sign of life and after the last byte of the body the wait
 * grows with the body's size.
 */
function patience(stallTimeoutMs: number, size: number): (event?: TransportEvent) => number {
  const unseenMs = stallTimeoutMs + size / SLOWEST_BYTES_PER_MS;
  let hasResponse = false;
  return (event) => {
    if (event?.type === 'download-progress') hasResponse = true;
    const isSending = event?.type === 'upload-progress' && event.loadedBytes > 0 && event.loadedBytes < size;
    return hasResponse || isSending ? stallTimeoutMs : unseenMs;
  };
}

function stalled({ operation, partNumber }: ObsRequest, stallTimeoutMs: number): NetworkError {
  const what = partNumber === null ? operation : `${operation} (part ${partNumber})`;
  return new NetworkError(
    'stalled',
    `${what} made no progress for ${stallTimeoutMs / 1000} s and was given up. Check the network, or raise stallTimeoutMs.`,
    { retryable: true },
  );
}
