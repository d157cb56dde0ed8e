// node examples/obs-callbacks/start.mjs: this page and a local OBS to upload to, on one port (PORT, else 8643).
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { buildPage } from '../../scripts/lib/build.mjs';
import { ensureInstalled } from '../../scripts/lib/install.mjs';
import { readPort } from '../../scripts/lib/options.mjs';
import { command, Complaint, inProject } from '../../scripts/lib/project.mjs';
import { buildCallbacksPage } from './build.mjs';

const BUCKET = 'uploads';
const DIRECTORY = join('.obs', 'callbacks');

await command(async () => {
  const port = readPort(process.env.PORT ?? '8643');
  await ensureInstalled();
  await buildPage();
  const assets = inProject('build', 'obs-callbacks');
  await buildCallbacksPage(assets);
  const { createObsHandler } = await import('rx-obs-upload/server');
  const { createPageHandler } = await import('../../build/page-server.mjs');
  const credentials = { accessKeyId: 'local', secretAccessKey: randomBytes(20).toString('hex') };
  const obs = createObsHandler({ directory: inProject(DIRECTORY), credentials, buckets: [BUCKET] });
  await obs.ready;
  const folder = join(DIRECTORY, 'objects', BUCKET);
  const handler = createPageHandler({ assets, bucket: BUCKET, folder, credentials, obs });
  const server = createServer({ requestTimeout: 0 }, handler).on('checkContinue', obs.checkContinue);
  await once(server.listen(port, '127.0.0.1'), 'listening').catch((error) => {
    throw new Complaint(`The port ${port} cannot be used (${error.code}): name another one in PORT.`);
  });
  process.stdout.write(`\n  Page     http://localhost:${server.address().port}/\n  Objects  ${folder}\n`);
});
