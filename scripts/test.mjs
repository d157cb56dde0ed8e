// npm test: checks, specs, builds, and the example page in Chromium. --quick (npm run check): checks and unit specs, under
// a minute. --e2e (npm run test:e2e): builds, and the specs of spec/e2e, or those whose path matches --only.
import { buildCli, buildLibrary, buildPage } from './lib/build.mjs';
import { ensureChromium } from './lib/chromium.mjs';
import { ensureInstalled } from './lib/install.mjs';
import { readOptions } from './lib/options.mjs';
import { command, Complaint, inProject } from './lib/project.mjs';
import { runJest } from './lib/jest.mjs';
import { runBin } from './lib/run.mjs';

/** Each gives `[passed, failed]`; all of them run, whatever the earlier ones found. */
const CHECKS = [
  ['Types, lint', () => check('oxlint', 'oxlint', ['--deny-warnings', '.'])],
  ['Format', () => check('oxfmt', 'oxfmt', ['--check', '.'])],
  ['Layers', () => check('dependency-cruiser', 'depcruise', ['--config', '.dependency-cruiser.cjs', 'lib'])],
];

/** Takes as long as all the others together, since it needs the compiler. */
const LINT_RXJS = [
  'Lint RxJS',
  () => {
    const location = inProject('build', 'cache', 'lint');
    const cached = ['--cache', '--cache-strategy=content', `--cache-location=${location}`];
    return check('eslint', 'eslint', ['--max-warnings=0', ...cached, '.']);
  },
];

const SPECS = ['Specs', () => jest('specs')];
/** One module each, in memory. */
const UNIT_SPECS = ['Unit specs', () => jest('specs', { args: ['spec/unit'] })];

function builds(options) {
  return [
    'Builds',
    async () => {
      await buildLibrary(options);
      await buildPage();
      await buildCli();
      return [1, 0];
    },
  ];
}

/** Without `extended` and `engines`, which CI runs as well. */
const PAGE_SPECS = 'spec/e2e/[^/]+$';

function browserSpecs(pattern) {
  return [
    'Browsers',
    async () => {
      const env = { ...process.env, CHROMIUM_PATH: await ensureChromium() };
      return jest('e2e', { args: [pattern], env });
    },
  ];
}

/** Of what is built. */
const AFTER_BUILDS = [
  [browserSpecs(PAGE_SPECS)],
  [
    ['Zone.js', () => jest('zone')],
    ['Size', () => check('size-limit', 'size-limit', [])],
  ],
];

const USAGE = 'Usage: npm test; npm run check; npm run test:e2e -- [--only PATTERN]';

await command(async (args) => {
  const known = { quick: { type: 'boolean' }, e2e: { type: 'boolean' }, only: { type: 'string' } };
  const { quick, e2e, only = '' } = readOptions(args, known, USAGE);
  await ensureInstalled();
  const results = e2e
    ? await inTurn([builds(), browserSpecs(only)])
    : await sideBySide(quick ? [CHECKS, [UNIT_SPECS]] : [[...CHECKS, LINT_RXJS], [SPECS]]);
  if (!quick && !e2e) {
    results.push(...(await inTurn([builds({ force: true })])));
    results.push(...(await sideBySide(AFTER_BUILDS)));
  }
  const passed = results.reduce((sum, [good]) => sum + good, 0);
  const failed = results.reduce((sum, [, bad]) => sum + bad, 0);
  process.stdout.write(`\n${passed} passed, ${failed} failed\n`);
  return failed === 0 ? 0 : 1;
});

async function sideBySide(lanes) {
  return (await Promise.all(lanes.map(inTurn))).flat();
}

async function inTurn(stages) {
  const results = [];
  for (const [name, stage] of stages) {
    process.stdout.write(`\n== ${name}\n`);
    results.push(await outcome(stage));
  }
  return results;
}

async function outcome(stage) {
  try {
    return await stage();
  } catch (error) {
    process.stdout.write(`${error instanceof Complaint ? error.message : error.stack}\n`);
    return [0, 1];
  }
}

/** Beside the specs, so what it says comes in one piece. */
async function check(packageName, bin, args) {
  const { code, output } = await runBin(packageName, bin, args, { quiet: true });
  if (code === 0) return [1, 0];
  process.stdout.write(`\n== ${packageName} complains\n${output}`);
  return [0, 1];
}

/** Counts the tests that Jest reports; a file that did not even run and no report at all are failures too. */
async function jest(project, options) {
  const { report, succeeded } = await runJest(project, options);
  if (report === null) return [0, 1];
  const bad = report.numFailedTests + report.numRuntimeErrorTestSuites;
  return [report.numPassedTests, succeeded ? bad : Math.max(bad, 1)];
}
