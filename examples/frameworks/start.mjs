// node examples/frameworks/start.mjs: the pages of all frameworks and a local OBS (PORT, else 8644).
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { bundleForNode } from '../../scripts/lib/build.mjs';
import { ensureInstalled } from '../../scripts/lib/install.mjs';
import { readPort } from '../../scripts/lib/options.mjs';
import { command, Complaint, inProject } from '../../scripts/lib/project.mjs';

await command(async () => {
  const port = readPort(process.env.PORT ?? '8644');
  await ensureInstalled();
  const { buildFrameworks } = await import('./build.mjs');
  const assets = await buildFrameworks();
  await bundleForNode('examples/frameworks/server.ts', 'frameworks-server.mjs');
  const { createObsHandler } = await import('rx-obs-upload/server');
  const { createFrameworksHandler } = await import('../../build/frameworks-server.mjs');
  const credentials = { accessKeyId: 'local', secretAccessKey: randomBytes(20).toString('hex') };
  const directory = inProject('.obs', 'frameworks');
  const obs = createObsHandler({ directory, credentials, buckets: ['uploads'] });
  await obs.ready;
  const server = createServer(createFrameworksHandler({ assets, credentials, obs }));
  server.on('checkContinue', obs.checkContinue);
  await once(server.listen(port, '127.0.0.1'), 'listening').catch((error) => {
    throw new Complaint(`The port ${port} cannot be used (${error.code}): name another one in PORT.`);
  });
  const pages = [
    'react',
    'vue',
    'svelte',
    'plain',
    'in-a-service-worker',
    'angular-recipes',
    'ngrx-effects',
    'ngrx-signals',
  ];
  for (const page of pages) process.stdout.write(`  http://localhost:${server.address().port}/${page}.html\n`);
});
