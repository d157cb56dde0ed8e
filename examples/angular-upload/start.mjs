// node examples/angular-upload/start.mjs: the application, a signing server and a local OBS (PORT, else 8643).
import { bundleForNode } from '../../scripts/lib/build.mjs';
import { ensureInstalled } from '../../scripts/lib/install.mjs';
import { command, inProject } from '../../scripts/lib/project.mjs';
import { makeCredentials, portOr, startServer } from '../start-server.mjs';
import { buildAngularApp } from './build.mjs';

const BUCKET = 'uploads';
const DIRECTORY = inProject('.obs', 'angular');

await command(async () => {
  const port = portOr(8643);
  await ensureInstalled();
  process.stdout.write('Building the application; the first time Angular is installed for it ...\n');
  const assets = await buildAngularApp();
  await bundleForNode('examples/angular-upload/server.ts', 'angular-server.mjs');
  // This folder is a package of its own, which has no library installed.
  const { createObsServer } = await import('../../dist/esm/server/index.js');
  const { createAppHandler } = await import('../../build/angular-server.mjs');
  const credentials = makeCredentials();
  const obs = await createObsServer({ directory: DIRECTORY, port: 0, credentials, buckets: [BUCKET] });
  const handler = createAppHandler({ assets, store: obs.url, bucket: BUCKET, credentials });
  const url = `http://localhost:${await startServer(port, handler)}/`;
  process.stdout.write(`\n  Page  ${url}\n`);
});
