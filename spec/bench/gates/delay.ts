import { createServer, connect, type AddressInfo, type Socket } from 'node:net';

/** A port behind which another one is far away. */
export interface DelayedPort {
  readonly port: number;
  close(): void;
}

/** How much of a connection may be on its way in one direction: enough for 200 ms at 2 Gbit/s. */
const MAX_BYTES_ON_THE_WAY = 50_000_000;

/** Forwards connections, and each byte so much later in either direction: TLS and all take their round trips. */
export async function delayedPort(target: number, delayMs: number): Promise<DelayedPort> {
  const sockets = new Set<Socket>();
  const server = createServer({ noDelay: true }, (near) => {
    const far = connect({ port: target, host: '127.0.0.1', noDelay: true });
    for (const socket of [near, far]) {
      sockets.add(socket);
      socket.on('close', () => sockets.delete(socket));
      // The other end is destroyed when this one closes.
      socket.on('error', () => undefined);
    }
    forwardLater(near, far, delayMs);
    forwardLater(far, near, delayMs);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    close() {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}

function forwardLater(from: Socket, to: Socket, delayMs: number): void {
  let onTheWay = 0;
  from.on('data', (bytes: Buffer) => {
    onTheWay += bytes.length;
    if (onTheWay > MAX_BYTES_ON_THE_WAY) from.pause();
    setTimeout(() => {
      const sent = (): void => {
        onTheWay -= bytes.length;
        if (from.isPaused() && onTheWay <= MAX_BYTES_ON_THE_WAY) from.resume();
      };
      to.write(bytes, sent);
    }, delayMs);
  });
  from.on('end', () => setTimeout(() => to.end(), delayMs));
  from.on('close', (hadError) => setTimeout(() => (hadError ? to.destroy() : to.end()), delayMs));
}
