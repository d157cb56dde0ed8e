import { filter, isObservable, Observable, takeWhile, tap, type Subscriber } from 'rxjs';
import { NetworkError } from '../../model/errors/network-error.js';
import { createWatch } from '../../ports/watch.js';
import type { Priority } from '../../connection/limiter.js';
import type { TransportEvent } from '../../ports/transport/transport.js';
import { sizeOfBody, type ObsRequest } from '../../protocol/obs-request.js';
import type { CallContext } from './context.js';
import { sign, type Signature, type Upcoming } from './sign.js';

/** What one attempt emits: that the request is sent, the progress of its body, then the response. */
export type AttemptEvent = Sent | Exclude<TransportEvent, { type: 'download-progress' }>;

/** The request holds a permit and is sent now. */
export interface Sent {
  readonly type: 'sent';
  readonly signature: Signature;
}

/** Where progress cannot be observed, the timeout allows for a connection as slow as this. */
export const SLOWEST_BYTES_PER_MS: number = (16 * 1024) / 1000;

/**
 * Signs a request, waits for a permit, sends it and reads the response for as long as it makes progress. If the
 * signature expired while waiting, the request is signed again under the permit. Unsubscribing aborts the request.
 */
export function attempt$(context: CallContext, request: ObsRequest, upcoming: Upcoming): Observable<AttemptEvent> {
  return new Observable((subscriber) => {
    if (subscriber.closed) return;
    const sign = (next: (signature: Signature) => void): void =>
      withSignature(context, request, upcoming, subscriber, next);
    sign((signature) => {
      // A signature that arrived expired would do so again.
      const mayExpire = isUsable(context, signature);
      const leaveQueue = context.shared.pool.acquire(context.fairnessKey, priorityOf(request), (release) => {
        let isSent = false;
        let hasEnded = false;
        const giveBack = (): void => release(hasEnded);
        const send = (used: Signature): void => {
          isSent = true;
          exchange(context, request, used, subscriber, () => (hasEnded = true));
          // Teardown runs in this order: the request is aborted before its permit goes to the next one.
          subscriber.add(giveBack);
        };
        subscriber.add(() => {
          if (!isSent) giveBack();
        });
        if (mayExpire && !isUsable(context, signature)) sign(send);
        else send(signature);
      });
      subscriber.add(leaveQueue);
    });
  });
}

function priorityOf({ operation }: ObsRequest): Priority {
  return operation === 'uploadPart' || operation === 'putObject' ? 'data' : 'control';
}

function withSignature(
  context: CallContext,
  request: ObsRequest,
  upcoming: Upcoming,
  subscriber: Subscriber<AttemptEvent>,
  next: (signature: Signature) => void,
): void {
  let signature: ReturnType<typeof sign>;
  try {
    signature = sign(context, request, upcoming);
  } catch (error) {
    subscriber.error(error);
    return;
  }
  if (!isObservable(signature)) return next(signature);
  subscriber.add(signature.subscribe({ next, error: (error: unknown) => subscriber.error(error) }));
}

/** Sends the request under its permit. @param ended - called before the subscriber learns the outcome */
function exchange(
  { shared: { transport }, stallTimeoutMs }: CallContext,
  request: ObsRequest,
  signature: Signature,
  subscriber: Subscriber<AttemptEvent>,
  ended: () => void,
): void {
  const isOver = (): boolean => subscriber.closed;
  subscriber.next({ type: 'sent', signature });
  // A subscriber may have unsubscribed in `next`.
  if (isOver()) return;
  const { method, body } = request;
  const { url, headers } = signature.signed;
  const waitAfter = waitMs(stallTimeoutMs, sizeOfBody(body));
  const watch = createWatch(waitAfter(), stallTimeoutMs, () => {
    ended();
    subscriber.error(stalled(request, stallTimeoutMs));
  });
  transport
    .send({ method, url, headers, body, bypassCache: method === 'HEAD' })
    .pipe(
      tap({
        next: (event) => {
          watch.alive(waitAfter(event));
          if (event.type === 'response') ended();
        },
        error: ended,
        complete: () => {
          ended();
          throw noResponse();
        },
      }),
      // Ignore whatever a transport emits after the response.
      takeWhile((event) => event.type !== 'response', true),
      filter((event) => event.type !== 'download-progress'),
    )
    .subscribe(subscriber);
  if (!isOver()) subscriber.add(watch.start());
}

/**
 * How long to wait for the next event. A transport may be unable to report progress (a service worker in between), and
 * a proxy may take a body at once and forward it slowly: before the first progress and after the last byte of the body
 * the wait grows with the body's size.
 */
function waitMs(stallTimeoutMs: number, size: number): (event?: TransportEvent) => number {
  const unseenMs = stallTimeoutMs + Math.ceil(size / SLOWEST_BYTES_PER_MS);
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
    `${what} made no progress for ${stallTimeoutMs / 1000} s and was aborted. Check the network, or raise stallTimeoutMs.`,
    { retryable: true },
  );
}

/** A transport that completes before its response has lost it. */
function noResponse(): NetworkError {
  return new NetworkError('network', 'The transport completed without a response.', { retryable: true });
}

function isUsable({ shared, clock }: CallContext, { signed: { expiresAt }, credentials }: Signature): boolean {
  return shared.credentials.isUsable(credentials) && !(expiresAt !== null && clock.now() >= expiresAt);
}
