import { createServer } from 'node:net';

/** Systems give out ports from 32,768 on by themselves: below, nobody gets one before the program that it is for. */
const FIRST = 20_000;
const COUNT = 12_000;

let asked = 0;

/** A port of this machine on which nobody listens, for a program that cannot take a free one by itself. */
export async function freePort(): Promise<number> {
  for (;;) {
    // By the process, so that runs at the same time look in different places.
    const port = FIRST + ((process.pid * 16 + asked++) % COUNT);
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
