// node examples/frameworks/start.mjs: the pages of all frameworks and a local OBS (PORT, else 8644).
import { bundleForNode } from '../../scripts/lib/build.mjs';
import { ensureInstalled } from '../../scripts/lib/install.mjs';
import { command, inProject } from '../../scripts/lib/project.mjs';
import { makeCredentials, portOr, startServer } from '../start-server.mjs';

await command(async () => {
  const port = portOr(8644);
  await ensureInstalled();
  const { buildFrameworks } = await import('./build.mjs');
  const assets = await buildFrameworks();
  await bundleForNode('examples/frameworks/server.ts', 'frameworks-server.mjs');
  const { createObsHandler } = await import('rx-obs-upload/server');
  const { createFrameworksHandler } = await import('../../build/frameworks-server.mjs');
  const credentials = makeCredentials();
  const directory = inProject('.obs', 'frameworks');
  const obs = createObsHandler({ directory, credentials, buckets: ['uploads'] });
  await obs.ready;
  const handler = createFrameworksHandler({ assets, credentials, obs });
  const url = `http://localhost:${await startServer(port, handler, obs.checkContinue)}/`;
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
  for (const page of pages) process.stdout.write(`  ${url}${page}.html\n`);
});
