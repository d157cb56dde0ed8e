import { fork } from 'node:child_process';
import { once } from 'node:events';
import type { Line, Traffic } from '../line.js';
import type { Order } from './main.js';

export interface NullServer {
  readonly port: number;
  /** Counts from here on, on this line. */
  begin(line: Line): Promise<void>;
  traffic(): Promise<Traffic>;
  close(): void;
}

/** Starts the null server: a process that discards what it is sent. */
export async function startNullServer(script: string, pages: string): Promise<NullServer> {
  const child = fork(script, [pages]);
  const said = async (): Promise<unknown> => ((await once(child, 'message')) as unknown[])[0];
  const ask = (order: Order): Promise<unknown> => {
    const answer = said();
    child.send(order);
    return answer;
  };
  const { port } = (await said()) as { readonly port: number };
  return {
    port,
    async begin(line) {
      await ask({ type: 'begin', line });
    },
    traffic: async () => (await ask({ type: 'report' })) as Traffic,
    close: () => void child.kill(),
  };
}
