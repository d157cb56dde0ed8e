import { catchError, defer, filter, map, of, tap, throwError, type Observable } from 'rxjs';
import { monotonicNow } from '../../time.js';
import { clockFrom } from '../../connection/clock.js';
import type { ObsConnection } from '../../connection/obs-connection.js';
import { isResult } from '../../engine/step.js';
import { call$ } from '../../engine/call/call.js';
import type { CallContext } from '../../engine/call/context.js';
import { callContext } from '../../engine/call/call.js';
import { parseRequestDate } from '../../validation/request-date.js';
import { resolveRetry } from '../../validation/retry.js';
import { sizeOfBody, type ObsRequest } from '../../protocol/obs-request.js';
import type { Operation } from '../../protocol/operation.js';
import type { ResponseContext } from '../../protocol/response/response.js';
import type { TransportResponse } from '../../ports/transport/transport.js';
import type { OpenClient } from '../client/open-client.js';
import type { ObsResult, ProgressCallback } from '../model/result.js';
import { recordResponses } from '../results/response-log.js';
import { refusalOf } from '../results/client-error.js';
import { refused, succeeded } from '../results/obs-result.js';
import { callBack } from '../results/settle.js';

/** The parameters that every call has. */
export interface AskParams {
  readonly RequestDate?: Date | string | undefined;
  readonly ProgressCallback?: ProgressCallback | undefined;
}

/** One operation as in the official SDK: a refusal is a result too. */
export function ask$<R, T extends object>(
  client: OpenClient,
  params: AskParams,
  { request, read }: Operation<R>,
  outputOf: (result: R, response: TransportResponse) => T,
): Observable<ObsResult<T>> {
  return defer(() => {
    const log = recordResponses(client.connection);
    const context = contextOf(log.connection, request, params, client.stallTimeoutMs);
    const call = {
      request,
      read: (response: TransportResponse, at: ResponseContext) =>
        succeeded(response, outputOf(read(response, at), response)),
    };
    const startedAt = monotonicNow();
    return call$(context, call).pipe(
      tap((activity) => {
        if (activity.type !== 'upload-progress' || !params.ProgressCallback) return;
        const { ProgressCallback } = params;
        const seconds = (monotonicNow() - startedAt) / 1000;
        callBack(() => ProgressCallback(activity.loadedBytes, sizeOfBody(request.body), seconds));
      }),
      filter(isResult<ObsResult<T>>),
      map(({ value }) => value),
      catchError((error: unknown) => {
        const refusal = refusalOf(error);
        return refusal === null ? throwError(() => error) : of(refused(refusal, log.last()));
      }),
    );
  });
}

/** A call is one attempt, as in the official SDK: only the caller knows whether it may be repeated. */
function contextOf(
  connection: ObsConnection,
  request: ObsRequest,
  { RequestDate }: AskParams,
  stallTimeoutMs: number,
): CallContext {
  const startTime = RequestDate === undefined ? null : parseRequestDate(RequestDate);
  const context = callContext(connection, request);
  return {
    ...context,
    clock: clockFrom(context.shared.clock, startTime),
    retry: resolveRetry({ maxAttempts: 1 }),
    stallTimeoutMs,
  };
}
