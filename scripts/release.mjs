// npm run release: checks that what is here may be published; with --yes publishes it.
import { readFileSync } from 'node:fs';
import { buildLibrary } from './lib/build.mjs';
import { ensureInstalled } from './lib/install.mjs';
import { readOptions } from './lib/options.mjs';
import { packLibrary } from './lib/package/pack.mjs';
import { command, Complaint, inProject } from './lib/project.mjs';
import { run, runNpm } from './lib/run.mjs';

const USAGE = 'Usage: npm run release -- [--yes]';
const HELP = `${USAGE}

Checks the tree, the changelog and the tag, runs all tests, packs, and says what would be published.

  --yes  publishes it, with provenance: in a CI job that may ask for an identity token
`;

await command(async (args) => {
  const options = readOptions(args, { yes: { type: 'boolean' } }, USAGE);
  if (options.help) return void process.stdout.write(HELP);
  const { name, version } = JSON.parse(readFileSync(inProject('package.json'), 'utf8'));
  await requireCleanTree();
  requireChangelog(version);
  await requireTag(`v${version}`);

  await ensureInstalled();
  await buildLibrary({ force: true });
  await succeed('npm test', runNpm(['test']));
  await succeed('npm run test:package', runNpm(['run', 'test:package']));
  await requireCleanTree();

  const tarball = await packLibrary();
  // npm takes no --provenance outside of a CI, not even for a rehearsal.
  const how = options.yes ? ['--provenance'] : ['--dry-run'];
  await succeed('npm publish', runNpm(['publish', tarball, '--access', 'public', ...how]));
  process.stdout.write(
    `${name} ${version} ${options.yes ? 'is published' : 'may be published: npm run release -- --yes'}\n`,
  );
});

async function requireCleanTree() {
  const { output } = await succeed('git status', run('git', ['status', '--porcelain'], { quiet: true }));
  if (output !== '') throw new Complaint(`What is not committed would not be in the tag:\n${output}`);
}

/** The version has a section with a date, above it an empty `[Unreleased]`. */
function requireChangelog(version) {
  const changelog = readFileSync(inProject('CHANGELOG.md'), 'utf8');
  const [, unreleased = '', released] = changelog.split(/^## (?=\[)/m);
  if (!/^\[Unreleased\]\s*$/.test(unreleased))
    throw new Complaint('CHANGELOG.md: move what is [Unreleased] to a version.');
  if (!new RegExp(`^\\[${version.replaceAll('.', '\\.')}\\] - \\d{4}-\\d{2}-\\d{2}$`, 'm').test(released ?? '')) {
    throw new Complaint(
      `CHANGELOG.md: the newest version must be "## [${version}] - YYYY-MM-DD", as package.json says.`,
    );
  }
}

async function requireTag(tag) {
  const { output } = await succeed('git tag', run('git', ['tag', '--points-at', 'HEAD'], { quiet: true }));
  if (!output.split('\n').includes(tag)) throw new Complaint(`The commit has no tag ${tag}: git tag -s ${tag}`);
}

async function succeed(what, running) {
  const result = await running;
  if (result.code !== 0) throw new Complaint(`${what} failed${result.output === '' ? '.' : `:\n${result.output}`}`);
  return result;
}
