import { defer, EMPTY, filter, map, switchMap, tap, type Observable } from 'rxjs';
import { isUploadError } from '../../model/errors/is-upload-error.js';
import type { UploadRetrying, UploadWaiting } from '../../model/event.js';
import type { ObsRequest } from '../../protocol/obs-request.js';
import { isSuccess, serviceErrorOf, type ResponseContext } from '../../protocol/response.js';
import type { TransportEvent, TransportResponse } from '../../ports/transport/transport.js';
import { done, type Done } from '../step.js';
import type { CallContext } from './call-context.js';
import { firstAttempt, recover$, type Attempts } from './recover.js';
import { retryTelling } from './retry.js';
import { sign$, type Signature, type Upcoming } from './sign.js';
import { exchange$, type Sent } from './exchange.js';

/** One call of the protocol: what is asked and how the answer is read. */
export interface Call<R> {
  readonly request: ObsRequest;
  /** What comes after it, where that is known. */
  readonly upcoming?: Upcoming;
  /** Looks for another cause when no answer came: completes where there is none, fails with what it found. */
  readonly probe$?: Observable<never>;
  /** Gets 2xx answers only. */
  readonly read: (response: TransportResponse, context: ResponseContext) => R;
}

export type CallActivity = AttemptStarted | BytesLoaded | UploadRetrying | UploadWaiting;

export interface AttemptStarted {
  readonly type: 'attempt-started';
  /** from 1 */
  readonly attempt: number;
}

export type BytesLoaded = Extract<TransportEvent, { type: 'upload-progress' }>;

/** Makes a call: signed, in the pool, watched, tried again where that may help; tells how it goes, then its result. */
export function call$<R>(context: CallContext, call: Call<R>): Observable<CallActivity | Done<R>> {
  return defer(() => {
    const attempts = firstAttempt(call.request);
    return sent$(context, call, attempts).pipe(
      filter((event) => event.type !== 'download-progress'),
      map((event): AttemptStarted | BytesLoaded | Done<R> => {
        if (event.type === 'sent') return { type: 'attempt-started', attempt: attempts.attempt };
        return event.type === 'response' ? done(readAnswer(context, call, event.response)) : event;
      }),
      retryTelling((error) => recover$(context, attempts, located(error, call.request), call.probe$ ?? EMPTY)),
    );
  });
}

/** Signs, waits for a permit, sends. A signature that has died in the queue is made anew, once the permit is there. */
function sent$(
  context: CallContext,
  call: Pick<Call<unknown>, 'request' | 'upcoming'>,
  attempts: Attempts,
): Observable<Sent | TransportEvent> {
  const { request, upcoming = () => [] } = call;
  const { pool } = context.shared;
  const lane = request.operation === 'uploadPart' || request.operation === 'putObject' ? 'part' : 'control';
  const signature$ = sign$(context, request, upcoming).pipe(tap((signature) => (attempts.signedWith = signature)));
  const send = ({ signed }: Signature): Observable<Sent | TransportEvent> => exchange$(context, request, signed);
  return signature$.pipe(
    switchMap((signature) => {
      // What was dead on arrival will not live longer for being made again.
      const mayDie = isAlive(context, signature);
      const sent = (): Observable<Sent | TransportEvent> =>
        mayDie && !isAlive(context, signature) ? signature$.pipe(switchMap(send)) : send(signature);
      return pool.run(context.owner, lane, defer(sent));
    }),
  );
}

function isAlive({ shared, clock }: CallContext, { signed: { expiresAt }, credentials }: Signature): boolean {
  return shared.credentials.isUsable(credentials) && !(expiresAt !== null && clock.now() >= expiresAt);
}

function readAnswer<R>(context: CallContext, { request, read }: Call<R>, response: TransportResponse): R {
  const { operation, partNumber } = request;
  const responseContext = { operation, partNumber, now: context.clock.now() };
  if (!isSuccess(response)) throw serviceErrorOf(response, responseContext);
  const result = read(response, responseContext);
  context.shared.pool.succeeded();
  context.shared.credentials.succeeded();
  return result;
}

/** Transports and signers do not know which call they serve. */
function located(error: unknown, { operation, partNumber }: ObsRequest): unknown {
  if (isUploadError(error)) {
    error.operation ??= operation;
    error.partNumber ??= partNumber;
  }
  return error;
}
