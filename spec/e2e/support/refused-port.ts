import { once } from 'node:events';
import { connect, createServer, type AddressInfo } from 'node:net';

/** A port of this machine that refuses connections, and that no other program can take meanwhile. */
export interface RefusedPort {
  readonly port: number;
  release(): Promise<void>;
}

/** Uses the local end of an open connection: nothing listens there, and no other program can. */
export async function refusedPort(): Promise<RefusedPort> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
  const [[peer]] = (await Promise.all([once(server, 'connection'), once(socket, 'connect')])) as [[typeof socket], []];
  return {
    port: socket.localPort ?? 0,
    async release() {
      const closed = once(server, 'close');
      socket.destroy();
      peer.destroy();
      server.close();
      await closed;
    },
  };
}
