import { defer, EMPTY, filter, map, type Observable } from 'rxjs';
import type { ObsConnection } from '../../connection/obs-connection.js';
import { isUploadError } from '../../model/errors/is-upload-error.js';
import type { TransportEvent, TransportResponse } from '../../ports/transport/transport.js';
import type { ObsRequest } from '../../protocol/obs-request.js';
import type { Operation } from '../../protocol/operation.js';
import { isSuccess, serviceErrorOf } from '../../protocol/response.js';
import type { SignedRequest } from '../../signing/signer.js';
import { resolveRetry } from '../../validation/retry.js';
import { result, isResult, type Result, type Step } from '../step.js';
import { attempt$ } from './attempt.js';
import type { CallContext } from './context.js';
import { createRecovery, type RecoveryNotification } from './recover.js';
import { retryWithNotifications } from './retry.js';
import type { Upcoming } from './sign.js';

/** An operation, and what helps to perform it. */
export interface Call<R> extends Operation<R> {
  /** The requests that follow it, where they are known. */
  readonly upcoming?: Upcoming;
  /** Looks for another cause when there was no response: completes if there is none, fails with it otherwise. */
  readonly probe$?: Observable<never>;
}

export type CallActivity = AttemptStarted | BytesLoaded | RecoveryNotification;

export interface AttemptStarted {
  readonly type: 'attempt-started';
  /** from 1 */
  readonly attempt: number;
}

export type BytesLoaded = Extract<TransportEvent, { type: 'upload-progress' }>;

/** Makes a call: signs, waits for a permit, sends, retries where that may help. Its result comes last. */
export function call$<R>(context: CallContext, call: Call<R>): Observable<CallActivity | Result<R>> {
  const { request, upcoming = () => [], probe$ = EMPTY } = call;
  return defer(() => {
    const recovery = createRecovery(context, request, probe$);
    let sent: SignedRequest | null = null;
    return attempt$(context, request, upcoming).pipe(
      map((event): AttemptStarted | BytesLoaded | Result<R> => {
        switch (event.type) {
          case 'sent':
            recovery.signed(event.signature);
            sent = event.signature.signed;
            return { type: 'attempt-started', attempt: recovery.attempt() };
          case 'response':
            return result(readResponse(context, call, event.response, sent));
          default:
            return event;
        }
      }),
      retryWithNotifications((error) => recovery.recover$(withOperation(error, request))),
    );
  });
}

/** A call without a file's bytes: only its retries and waits are worth an event. */
export function controlCall$<R>(context: CallContext, call: Call<R>): Step<R, RecoveryNotification> {
  return call$(context, call).pipe(
    filter(
      (activity): activity is RecoveryNotification | Result<R> =>
        activity.type !== 'attempt-started' && activity.type !== 'upload-progress',
    ),
  );
}

/** For a call outside an upload: the defaults. */
export function callContext({ shared }: ObsConnection): CallContext {
  return { shared, clock: shared.clock, fairnessKey: {}, retry: resolveRetry(), stallTimeoutMs: 60_000 };
}

/** The result of a call, without its notifications. */
export function resultOf<R>(connection: ObsConnection, call: Call<R>): Observable<R> {
  const result$ = call$(callContext(connection), call).pipe(
    filter(isResult<R>),
    map(({ value }) => value),
  );
  return connection.shared.around(result$);
}

function readResponse<R>(
  context: CallContext,
  { request, read }: Call<R>,
  response: TransportResponse,
  sent: SignedRequest | null,
): R {
  const { operation, partNumber } = request;
  const responseContext = { operation, partNumber, now: context.clock.now(), ...(sent === null ? {} : { sent }) };
  if (!isSuccess(response)) throw serviceErrorOf(response, responseContext);
  const result = read(response, responseContext);
  context.shared.pool.succeeded();
  context.shared.credentials.succeeded();
  return result;
}

/** Adds the operation, which transports and signers do not know, to an error. */
function withOperation(error: unknown, { operation, partNumber }: ObsRequest): unknown {
  if (isUploadError(error)) {
    error.operation ??= operation;
    error.partNumber ??= partNumber;
  }
  return error;
}
