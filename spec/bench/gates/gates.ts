import type { Line } from '../line.js';
import { delayedPort, type DelayedPort } from './delay.js';
import { startNginx, type Nginx } from './nginx.js';

/** Routes to the null server over TLS, near and far; each is opened when a line first uses it. */
export interface Gates {
  /** null: the line has no TLS and connects directly to the server */
  urlOf(line: Line): Promise<string | null>;
  close(): Promise<void>;
}

/** @param port - the port of the null server */
export function openGates(port: number): Gates {
  let nginx: Promise<Nginx> | null = null;
  const delayed = new Map<string, Promise<DelayedPort>>();
  return {
    async urlOf({ tls, roundTripMs }) {
      if (tls === null) return null;
      const { ports, close: _ } = await (nginx ??= startNginx(port));
      const name = `${tls} ${roundTripMs}`;
      const opened = delayed.get(name) ?? delayedPort(ports[tls], roundTripMs / 2);
      delayed.set(name, opened);
      return `https://127.0.0.1:${(await opened).port}`;
    },
    async close() {
      for (const each of delayed.values()) (await each).close();
      await (await nginx)?.close();
    },
  };
}
