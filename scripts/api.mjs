// npm run api: writes the reports of what each entry offers, etc/*.api.md. npm run test:package compares them.
import { buildLibrary } from './lib/build.mjs';
import { ensureInstalled } from './lib/install.mjs';
import { command } from './lib/project.mjs';

await command(async () => {
  await ensureInstalled();
  await buildLibrary();
  const { checkApi } = await import('./lib/api.mjs');
  const { problems, written } = checkApi({ write: true });
  for (const file of written) process.stdout.write(`${file} is new: look at the change\n`);
  for (const problem of problems) process.stderr.write(`${problem}\n`);
  return problems.length === 0 ? 0 : 1;
});
