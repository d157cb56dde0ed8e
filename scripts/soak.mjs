// npm run test:soak -- --runs N [--seed S]: the random faults, cancels and resumes of npm test, as many as you like.
import { ensureInstalled } from './lib/install.mjs';
import { readOptions } from './lib/options.mjs';
import { command, Complaint } from './lib/project.mjs';
import { runBin } from './lib/run.mjs';

const USAGE = 'Usage: npm run test:soak -- [--runs N] [--seed S]';

await command(async (args) => {
  const options = readOptions(args, { runs: { type: 'string' }, seed: { type: 'string' } }, USAGE);
  if (options.help) return void process.stdout.write(`${USAGE}\n`);
  const numbers = {
    PROPERTY_RUNS: options.runs ?? '20000',
    PROPERTY_SEED: options.seed ?? String(Date.now() % 2 ** 31),
  };
  for (const value of Object.values(numbers)) {
    if (!/^\d+$/.test(value)) throw new Complaint(USAGE);
  }
  await ensureInstalled();
  const { code } = await runBin('jest', 'jest', ['spec/properties'], { env: { ...process.env, ...numbers } });
  return code;
});
