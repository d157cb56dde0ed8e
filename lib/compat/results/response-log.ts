import { tap } from 'rxjs';
import { sharedOf, withShared, type ObsConnection } from '../../connection/obs-connection.js';
import type { SentRequest } from '../../protocol/errors/sent-values.js';
import type { Transport, TransportRequest, TransportResponse } from '../../ports/transport/transport.js';

/** The requests of an upload whose responses the callbacks report: a part by its number. */
export type RequestKind = 'initiate' | 'complete' | 'other' | number;

/** A response with its request, whose secrets it may quote. */
export interface LoggedResponse extends TransportResponse {
  readonly sent: SentRequest;
}

/** The last response to each kind of request, which has more than a typed result. */
export interface ResponseLog {
  /** The same connection, with its responses recorded. */
  readonly connection: ObsConnection;
  /** Removes and returns the last response, so that memory does not grow with the parts. */
  take(kind: RequestKind): LoggedResponse | null;
  /** The last response of any kind. */
  last(): LoggedResponse | null;
}

/** Wraps the connection for one call, so that the responses of several calls are separate. */
export function recordResponses(connection: ObsConnection): ResponseLog {
  const { transport } = sharedOf(connection);
  const responses = new Map<RequestKind, LoggedResponse>();
  let last: LoggedResponse | null = null;
  return {
    connection: withShared(connection, {
      transport: withTap(transport, (request, response) => {
        const { url, headers } = request;
        last = { ...response, sent: { url, headers } };
        responses.set(kindOf(request), last);
      }),
    }),
    take(kind) {
      const response = responses.get(kind) ?? null;
      responses.delete(kind);
      return response;
    },
    last: () => last,
  };
}

function withTap(
  transport: Transport,
  onResponse: (request: TransportRequest, response: TransportResponse) => void,
): Transport {
  const send: Transport['send'] = (request) =>
    transport.send(request).pipe(
      tap((event) => {
        if (event.type === 'response') onResponse(request, event.response);
      }),
    );
  const { reportsProgress, hidesAnswers = false } = transport;
  return { reportsProgress, hidesAnswers, send };
}

function kindOf({ method, url }: TransportRequest): RequestKind {
  const query = new URL(url).searchParams;
  const partNumber = query.get('partNumber');
  if (partNumber !== null) return Number(partNumber);
  if (method !== 'POST') return 'other';
  return query.has('uploads') ? 'initiate' : 'complete';
}
