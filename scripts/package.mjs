// npm run test:package: packs the library and tries the package as those do who install it.
import { availableParallelism } from 'node:os';
import { atMost } from './lib/at-most.mjs';
import { buildLibrary } from './lib/build.mjs';
import { ensureInstalled } from './lib/install.mjs';
import { command, inProject } from './lib/project.mjs';

await command(async () => {
  await ensureInstalled();
  await buildLibrary();
  // Loaded late: on a fresh clone what these need is installed only now.
  const { packageChecks } = await import('./lib/package/checks.mjs');
  const { packLibrary } = await import('./lib/package/pack.mjs');
  const { withConsumer } = await import('./lib/package/consumer.mjs');
  const tarball = await packLibrary();
  return withConsumer(inProject('spec/package/consumer'), tarball, async (consumer) => {
    const results = await atMost(availableParallelism(), packageChecks(consumer, tarball), timed);
    report(results);
    return results.every(({ problems }) => problems.length === 0) ? 0 : 1;
  });
});

async function timed({ name, check }) {
  const began = performance.now();
  const problems = await check().catch((error) => [error.stack]);
  return { name, problems, seconds: (performance.now() - began) / 1000 };
}

function report(results) {
  const width = Math.max(...results.map(({ name }) => name.length));
  for (const { name, problems, seconds } of results) {
    const outcome = problems.length === 0 ? 'passed' : 'FAILED';
    process.stdout.write(`${name.padEnd(width)}  ${outcome}  ${seconds.toFixed(1).padStart(5)} s\n`);
    for (const problem of problems) process.stdout.write(`    ${problem.replaceAll('\n', '\n    ')}\n`);
  }
  const failed = results.filter(({ problems }) => problems.length > 0).length;
  process.stdout.write(`${results.length - failed} passed, ${failed} failed\n`);
}
