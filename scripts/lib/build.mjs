import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { cp } from 'node:fs/promises';
import { join } from 'node:path';
import { Complaint, inProject } from './project.mjs';
import { bundleForCdn } from './build-cdn.mjs';
import { runBin } from './run.mjs';

const FORMATS = ['esm', 'cjs'];
const configOf = (format) => `scripts/tsconfig.build.${format}.json`;
const CONFIGS = ['tsconfig.json', ...FORMATS.map(configOf)];

/**
 * `lib/` to `dist/esm` and `dist/cjs`, each with its types, and to `dist/cdn`; `schematics/` as it is. Does nothing when
 * `dist` is newer than every source.
 * Built beside and then moved into place, so that a process that reads `dist` meanwhile finds a complete one.
 */
export async function buildLibrary({ force = false } = {}) {
  if (!force && isFresh()) return;
  process.stderr.write('Building the library ...\n');
  const began = new Date();
  const staging = inProject('build', `dist-${process.pid}`);
  rmSync(staging, { recursive: true, force: true });
  try {
    const builds = await Promise.all(
      FORMATS.map((format) =>
        runBin('typescript', 'tsc', ['-p', configOf(format), '--outDir', join(staging, format)], {
          quiet: true,
        }),
      ),
    );
    const failed = builds.find(({ code }) => code !== 0);
    if (failed) {
      process.stderr.write(failed.output);
      throw new Complaint('The library does not build, see above.');
    }
    mkdirSync(staging, { recursive: true });
    useTwins(join(staging, 'cjs'));
    writeFileSync(join(staging, 'cjs', 'package.json'), '{ "type": "commonjs" }\n');
    cpSync(inProject('schematics'), join(staging, 'schematics'), { recursive: true });
    await bundleForCdn(join(staging, 'esm'), join(staging, 'cdn'), bundle);
    for (const format of FORMATS) utimesSync(join(staging, format), began, began);
    rmSync(inProject('dist'), { recursive: true, force: true });
    renameSync(staging, inProject('dist'));
  } finally {
    rmSync(staging, { recursive: true, force: true });
  }
}

/** What cannot be written once for both formats has a twin `NAME.cjs.ts`, which takes its place in CommonJS. */
function useTwins(folder) {
  for (const path of readdirSync(folder, { recursive: true })) {
    if (/\.cjs\.(js|d\.ts)$/.test(path)) renameSync(join(folder, path), join(folder, path.replace('.cjs.', '.')));
  }
}

/**
 * The example pages, bundled with the built library, to `build/page`: the upload page, and the recorder in `recorder`.
 * What serves them goes to `build/page-server.mjs`. And the playground.
 */
export async function buildPage() {
  await buildLibrary();
  await Promise.all([
    bundlePage('examples/browser-page', inProject('build', 'page')),
    bundlePage('examples/recorder', inProject('build', 'page', 'recorder')),
    bundleForNode('examples/browser-page/server.ts', 'page-server.mjs'),
    buildPlayground(),
  ]);
}

async function bundlePage(example, folder) {
  await bundle({
    entryPoints: [inProject(example, 'main.ts')],
    outfile: join(folder, 'main.js'),
    format: 'esm',
    platform: 'browser',
    target: 'es2022',
    minify: true,
  });
  for (const asset of ['index.html', 'style.css', 'icon.svg']) await cp(inProject(example, asset), join(folder, asset));
}

/** The playground of the documentation site, to `build/playground`: one script, which also runs from a file. */
async function buildPlayground() {
  const source = (name) => inProject('examples/playground', name);
  const out = inProject('build', 'playground');
  await bundle({
    entryPoints: [source('main.ts'), source('style.css')],
    outdir: out,
    format: 'iife',
    platform: 'browser',
    target: 'es2022',
    minify: true,
  });
  const code = readFileSync(source('upload.ts'), 'utf8').trim().replaceAll('<', '&lt;');
  const page = readFileSync(source('index.html'), 'utf8');
  writeFileSync(
    join(out, 'index.html'),
    page.replace('data-testid="code">', (tag) => tag + code),
  );
}

/** The terminal example, to `build/node-cli.mjs`. */
export async function buildCli() {
  await buildLibrary();
  await bundleForNode('examples/node-cli/main.ts', 'node-cli.mjs');
}

/** Packages stay outside, so that the built library is imported by its name, as a user's program does. */
export async function bundleForNode(entry, outfile) {
  await bundle({
    entryPoints: [inProject(entry)],
    outfile: inProject('build', outfile),
    format: 'esm',
    platform: 'node',
    target: 'node20',
    packages: 'external',
  });
}

export async function bundle(options) {
  // Loaded late: on a fresh clone it is installed only after this module was.
  const { build } = await import('esbuild');
  try {
    // Without the project's tsconfig: its paths would lead past the built library to the sources.
    await build({ bundle: true, logLevel: 'error', tsconfigRaw: {}, ...options });
  } catch {
    throw new Complaint(`${options.outfile ?? options.entryPoints[0]} cannot be bundled, see above.`);
  }
}

function isFresh() {
  if (![...FORMATS, 'cdn'].every((format) => existsSync(inProject('dist', format)))) return false;
  const built = Math.min(...FORMATS.map((format) => statSync(inProject('dist', format)).mtimeMs));
  const isOlder = (folder) => newestChange(inProject(folder)) < built;
  return ['lib', 'schematics'].every(isOlder) && CONFIGS.every((path) => statSync(inProject(path)).mtimeMs < built);
}

/** Folders count too: their time changes when a file is added or removed. */
function newestChange(folder) {
  return readdirSync(folder, { withFileTypes: true }).reduce((newest, entry) => {
    const path = join(folder, entry.name);
    return Math.max(newest, entry.isDirectory() ? newestChange(path) : statSync(path).mtimeMs);
  }, statSync(folder).mtimeMs);
}
