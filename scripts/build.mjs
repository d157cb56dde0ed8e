// npm run build: the library to dist/, whether or not it is newer than its sources.
import { buildLibrary } from './lib/build.mjs';
import { ensureInstalled } from './lib/install.mjs';
import { command } from './lib/project.mjs';

await command(async () => {
  await ensureInstalled();
  await buildLibrary({ force: true });
});
