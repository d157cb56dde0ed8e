import { filter, map, type Observable } from 'rxjs';
import type { ObsConnection } from '../../connection/obs-connection.js';
import { resolveRetry } from '../../validation/retry.js';
import { isDone } from '../step.js';
import { call$, type Call } from './call.js';
import type { CallContext } from './call-context.js';

/** How a call is made that belongs to no upload: with the defaults. */
export function callContext({ shared }: ObsConnection): CallContext {
  return { shared, clock: shared.clock, owner: {}, retry: resolveRetry(), stallTimeoutMs: 60_000 };
}

/** A call for its result alone. */
export function resultOf<R>(connection: ObsConnection, call: Call<R>): Observable<R> {
  const result$ = call$(callContext(connection), call).pipe(
    filter(isDone<R>),
    map(({ value }) => value),
  );
  return connection.shared.around(result$);
}
