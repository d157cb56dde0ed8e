import { createServer } from 'node:net';

/** Systems assign ports from 32,768 up by themselves: a lower one is not taken before the program that it is for. */
const FIRST = 20_000;
const COUNT = 12_000;

let attempts = 0;

/** An unused port of this machine, for a program that cannot pick a free one by itself. */
export async function freePort(): Promise<number> {
  for (;;) {
    // Offset by the process id, so that concurrent runs try different ports.
    const port = FIRST + ((process.pid * 16 + attempts++) % COUNT);
    if (await isFree(port)) return port;
  }
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer()
      .once('error', () => resolve(false))
      .listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}
