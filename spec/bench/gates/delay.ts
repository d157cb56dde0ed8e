import { createServer, connect, type AddressInfo, type Socket } from 'node:net';

/** A port that forwards to another one with a delay. */
export interface DelayedPort {
  readonly port: number;
  close(): void;
}

/** How many bytes of a connection may be in flight in one direction: enough for 200 ms at 2 Gbit/s. */
const MAX_BYTES_IN_FLIGHT = 50_000_000;

/** Forwards connections, delaying each byte in both directions: all protocols, even TLS, take their round trips. */
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
  let inFlight = 0;
  from.on('data', (bytes: Buffer) => {
    inFlight += bytes.length;
    if (inFlight > MAX_BYTES_IN_FLIGHT) from.pause();
    setTimeout(() => {
      const sent = (): void => {
        inFlight -= bytes.length;
        if (from.isPaused() && inFlight <= MAX_BYTES_IN_FLIGHT) from.resume();
      };
      to.write(bytes, sent);
    }, delayMs);
  });
  from.on('end', () => setTimeout(() => to.end(), delayMs));
  from.on('close', (hadError) => setTimeout(() => (hadError ? to.destroy() : to.end()), delayMs));
}
