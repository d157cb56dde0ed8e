import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A spec's server, on a free port of this machine. */
export interface Listening {
  readonly port: number;
  /** Closes all connections, and resolves once the port is free. */
  close(): Promise<void>;
}

export async function listen(handler: RequestListener, checkContinue?: RequestListener): Promise<Listening> {
  const server = createServer(handler);
  if (checkContinue !== undefined) server.on('checkContinue', checkContinue);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    async close() {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}
