import { tap } from 'rxjs';
import type { ObsConnection } from '../../connection/obs-connection.js';
import type { SentRequest } from '../../protocol/sent-values.js';
import type { Transport, TransportRequest, TransportResponse } from '../../ports/transport/transport.js';

/** The requests of an upload whose answers the callbacks tell of: a part by its number. */
export type Asked = 'initiate' | 'complete' | 'other' | number;

/** With the request that it belongs to, whose secrets it may quote. */
export interface Answer extends TransportResponse {
  readonly sent: SentRequest;
}

/** What the service said last to each request: more than a typed result keeps of it. */
export interface Answers {
  /** The same connection, listened to. */
  readonly connection: ObsConnection;
  /** The last answer; it is forgotten with that, so that memory does not grow with the parts. */
  take(asked: Asked): Answer | null;
  /** The last answer of all. */
  last(): Answer | null;
}

/** A connection of its own for one call, so that the answers of several are kept apart. */
export function listenTo(connection: ObsConnection): Answers {
  const { shared } = connection;
  const kept = new Map<Asked, Answer>();
  let last: Answer | null = null;
  return {
    connection: {
      ...connection,
      shared: {
        ...shared,
        transport: heard(shared.transport, (request, response) => {
          const { url, headers } = request;
          last = { ...response, sent: { url, headers } };
          kept.set(askedBy(request), last);
        }),
      },
    },
    take(asked) {
      const response = kept.get(asked) ?? null;
      kept.delete(asked);
      return response;
    },
    last: () => last,
  };
}

/** The same transport, observed. */
function heard(
  transport: Transport,
  hear: (request: TransportRequest, response: TransportResponse) => void,
): Transport {
  const send: Transport['send'] = (request) =>
    transport.send(request).pipe(
      tap((event) => {
        if (event.type === 'response') hear(request, event.response);
      }),
    );
  const { reportsProgress, hidesAnswers = false } = transport;
  return { reportsProgress, hidesAnswers, send };
}

function askedBy({ method, url }: TransportRequest): Asked {
  const query = new URL(url).searchParams;
  const partNumber = query.get('partNumber');
  if (partNumber !== null) return Number(partNumber);
  if (method !== 'POST') return 'other';
  return query.has('uploads') ? 'initiate' : 'complete';
}
