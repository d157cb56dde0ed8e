import { buildSync } from 'esbuild';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { keys } from './client.js';

/** A local OBS in a separate process. */
export interface ChildServer {
  readonly port: number;
  /** Resident memory of the process in bytes. */
  memory(): Promise<number>;
  /** Ends the process as a power cut would. */
  kill(): Promise<void>;
}

const program = `
  import { createObsServer } from './lib/server/index.js';
  const server = await createObsServer({ directory: process.argv[2], port: 0, credentials: ${JSON.stringify(keys)} });
  process.on('message', () => process.send(process.memoryUsage().rss));
  console.log(server.port);
`;

/** Builds the server into a directory, once per spec file. */
export function buildServer(directory: string): string {
  const outfile = join(directory, 'server.mjs');
  buildSync({
    stdin: { contents: program, resolveDir: join(__dirname, '..', '..', '..'), loader: 'ts' },
    bundle: true,
    platform: 'node',
    format: 'esm',
    outfile,
    banner: { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);" },
    logLevel: 'error',
  });
  return outfile;
}

/** @param maxFileBytes - the maximum size of a file, which simulates a full disk */
export async function startChild(script: string, directory: string, maxFileBytes?: number): Promise<ChildServer> {
  // The shell's unit is 512 bytes (POSIX).
  const limit = maxFileBytes === undefined ? '' : `ulimit -f ${maxFileBytes / 512}; `;
  const child = spawn('sh', ['-c', `${limit}exec "$0" "$@"`, process.execPath, script, directory], {
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
  });
  const port = await firstLine(child);
  return {
    port: Number(port),
    async memory() {
      child.send('memory');
      const [rss] = (await once(child, 'message')) as [number];
      return rss;
    },
    async kill() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const exit = once(child, 'exit');
      child.kill('SIGKILL');
      await exit;
    },
  };
}

async function firstLine(child: ChildProcess): Promise<string> {
  if (child.stdout === null) throw new Error('no output');
  for await (const line of createInterface(child.stdout)) return line;
  throw new Error('The child ended without a word.');
}
