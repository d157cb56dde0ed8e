import { setMaxListeners } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { TLSSocket } from 'node:tls';

/** Thrown where the client went away, or was cut off, before its request was done. */
export class ConnectionLost extends Error {}

/** One request and response, and whether anybody still waits for it. */
export interface Connection {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly isOpen: boolean;
  /** @throws {@link ConnectionLost} where the connection ends first */
  wait(milliseconds: number): Promise<void>;
  /**
   * Silence, until the connection ends.
   * @param isUnread - whether the request's body is left unread
   * @throws {@link ConnectionLost} always
   */
  forever(isUnread?: boolean): Promise<never>;
  /** Breaks the connection. */
  cut(): void;
}

export function connectionOf(request: IncomingMessage, response: ServerResponse): Connection {
  const ended = new AbortController();
  setMaxListeners(0, ended.signal);
  response.once('close', () => ended.abort());
  if (response.destroyed) ended.abort();
  return {
    request,
    response,
    get isOpen() {
      return !ended.signal.aborted;
    },
    async wait(milliseconds) {
      if (milliseconds <= 0) return;
      await delay(milliseconds, undefined, { signal: ended.signal }).catch(() => {
        throw new ConnectionLost('The client went away.');
      });
    },
    forever: (isUnread = false) =>
      new Promise((_, reject) => {
        const lost = (): void => reject(new ConnectionLost('The client went away.'));
        if (ended.signal.aborted) return lost();
        ended.signal.addEventListener('abort', lost, { once: true });
        if (isUnread && request.httpVersion === '1.1') probe(response, ended.signal);
      }),
    cut() {
      const { socket } = request;
      // Only TCP can be reset: TLS throws.
      if (socket instanceof TLSSocket) socket.destroy();
      else socket.resetAndDestroy();
    },
  };
}

const probeIntervalMs = 300;

/**
 * Without reading, a server does not notice that the client is gone: sending 102 (Processing), which no page sees,
 * shows it.
 */
function probe(response: ServerResponse, ended: AbortSignal): void {
  const timer = setInterval(() => response.writeProcessing(), probeIntervalMs);
  ended.addEventListener('abort', () => clearInterval(timer), { once: true });
}
