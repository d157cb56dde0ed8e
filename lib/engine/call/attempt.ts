import { filter, map, Observable, takeWhile, tap, throwError, type Subscriber } from 'rxjs';
import type { Priority } from '../../connection/limiter.js';
import { NetworkError } from '../../model/errors/errors.js';
import type {
  Transport,
  TransportEvent,
  TransportRequest,
  TransportResponse,
} from '../../ports/transport/transport.js';
import { createWatch } from '../../ports/watch.js';
import { sizeOfBody, type ObsRequest } from '../../protocol/obs-request.js';
import type { Operation } from '../../protocol/operation.js';
import { describe, isSuccess, serviceErrorOf } from '../../protocol/response/response.js';
import type { SignedRequest } from '../../signing/signer.js';
import { monotonicNow } from '../../time.js';
import { result, type Result } from '../step.js';
import type { CallContext } from '../upload.js';
import { openRecord } from './open-record.js';
import type { Recovery } from './recover.js';
import { withSignature, type Signature, type Upcoming } from './sign.js';

/** An operation, and what helps to perform it. */
export interface Call<R> extends Operation<R> {
  /** The requests that follow it, where they are known. */
  readonly upcoming?: Upcoming;
  /** Looks for another cause when there was no response: fails with it, or completes without one. */
  readonly probe$?: Observable<never>;
  /** For a call that makes an earlier one again. @defaultValue 1 */
  readonly firstAttempt?: number;
}

/** What one attempt emits: that the request is sent now, the progress of its body, then what its response says. */
export type AttemptEvent<R> = AttemptStarted | BytesLoaded | Result<R>;

export interface AttemptStarted {
  readonly type: 'attempt-started';
  /** from 1 */
  readonly attempt: number;
}

export type BytesLoaded = Extract<TransportEvent, { type: 'upload-progress' }>;

/** Where progress cannot be observed, the timeout allows for a connection as slow as this. */
export const SLOWEST_BYTES_PER_MS: number = (16 * 1024) / 1000;

/**
 * Signs a request, waits for a permit, sends it and reads the response for as long as it makes progress. Unsubscribing
 * aborts the request.
 *
 * A signature that expired while waiting is replaced: under the permit where that is synchronous; otherwise the permit
 * goes to others in the meantime, and the request comes first when the next one is free. Should the signature have
 * expired again by then, the permit is kept, so that no request waits for ever.
 */
export function attempt$<R>(
  context: CallContext,
  call: Call<R>,
  recovery: Pick<Recovery, 'attempt' | 'signed'>,
): Observable<AttemptEvent<R>> {
  return new Observable((subscriber) => {
    if (subscriber.closed) return;
    const { request, upcoming = () => [] } = call;
    let queuedMs = 0;
    let keepsPermit = false;
    const sign = (next: (signature: Signature) => void): void =>
      withSignature(context, request, upcoming, subscriber, next);

    const queue = (signature: Signature, priority: Priority): void => {
      // A signature that arrived expired would do so again.
      const mayExpire = isUsable(context, signature);
      const queuedAt = monotonicNow();
      const leaveQueue = context.shared.pool.acquire(context.fairnessKey, priority, (release) => {
        queuedMs += monotonicNow() - queuedAt;
        let isHeld = true;
        let isSent = false;
        let hasEnded = false;
        const giveBack = (): void => {
          isHeld = false;
          release(hasEnded);
        };
        const giveBackUnused = (): void => {
          if (!isSent) giveBack();
        };
        const send = (used: Signature): void => {
          isSent = true;
          recovery.signed(used);
          const sending = { signature: used, attempt: recovery.attempt(), queuedMs };
          exchange(context, call, sending, subscriber, () => (hasEnded = true));
          // Teardown runs in this order: the request is aborted before its permit goes to the next one.
          subscriber.add(giveBack);
        };
        if (!mayExpire || isUsable(context, signature)) return send(signature);
        sign((renewed) => (isHeld ? send(renewed) : queue(renewed, 'control')));
        if (keepsPermit) subscriber.add(giveBackUnused);
        else giveBackUnused();
        keepsPermit = true;
      });
      subscriber.add(leaveQueue);
    };

    sign((signature) => queue(signature, priorityOf(request)));
  });
}

function priorityOf({ operation }: ObsRequest): Priority {
  return operation === 'uploadPart' || operation === 'putObject' ? 'data' : 'control';
}

function isUsable({ shared, clock }: CallContext, { signed: { expiresAt }, credentials }: Signature): boolean {
  return shared.credentials.isUsable(credentials) && !(expiresAt !== null && clock.now() >= expiresAt);
}

/** A request that holds a permit. */
interface Sending {
  readonly signature: Signature;
  readonly attempt: number;
  readonly queuedMs: number;
}

/** Sends the request under its permit. @param ended - called when it has completed, after its result was emitted */
function exchange<R>(
  context: CallContext,
  call: Call<R>,
  sending: Sending,
  subscriber: Subscriber<AttemptEvent<R>>,
  ended: () => void,
): void {
  const isOver = (): boolean => subscriber.closed;
  subscriber.next({ type: 'attempt-started', attempt: sending.attempt });
  // A subscriber may have unsubscribed in `next`.
  if (isOver()) return;
  const { request } = call;
  const { method, body } = request;
  const { stallTimeoutMs } = context;
  const { url, headers } = sending.signature.signed;
  const record = openRecord(context, request, sending);
  const waitAfter = waitMs(stallTimeoutMs, sizeOfBody(body));
  let hasResponse = false;
  const watch = createWatch(waitAfter(), stallTimeoutMs, () => {
    const error = stalled(request, stallTimeoutMs);
    record.failed(error);
    subscriber.error(error);
  });
  send$(context.shared.transport, { method, url, headers, body, bypassCache: method === 'HEAD' })
    .pipe(
      // Ignore whatever a transport emits after the response.
      takeWhile((event) => event.type !== 'response', true),
      tap({
        next: (event) => {
          watch.alive(waitAfter(event));
          if (event.type === 'upload-progress') record.sent(event.loadedBytes);
          if (event.type === 'response') hasResponse = true;
        },
        error: (error: unknown) => record.failed(error),
        complete: () => {
          // Not with the result, and not with an error: within them a subscriber may cancel what waits for the permit.
          if (hasResponse) return ended();
          const error = noResponse();
          record.failed(error);
          throw error;
        },
      }),
      filter((event) => event.type !== 'download-progress'),
      map((event) => {
        if (event.type !== 'response') return event;
        const { response } = event;
        try {
          const value = readResponse(context, call, response, sending.signature.signed);
          record.succeeded(response);
          return result(value);
        } catch (error) {
          record.failed(error, response);
          throw error;
        }
      }),
    )
    .subscribe(subscriber);
  subscriber.add(record.aborted);
  if (!isOver()) subscriber.add(watch.start());
}

/** A transport of the application may throw: the permit of this request must be given back. */
function send$(transport: Transport, request: TransportRequest): Observable<TransportEvent> {
  try {
    return transport.send(request);
  } catch (error) {
    return throwError(() => error);
  }
}

/** The result of a call; what the connection learns from a success is noted. @throws UploadError */
function readResponse<R>(
  { shared, clock }: CallContext,
  { request: { operation, partNumber }, read }: Call<R>,
  response: TransportResponse,
  sent: SignedRequest,
): R {
  const context = { operation, partNumber, now: clock.now(), sent };
  if (!isSuccess(response)) throw serviceErrorOf(response, context);
  const result = read(response, context);
  shared.pool.succeeded();
  shared.credentials.succeeded();
  return result;
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

function stalled(request: ObsRequest, stallTimeoutMs: number): NetworkError {
  return new NetworkError(
    'stalled',
    `${describe(request)} made no progress for ${stallTimeoutMs / 1000} s and was aborted. Check the network, or raise stallTimeoutMs.`,
    { retryable: true },
  );
}

/** A transport that completes before its response has lost it. */
function noResponse(): NetworkError {
  return new NetworkError('network', 'The transport completed without a response.', { retryable: true });
}
