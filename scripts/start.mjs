// npm start: the example pages and a local OBS to upload to, on one port.
import { once } from 'node:events';
import { resolve } from 'node:path';
import { buildPage } from './lib/build.mjs';
import { ensureInstalled } from './lib/install.mjs';
import { startLocalObs } from './lib/local-obs.mjs';
import { DEFAULT_DIRECTORY, DEFAULT_PORT, readOptions, readPort } from './lib/options.mjs';
import { command, inProject } from './lib/project.mjs';

const USAGE = 'Usage: npm start -- [--port N] [--directory D] [--signing-server]';
const HELP = `${USAGE}

Starts the example pages and a local OBS to upload to, all on this machine alone.

  --port N          where to listen; 0 takes a free port (default ${DEFAULT_PORT})
  --directory D     where objects and parts are stored (default ${DEFAULT_DIRECTORY} in the project)
  --signing-server  sign for the pages, so that no key reaches the browser
`;

const OPTIONS = { port: { type: 'string' }, directory: { type: 'string' }, 'signing-server': { type: 'boolean' } };

await command(async (args) => {
  const options = readOptions(args, OPTIONS, USAGE);
  if (options.help) return void process.stdout.write(HELP);
  const port = readPort(options.port);
  // npm changes to the project's folder; a relative path is meant from where the command was typed.
  const from = process.env.INIT_CWD ?? process.cwd();
  const directory = options.directory === undefined ? inProject(DEFAULT_DIRECTORY) : resolve(from, options.directory);

  await ensureInstalled();
  await buildPage();
  const obs = await startLocalObs({ port, directory, signs: options['signing-server'] === true });
  process.stdout.write(
    `\n  Page     http://localhost:${obs.port}/\n` +
      `  Recorder http://localhost:${obs.port}/_recorder/\n` +
      `  Objects  ${obs.folder}\n` +
      `  OBS      http://127.0.0.1:${obs.port}, bucket ${obs.bucket}, ` +
      `keys ${obs.credentials.accessKeyId} / ${obs.credentials.secretAccessKey}\n\n` +
      '  Ctrl-C stops it.\n',
  );
  await Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')]);
  await obs.close();
  process.stdout.write('\n');
});
