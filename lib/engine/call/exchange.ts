import { Observable, takeWhile } from 'rxjs';
import { NetworkError } from '../../model/errors/network-error.js';
import { sizeOfBody, type ObsRequest } from '../../protocol/obs-request.js';
import type { SignedRequest } from '../../signing/signer.js';
import type { TransportEvent } from '../../ports/transport/transport.js';
import type { CallContext } from './call-context.js';
import { watchdog } from './watchdog.js';

/** A request is on its way now: it has its permit. */
export interface Sent {
  readonly type: 'sent';
}

/** Where progress cannot be seen, a line of this speed is waited for. */
export const SLOWEST_BYTES_PER_MS: number = (16 * 1024) / 1000;

/** Sends a signed request and reads the answer, for as long as anything moves. */
export function transmit$(
  { shared: { transport }, stallTimeoutMs }: CallContext,
  request: ObsRequest,
  { url, headers }: SignedRequest,
): Observable<Sent | TransportEvent> {
  const { method, body } = request;
  const patience = transport.reportsProgress ? 0 : sizeOfBody(body) / SLOWEST_BYTES_PER_MS;
  return new Observable((subscriber) => {
    subscriber.next({ type: 'sent' });
    // Whoever unsubscribed on hearing that wants nothing sent.
    if (subscriber.closed) return undefined;
    return transport
      .send({ method, url, headers, body })
      .pipe(
        // Whatever comes after the answer is of no request any more.
        takeWhile((event) => event.type !== 'response', true),
        watchdog(stallTimeoutMs + patience, () => stalled(request, stallTimeoutMs)),
      )
      .subscribe(subscriber);
  });
}

function stalled({ operation, partNumber }: ObsRequest, stallTimeoutMs: number): NetworkError {
  const what = partNumber === null ? operation : `${operation} (part ${partNumber})`;
  return new NetworkError(
    'stalled',
    `${what} made no progress for ${stallTimeoutMs / 1000} s and was given up. Check the network, or raise stallTimeoutMs.`,
    { retryable: true },
  );
}
