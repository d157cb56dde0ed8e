import { isObservable, Observable, type Subscriber } from 'rxjs';
import type { Priority } from '../../connection/limiter.js';
import type { ObsRequest } from '../../protocol/obs-request.js';
import { monotonicNow } from '../../time.js';
import type { Call } from './call.js';
import type { CallContext } from './context.js';
import { exchange, type AttemptEvent } from './exchange.js';
import type { Recovery } from './recover.js';
import { sign, type Signature, type Upcoming } from './sign.js';

/**
 * Signs a request, waits for a permit, sends it and reads the response for as long as it makes progress. If the
 * signature expired while waiting, the request is signed again under the permit. Unsubscribing aborts the request.
 */
export function attempt$<R>(
  context: CallContext,
  call: Call<R>,
  recovery: Pick<Recovery, 'attempt' | 'signed'>,
): Observable<AttemptEvent<R>> {
  return new Observable((subscriber) => {
    if (subscriber.closed) return;
    const { request, upcoming = () => [] } = call;
    const sign = (next: (signature: Signature) => void): void =>
      withSignature(context, request, upcoming, subscriber, next);
    sign((signature) => {
      // A signature that arrived expired would do so again.
      const mayExpire = isUsable(context, signature);
      const queuedAt = monotonicNow();
      const leaveQueue = context.shared.pool.acquire(context.fairnessKey, priorityOf(request), (release) => {
        const queuedMs = monotonicNow() - queuedAt;
        let isSent = false;
        let hasEnded = false;
        const giveBack = (): void => release(hasEnded);
        const send = (used: Signature): void => {
          isSent = true;
          recovery.signed(used);
          const sending = { signature: used, attempt: recovery.attempt(), queuedMs };
          exchange(context, call, sending, subscriber, () => (hasEnded = true));
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

function withSignature<R>(
  context: CallContext,
  request: ObsRequest,
  upcoming: Upcoming,
  subscriber: Subscriber<AttemptEvent<R>>,
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

function isUsable({ shared, clock }: CallContext, { signed: { expiresAt }, credentials }: Signature): boolean {
  return shared.credentials.isUsable(credentials) && !(expiresAt !== null && clock.now() >= expiresAt);
}
