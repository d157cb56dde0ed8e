// npm run test:browsers: the specs of spec/e2e that are about engines, in all of them, and a table of the results.
// `-- --only firefox,node` takes some. An engine that is not there has failed.
import { atMost } from './lib/at-most.mjs';
import { buildPage } from './lib/build.mjs';
import { ensureInstalled } from './lib/install.mjs';
import { ENGINES } from './lib/engines.mjs';
import { readOptions } from './lib/options.mjs';
import { runJest } from './lib/jest.mjs';
import { command, Complaint } from './lib/project.mjs';

const USAGE = `Usage: npm run test:browsers -- [--only ${Object.keys(ENGINES).join(',')}]`;
/** More than there are cores: most of the time they wait. */
const AT_ONCE = 4;
const SPECS = 'spec/e2e/engines';
/** Node has neither pages nor workers. */
const NODE_SPECS = ['uploads', 'faults'].map((name) => `${SPECS}/${name}`);

await command(async (args) => {
  const { only } = readOptions(args, { only: { type: 'string' } }, USAGE);
  const names = only?.split(',') ?? Object.keys(ENGINES);
  const unknown = names.find((name) => !Object.hasOwn(ENGINES, name));
  if (unknown !== undefined) throw new Complaint(`There is no engine "${unknown}". ${USAGE}`);
  await ensureInstalled();
  await buildPage();
  const engines = [];
  const missing = [];
  // One after the other: of packages only one is installed at a time.
  for (const name of names) {
    try {
      engines.push({ name, paths: await ENGINES[name]() });
    } catch (error) {
      if (!(error instanceof Complaint)) throw error;
      missing.push({ name, complaint: error.message });
    }
  }
  const results = (await atMost(AT_ONCE, engines, run)).flat();
  process.stdout.write(tableOf(results));
  for (const { name, complaint } of missing) process.stdout.write(`FAILED  ${name}: ${complaint}\n`);
  const failed = results.filter(({ passed }) => !passed);
  for (const { host, title } of failed) process.stdout.write(`FAILED  ${host}: ${title}\n`);
  process.stdout.write(`${results.length - failed.length} passed, ${failed.length + missing.length} failed\n`);
  return failed.length + missing.length === 0 ? 0 : 1;
});

/** What came of each spec in one engine. */
async function run({ name, paths }) {
  const specs = name === 'node' ? NODE_SPECS : [SPECS];
  const env = { ...process.env, CHROMIUM_PATH: paths.chromium, ENGINES: JSON.stringify(paths) };
  const { report, succeeded, output } = await runJest('e2e', {
    name: `browsers-${name}`,
    args: specs,
    inTurn: true,
    quiet: true,
    env,
  });
  if (!succeeded) process.stdout.write(`\n== ${name}\n${output}`);
  const results = resultsOf(report);
  const isReported = succeeded || results.some(({ passed }) => !passed);
  return isReported ? results : [...results, { host: name, scenario: 'the run', title: 'the run', passed: false }];
}

function resultsOf(report) {
  return (report?.testResults ?? []).flatMap(({ assertionResults, message }) => {
    if (assertionResults.length === 0) {
      return [{ host: 'no engine', scenario: 'the run', title: message.trim(), passed: false }];
    }
    return assertionResults.map(({ ancestorTitles: [host, ...scenario], title, status }) => ({
      host,
      scenario: scenario[0] ?? title,
      title: [...scenario, title].join(', '),
      passed: status === 'passed',
    }));
  });
}

/** Engines by scenarios: how many specs passed; "-" where there is none. */
function tableOf(results) {
  const hosts = [...new Set(results.map(({ host }) => host))];
  const scenarios = [...new Set(results.map(({ scenario }) => scenario))].sort((a, b) =>
    a.localeCompare(b, 'en', { numeric: true }),
  );
  const rows = hosts.map((host) => [
    host,
    ...scenarios.map((scenario) => cellOf(results.filter((each) => each.host === host && each.scenario === scenario))),
  ]);
  const table = [['', ...scenarios], ...rows];
  const widths = table[0].map((_, column) => Math.max(...table.map((row) => row[column].length)));
  const lines = table.map((row) => row.map((cell, i) => cell.padEnd(widths[i])).join('  '));
  return `\n${lines.map((line) => line.trimEnd()).join('\n')}\n\n`;
}

function cellOf(results) {
  if (results.length === 0) return '-';
  const failed = results.filter(({ passed }) => !passed).length;
  return failed === 0 ? `passed ${results.length}` : `FAILED ${failed} of ${results.length}`;
}
