import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { createObsServer, type ObsServer } from './create-obs-server.js';

const BUCKET = 'media';
const USAGE = 'Usage: rx-obs-upload serve [--port N] [--directory D]';
const HELP = `${USAGE}

Starts a local OBS to upload to, on this machine alone. Ctrl-C ends it.

  --port N       where to listen; 0 takes a free port (default 8080)
  --directory D  where objects and parts are stored (default .obs)
  --help         shows this
`;

/** What a command needs of its process. */
export interface Terminal {
  readonly print: (text: string) => void;
  readonly printError: (text: string) => void;
  /** Resolves when the command is to end, as by Ctrl-C. Called once the server listens. */
  readonly interrupted: () => Promise<unknown>;
}

interface ServeOptions {
  readonly port: number;
  readonly directory: string;
}

/** A message for people. */
class UsageError extends Error {}

/** The command `rx-obs-upload`. @returns its exit code */
export async function serve(args: readonly string[], { print, printError, interrupted }: Terminal): Promise<number> {
  try {
    const options = readOptions(args);
    if (options === null) {
      print(HELP);
      return 0;
    }
    const server = await createObsServer({ ...options, buckets: [BUCKET] });
    print(welcome(server, options));
    await interrupted();
    await server.close();
    return 0;
  } catch (error) {
    const { message } = error as Error;
    printError(error instanceof UsageError ? `${message}\n${USAGE}\n` : `${message}\n`);
    return 1;
  }
}

/** null: help is asked for */
function readOptions(args: readonly string[]): ServeOptions | null {
  const { values, positionals } = parse(args);
  if (values.help === true) return null;
  if (positionals.length !== 1 || positionals[0] !== 'serve') throw new UsageError('The only command is serve.');
  const { port = '8080', directory = '.obs' } = values;
  if (!/^\d{1,5}$/.test(port) || Number(port) > 65_535) {
    throw new UsageError(`--port must be a whole number from 0 to 65535, not "${port}".`);
  }
  if (directory === '') throw new UsageError('--directory must name a directory.');
  return { port: Number(port), directory: resolve(directory) };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        port: { type: 'string' },
        directory: { type: 'string' },
        help: { type: 'boolean', short: 'h' },
      },
      allowPositionals: true,
    });
  } catch (error) {
    // Its first sentence names the option; the rest is advice for programmers.
    const [first = ''] = (error as Error).message.split(/\. |\n/);
    throw new UsageError(`${first.replace(/\.$/, '')}.`);
  }
}

function welcome({ url, credentials }: ObsServer, { directory }: ServeOptions): string {
  const { accessKeyId, secretAccessKey } = credentials;
  return `
  Server             ${url}
  Bucket             ${BUCKET}
  Access key         ${accessKeyId}
  Secret access key  ${secretAccessKey}
  Objects            ${join(directory, 'objects', BUCKET)}

  From a page of localhost, or from Node:

    const obs = createObsConnection({
      server: '${url}',
      addressing: 'path',
      credentials: { accessKeyId: '${accessKeyId}', secretAccessKey: '${secretAccessKey}' },
    });
    uploadFile$(obs, { bucket: '${BUCKET}', key: file.name, sourceFile: file }).subscribe(console.log);

  Ctrl-C ends it; the objects stay, the credentials do not.
`;
}
