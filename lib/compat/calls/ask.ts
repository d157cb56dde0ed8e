import { catchError, defer, filter, map, of, tap, throwError, type Observable } from 'rxjs';
import { monotonicNow } from '../../time.js';
import { clockFrom } from '../../connection/clock.js';
import type { ObsConnection } from '../../connection/obs-connection.js';
import { isResult } from '../../engine/step.js';
import { call$, callContext } from '../../engine/call/call.js';
import type { CallContext } from '../../engine/upload.js';
import { parseRequestDate, requireInteger } from '../../validation/check.js';
import { resolveRetry } from '../../validation/retry.js';
import { sizeOfBody, type ObsRequest, type QueryParameter } from '../../protocol/obs-request.js';
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

const MAX_PAGE = 1000;

/** @returns null: the service's default page size */
export function pageSizeOf(option: string, value: number | string | undefined): string | null {
  if (value === undefined) return null;
  return String(requireInteger(option, Number(value), 1, MAX_PAGE));
}

/** The operation with parameters of its request changed or added. */
export function withQuery<R>(
  { request, read }: Operation<R>,
  changes: Readonly<Record<string, string | null | undefined>>,
): Operation<R> {
  const changed = Object.entries(changes).filter((entry): entry is [string, string] => typeof entry[1] === 'string');
  const unchanged = request.query.filter(([name]) => !changed.some(([other]) => other === name));
  const query = [...unchanged, ...changed.map(([name, value]): QueryParameter => [name, value])];
  return { request: { ...request, query }, read };
}
