// node examples/obs-callbacks/start.mjs: this page and a local OBS to upload to, on one port (PORT, else 8643).
import { join } from 'node:path';
import { buildPage } from '../../scripts/lib/build.mjs';
import { ensureInstalled } from '../../scripts/lib/install.mjs';
import { command, inProject } from '../../scripts/lib/project.mjs';
import { makeCredentials, portOr, startServer } from '../start-server.mjs';
import { buildCallbacksPage } from './build.mjs';

const BUCKET = 'uploads';
const DIRECTORY = join('.obs', 'callbacks');

await command(async () => {
  const port = portOr(8643);
  await ensureInstalled();
  await buildPage();
  const assets = inProject('build', 'obs-callbacks');
  await buildCallbacksPage(assets);
  const { createObsHandler } = await import('rx-obs-upload/server');
  const { createPageHandler } = await import('../../build/page-server.mjs');
  const credentials = makeCredentials();
  const obs = createObsHandler({ directory: inProject(DIRECTORY), credentials, buckets: [BUCKET] });
  await obs.ready;
  const folder = join(DIRECTORY, 'objects', BUCKET);
  const handler = createPageHandler({ assets, bucket: BUCKET, folder, credentials, obs });
  const url = `http://localhost:${await startServer(port, handler, obs.checkContinue)}/`;
  process.stdout.write(`\n  Page     ${url}\n  Objects  ${folder}\n`);
});
