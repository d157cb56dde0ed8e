import { once } from 'node:events';
import { connect, createServer, type AddressInfo } from 'node:net';

/** A port of this machine that refuses connections, and that nobody gets meanwhile. */
export interface RefusedPort {
  readonly port: number;
  release(): Promise<void>;
}

/** The near end of a connection that is open: nothing listens there, and no other program can. */
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
