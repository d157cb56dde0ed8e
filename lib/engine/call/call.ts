import { defer, EMPTY, filter, map, type Observable } from 'rxjs';
import { sharedOf, type ObsConnection } from '../../connection/obs-connection.js';
import { isUploadError } from '../../model/errors/is-upload-error.js';
import { withContext } from '../../model/errors/upload-error.js';
import { addressOf, type Target } from '../../protocol/request/endpoint.js';
import type { ObsRequest } from '../../protocol/obs-request.js';
import { resolveRetry } from '../../validation/retry.js';
import { isResult, type Result, type Step } from '../step.js';
import { attempt$, type AttemptStarted, type BytesLoaded, type Call } from './attempt.js';
import type { CallContext } from '../upload.js';
import { createRecovery, type RecoveryNotification } from './recover.js';
import { retryWithNotifications } from './retry.js';

export type CallActivity = AttemptStarted | BytesLoaded | RecoveryNotification;

/** Makes a call: signs, waits for a permit, sends, retries where that may help. Its result comes last. */
export function call$<R>(context: CallContext, call: Call<R>): Observable<CallActivity | Result<R>> {
  const { request, probe$ = EMPTY, firstAttempt = 1 } = call;
  return defer(() => {
    const recovery = createRecovery(context, request, probe$, firstAttempt);
    return attempt$(context, call, recovery).pipe(
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
export function callContext(connection: ObsConnection, target: Target): CallContext {
  const shared = sharedOf(connection);
  return {
    shared,
    address: addressOf(shared.endpoint, target),
    clock: shared.clock,
    fairnessKey: {},
    retry: resolveRetry(),
    stallTimeoutMs: 60_000,
  };
}

/** The result of a call, without its notifications. */
export function resultOf<R>(connection: ObsConnection, call: Call<R>): Observable<R> {
  const context = callContext(connection, call.request);
  const result$ = call$(context, call).pipe(
    filter(isResult<R>),
    map(({ value }) => value),
  );
  return context.shared.around(result$);
}

/** Adds the operation, which transports and signers do not know, to an error. */
function withOperation(error: unknown, { operation, partNumber }: ObsRequest): unknown {
  if (!isUploadError(error)) return error;
  return withContext(error, {
    operation: error.operation ?? operation,
    partNumber: error.partNumber ?? partNumber,
  });
}
