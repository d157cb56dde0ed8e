// npm run upload -- FILE: the terminal example, against a local OBS unless OBS_SERVER names another store.
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { buildCli, buildPage } from './lib/build.mjs';
import { ensureInstalled } from './lib/install.mjs';
import { findLocalObs, startLocalObs } from './lib/local-obs.mjs';
import { DEFAULT_DIRECTORY, DEFAULT_PORT, readPort } from './lib/options.mjs';
import { command, Complaint, inProject } from './lib/project.mjs';

const HELP = `
Without OBS_SERVER the file goes to the local OBS, which is started if it is not running:

  --port N           where it listens (default ${DEFAULT_PORT})
  --directory D      where it keeps objects and parts (default ${DEFAULT_DIRECTORY} in the project)
`;

await command(async (args) => {
  const { rest, port, directory, help } = takeOwnOptions(args);
  await ensureInstalled();
  await buildCli();
  const { main } = await import('../build/node-cli.mjs');
  // npm changes to the project's folder; a relative path is meant from where the command was typed.
  process.chdir(process.env.INIT_CWD ?? process.cwd());
  const withDefaults = ['--checkpoints', inProject(DEFAULT_DIRECTORY, 'checkpoints'), ...rest];
  if (process.env.OBS_SERVER) return main(withDefaults, process.env);
  if (help) {
    await main(withDefaults, process.env);
    return void process.stdout.write(HELP);
  }
  const obs = await localObs(readPort(port), resolve(directory ?? inProject(DEFAULT_DIRECTORY)));
  try {
    return await main(withDefaults, {
      ...process.env,
      OBS_SERVER: `http://127.0.0.1:${obs.port}`,
      OBS_BUCKET: obs.bucket,
      OBS_ACCESS_KEY_ID: obs.credentials.accessKeyId,
      OBS_SECRET_ACCESS_KEY: obs.credentials.secretAccessKey,
      OBS_SECURITY_TOKEN: '',
    });
  } finally {
    await obs.close?.();
  }
});

async function localObs(port, directory) {
  const running = await findLocalObs(port);
  if (running !== null) return running;
  await buildPage();
  return startLocalObs({ port, directory });
}

/** Everything but `--port` and `--directory` is for the example to read. */
function takeOwnOptions(args) {
  const own = { port: { type: 'string' }, directory: { type: 'string' } };
  const { tokens } = parseArgs({ args, options: own, strict: false, tokens: true });
  const rest = [...args];
  const taken = {};
  for (const { kind, name, value, index, inlineValue } of tokens) {
    if (kind !== 'option' || !Object.hasOwn(own, name)) continue;
    if (value === undefined) throw new Complaint(`--${name} needs a value.`);
    taken[name] = value;
    rest.fill(null, index, inlineValue ? index + 1 : index + 2);
  }
  return {
    port: taken.port,
    directory: taken.directory,
    rest: rest.filter((argument) => argument !== null),
    help: tokens.some(({ kind, name, rawName }) => kind === 'option' && (name === 'help' || rawName === '-h')),
  };
}
