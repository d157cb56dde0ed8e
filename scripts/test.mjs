// npm test: everything, the quickest to fail first. --quick (npm run check): what takes under a minute, so without
// random runs, servers and browsers; --e2e (npm run test:e2e): builds and browsers alone.
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { buildCli, buildLibrary, buildPage } from './lib/build.mjs';
import { ensureChromium } from './lib/chromium.mjs';
import { ensureInstalled } from './lib/install.mjs';
import { readOptions } from './lib/options.mjs';
import { command, Complaint, inProject } from './lib/project.mjs';
import { run, runBin } from './lib/run.mjs';

/** How long Jest may take to end once it has reported. */
const MAX_EXIT_MS = 20_000;

const LINTED = ['lib', 'spec', 'examples', 'scripts'];

/** Each gives `[passed, failed]`; all of them run, whatever the earlier ones found. What has not changed is remembered. */
const CHECKS = [
  ['Types', () => check('typescript', 'tsc', ['--incremental', '--tsBuildInfoFile', cache('types')])],
  ['Lint', () => check('eslint', 'eslint', ['--max-warnings=0', ...caching('lint'), '.'])],
  ['Format', () => check('prettier', 'prettier', ['--check', '--log-level=warn', ...caching('format'), '.'])],
  ['Layers', () => check('dependency-cruiser', 'depcruise', ['--config', '.dependency-cruiser.cjs', ...LINTED])],
];

const SPECS = ['Specs', () => jest('unit', [])];

/** Those that need other parts than our own, go through very many parts, or try what chance gives them. */
const SLOW_SPECS = [
  'angular',
  'ceph',
  'compat/beside-official',
  'docs',
  'e2e',
  'engine/auto-width\\.',
  'examples/ngrx',
  'failures/row-1[01]',
  'node',
  'properties',
  'server',
  'small-worlds',
  'signing/official-sdk',
];
const QUICK_SPECS = ['Specs', () => jest('unit', ['--testPathIgnorePatterns', `spec/(${SLOW_SPECS.join('|')})`])];

/**
 * zone.js replaces methods of Node's own prototypes (EventTarget's, say), which all files that a Jest process runs
 * share: what loads it has a process to itself.
 */
const ZONE_SPEC = 'spec/angular/zone\\.spec';

const SLOW = [
  ['Zone.js', () => jest('zone', ['--testPathIgnorePatterns=/node_modules/', '--runInBand', ZONE_SPEC])],
  [
    'Builds',
    async () => {
      await buildLibrary({ force: true });
      await buildPage();
      await buildCli();
      return [1, 0];
    },
  ],
  ['Size', () => check('size-limit', 'size-limit', [])],
  ['Docs', () => script('docs')],
  [
    'End to end',
    async () => {
      const env = { ...process.env, CHROMIUM_PATH: await ensureChromium() };
      return jest('e2e', ['--config', 'jest.e2e.config.js', '--runInBand'], env);
    },
  ],
];

await command(async (args) => {
  const options = readOptions(args, { quick: { type: 'boolean' }, e2e: { type: 'boolean' } }, 'Usage: npm test');
  await ensureInstalled();
  const lanes = options.quick ? [CHECKS, [QUICK_SPECS]] : options.e2e ? [] : [CHECKS, [SPECS]];
  const results = (await Promise.all(lanes.map(inTurn))).flat();
  if (!options.quick) results.push(...(await inTurn(SLOW)));
  const passed = results.reduce((sum, [good]) => sum + good, 0);
  const failed = results.reduce((sum, [, bad]) => sum + bad, 0);
  process.stdout.write(`\n${passed} passed, ${failed} failed\n`);
  return failed === 0 ? 0 : 1;
});

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

async function script(name) {
  const { code } = await run(process.execPath, [inProject('scripts', `${name}.mjs`)]);
  return code === 0 ? [1, 0] : [0, 1];
}

function cache(name) {
  return inProject('build', 'cache', name);
}

function caching(name) {
  return ['--cache', '--cache-strategy=content', `--cache-location=${cache(name)}`];
}

/**
 * Counts the tests that Jest reports. A file that did not even run, no report at all, and specs that leave something
 * behind, so that Jest does not end, are failures too.
 */
async function jest(name, args, env) {
  const report = inProject('build', `report-${name}.json`);
  mkdirSync(inProject('build'), { recursive: true });
  rmSync(report, { force: true });
  const hung = new AbortController();
  const watch = setInterval(() => {
    if (!existsSync(report)) return;
    clearInterval(watch);
    setTimeout(() => hung.abort(), MAX_EXIT_MS).unref();
  }, 500);
  const full = [...args, '--json', `--outputFile=${report}`];
  const { code } = await runBin('jest', 'jest', full, { env, signal: hung.signal });
  clearInterval(watch);
  if (!existsSync(report)) return [0, 1];
  const { numPassedTests, numFailedTests, numRuntimeErrorTestSuites, success } = JSON.parse(
    readFileSync(report, 'utf8'),
  );
  const bad = numFailedTests + numRuntimeErrorTestSuites;
  return [numPassedTests, success && code === 0 ? bad : Math.max(bad, 1)];
}
