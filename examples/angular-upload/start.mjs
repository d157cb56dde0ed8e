// node examples/angular-upload/start.mjs: the application, a signing server and a local OBS (PORT, else 8643).
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { bundleForNode } from '../../scripts/lib/build.mjs';
import { ensureInstalled } from '../../scripts/lib/install.mjs';
import { readPort } from '../../scripts/lib/options.mjs';
import { command, Complaint, inProject } from '../../scripts/lib/project.mjs';
import { buildAngularApp } from './build.mjs';

const BUCKET = 'uploads';
const DIRECTORY = inProject('.obs', 'angular');

await command(async () => {
  const port = readPort(process.env.PORT ?? '8643');
  await ensureInstalled();
  process.stdout.write('Building the application; the first time Angular is installed for it ...\n');
  const assets = await buildAngularApp();
  await bundleForNode('examples/angular-upload/server.ts', 'angular-server.mjs');
  // This folder is a package of its own, which has no library installed.
  const { createObsServer } = await import('../../dist/esm/server/index.js');
  const { createAppHandler } = await import('../../build/angular-server.mjs');
  const credentials = { accessKeyId: 'local', secretAccessKey: randomBytes(20).toString('hex') };
  const obs = await createObsServer({ directory: DIRECTORY, port: 0, credentials, buckets: [BUCKET] });
  const server = createServer(createAppHandler({ assets, store: obs.url, bucket: BUCKET, credentials }));
  await once(server.listen(port, '127.0.0.1'), 'listening').catch((error) => {
    throw new Complaint(`The port ${port} cannot be used (${error.code}): name another one in PORT.`);
  });
  process.stdout.write(`\n  Page  http://localhost:${server.address().port}/\n`);
});
