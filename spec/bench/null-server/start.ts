import { fork } from 'node:child_process';
import { once } from 'node:events';
import type { Line, Traffic } from '../line.js';
import type { Order } from './main.js';

export interface NullServer {
  readonly port: number;
  /** Starts counting from zero, on this line. */
  begin(line: Line): Promise<void>;
  traffic(): Promise<Traffic>;
  close(): void;
}

/** Starts the null server: a process that discards everything it receives. */
export async function startNullServer(script: string, pages: string): Promise<NullServer> {
  const child = fork(script, [pages]);
  const nextMessage = async (): Promise<unknown> => ((await once(child, 'message')) as unknown[])[0];
  const send = (order: Order): Promise<unknown> => {
    const response = nextMessage();
    child.send(order);
    return response;
  };
  const { port } = (await nextMessage()) as { readonly port: number };
  return {
    port,
    async begin(line) {
      await send({ type: 'begin', line });
    },
    traffic: async () => (await send({ type: 'report' })) as Traffic,
    close: () => void child.kill(),
  };
}
