// npm run test:soak -- [--runs N] [--seed S] [--only random|worlds]: the random faults, cancels and resumes of npm test,
// as many as you like, and every three faults of its small worlds, which takes hours.
import { ensureInstalled } from './lib/install.mjs';
import { readOptions } from './lib/options.mjs';
import { command, Complaint } from './lib/project.mjs';
import { runBin } from './lib/run.mjs';

const USAGE = 'Usage: npm run test:soak -- [--runs N] [--seed S] [--only random|worlds]';

await command(async (args) => {
  const options = readOptions(
    args,
    { runs: { type: 'string' }, seed: { type: 'string' }, only: { type: 'string' } },
    USAGE,
  );
  if (options.help) return void process.stdout.write(`${USAGE}\n`);
  const numbers = {
    PROPERTY_RUNS: options.runs ?? '20000',
    PROPERTY_SEED: options.seed ?? String(Date.now() % 2 ** 31),
  };
  for (const value of Object.values(numbers)) {
    if (!/^\d+$/.test(value)) throw new Complaint(USAGE);
  }
  await ensureInstalled();
  const specs = { random: 'spec/properties/(?!small-worlds)', worlds: 'spec/properties/small-worlds' };
  if (options.only !== undefined && !(options.only in specs)) throw new Complaint(USAGE);
  const chosen = options.only === undefined ? Object.values(specs) : [specs[options.only]];
  const { code } = await runBin('jest', 'jest', chosen, { env: { ...process.env, ...numbers, SMALL_WORLDS: 'soak' } });
  return code;
});
