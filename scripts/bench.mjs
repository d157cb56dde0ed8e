// npm run bench: uploads in headless Chromium against a server that discards them, this library beside others.
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildBench } from './lib/build-bench.mjs';
import { ensureChromium } from './lib/chromium.mjs';
import { ensureInstalled } from './lib/install.mjs';
import { readOptions } from './lib/options.mjs';
import { command, Complaint, inProject } from './lib/project.mjs';

const USAGE = `Usage: npm run bench -- [--quick] [--only ID,ID] [--rounds N] [--same-origin] [--profile] [--list]
  --quick        an eighth of the bytes, two rounds
  --only         these scenarios alone (--list names them)
  --rounds       how often each contestant runs (7)
  --same-origin  the store on the page's own origin: no preflights, so all else weighs more
  --profile      a CPU profile of each run to build/bench/profiles, and its hottest functions`;

const OPTIONS = {
  quick: { type: 'boolean' },
  only: { type: 'string' },
  rounds: { type: 'string' },
  'same-origin': { type: 'boolean' },
  profile: { type: 'boolean' },
  list: { type: 'boolean' },
};

await command(async (args) => {
  const options = readOptions(args, OPTIONS, USAGE);
  if (options.help) return void process.stdout.write(`${USAGE}\n`);
  if (process.platform !== 'linux') throw new Complaint('The bench reads /proc, so it runs on Linux alone.');
  const rounds = Number(options.rounds ?? (options.quick ? 2 : 7));
  if (!Number.isInteger(rounds) || rounds < 1) throw new Complaint(USAGE);

  await ensureInstalled();
  const built = await buildBench();
  const { hottest, runBench, scenarios, tableOf } = await import(built.runner);
  if (options.list) {
    for (const { id, title } of scenarios) process.stdout.write(`${id.padEnd(18)}${title}\n`);
    return;
  }
  const profiles = options.profile ? inProject('build', 'bench', 'profiles') : null;
  const result = await runBench({
    ...built,
    chromium: await ensureChromium(),
    scenarios: chosen(scenarios, options.only),
    rounds,
    share: options.quick ? 1 / 8 : 1,
    sameOrigin: options['same-origin'] === true,
    profiles,
    onScenario: (scenario) => process.stdout.write(`\n${tableOf(scenario)}\n`),
    say: (text) => process.stderr.write(`${text}\n`),
  });
  if (profiles !== null) tellProfiles(profiles, hottest);
  const report = inProject('build', 'bench.json');
  mkdirSync(inProject('build'), { recursive: true });
  writeFileSync(report, `${JSON.stringify(result, null, 2)}\n`);
  const { cpu, cores, memoryGb, system, node, browser } = result.machine;
  process.stdout.write(`\n${cpu}, ${cores} cores, ${memoryGb} GB, ${system}, ${browser}, Node ${node}\n`);
  process.stdout.write('The raw figures are in build/bench.json.\n');
});

function chosen(scenarios, only) {
  if (only === undefined) return scenarios;
  const ids = only.split(',');
  const unknown = ids.filter((id) => !scenarios.some((scenario) => scenario.id === id));
  if (unknown.length > 0) throw new Complaint(`There is no scenario ${unknown.join(', ')}; --list names them.`);
  return scenarios.filter(({ id }) => ids.includes(id));
}

function tellProfiles(folder, hottest) {
  for (const file of readdirSync(folder).filter((name) => name.endsWith('.cpuprofile'))) {
    const profile = JSON.parse(readFileSync(join(folder, file), 'utf8'));
    process.stdout.write(`\n${file}\n${hottest(profile).join('\n')}\n`);
  }
}
