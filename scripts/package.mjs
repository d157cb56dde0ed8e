// npm run test:package: packs the library and tries the package as those do who install it.
import { availableParallelism } from 'node:os';
import { buildLibrary } from './lib/build.mjs';
import { ensureInstalled } from './lib/install.mjs';
import { command } from './lib/project.mjs';

await command(async () => {
  await ensureInstalled();
  await buildLibrary();
  // Loaded late: on a fresh clone what these need is installed only now.
  const { packageChecks } = await import('./lib/package/checks.mjs');
  const { packLibrary } = await import('./lib/package/pack.mjs');
  const { withConsumer } = await import('./lib/package/consumer.mjs');
  const tarball = await packLibrary();
  return withConsumer(tarball, async (consumer) => {
    const results = await inTurns(packageChecks(consumer, tarball));
    tell(results);
    return results.every(({ problems }) => problems.length === 0) ? 0 : 1;
  });
});

/** As many at once as there are cores; results in the order of the checks. */
async function inTurns(checks) {
  const results = [];
  const queue = checks.entries();
  const work = async () => {
    for (const [i, { name, check }] of queue) {
      const began = performance.now();
      const problems = await check().catch((error) => [error.stack]);
      results[i] = { name, problems, seconds: (performance.now() - began) / 1000 };
    }
  };
  await Promise.all(Array.from({ length: availableParallelism() }, work));
  return results;
}

function tell(results) {
  const width = Math.max(...results.map(({ name }) => name.length));
  for (const { name, problems, seconds } of results) {
    const outcome = problems.length === 0 ? 'passed' : 'FAILED';
    process.stdout.write(`${name.padEnd(width)}  ${outcome}  ${seconds.toFixed(1).padStart(5)} s\n`);
    for (const problem of problems) process.stdout.write(`    ${problem.replaceAll('\n', '\n    ')}\n`);
  }
  const failed = results.filter(({ problems }) => problems.length > 0).length;
  process.stdout.write(`${results.length - failed} passed, ${failed} failed\n`);
}
