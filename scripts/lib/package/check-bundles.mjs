import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { run } from '../run.mjs';
import { runEsbuild, runVite, runWebpack } from './bundlers.mjs';

/** Each bundles `app`, an ES or a CommonJS module of the consumer's, to a file `app…` in `outdir`. */
export const BUNDLERS = [
  { name: 'esbuild', app: 'app-esm.js', bundle: bundleWithEsbuild },
  { name: 'esbuild from CommonJS', app: 'app-cjs.cjs', bundle: bundleWithEsbuild },
  { name: 'Vite', app: 'app-esm.js', bundle: bundleWithVite },
  { name: 'webpack', app: 'app-esm.js', bundle: bundleWithWebpack },
  { name: 'webpack from CommonJS', app: 'app-cjs.cjs', bundle: bundleWithWebpack },
];

/** What webpack's own code for workers wants of a page. */
const A_PAGE = `data:text/javascript,globalThis.self = { location: { href: 'https://page.test/' } };`;

/** Programs that use every entry fit for a page, and upload a file to the fake OBS. */
export function writeApp({ folder, entries }) {
  const web = entries.filter(({ isForNode, missingPeers }) => !isForNode && missingPeers.length === 0);
  const write = (name, chosen, importOf) => {
    const imports = chosen.map(({ specifier }, i) => importOf(`entry${i}`, specifier));
    const all = chosen.map(({ specifier }, i) => `'${specifier}': entry${i}`).join(', ');
    const lines = [importOf('app', './app.js'), ...imports, `app.run({ ${all} });`];
    writeFileSync(join(folder, name), `${lines.join('\n')}\n`);
  };
  write('app-esm.js', web, (name, specifier) => `import * as ${name} from '${specifier}';`);
  const withCjs = web.filter(({ hasCjs }) => hasCjs);
  write('app-cjs.cjs', withCjs, (name, specifier) => `const ${name} = require('${specifier}');`);
}

export async function checkBundle({ folder }, { app, bundle }, number) {
  const outdir = join(folder, 'bundles', String(number));
  await bundle({ folder, entry: join(folder, app), outdir });
  // A worker comes as a file beside it.
  const program = readdirSync(outdir).find((file) => /^app\b.*js$/.test(file));
  if (program === undefined) return [`It makes no program, but ${readdirSync(outdir).join(', ')}`];
  const { code, output } = await run(process.execPath, ['--import', A_PAGE, join(outdir, program)], {
    cwd: outdir,
    quiet: true,
  });
  return code === 0 && output.trim() === 'completed, verified by etag' ? [] : [`What it made says: ${output}`];
}

function bundleWithEsbuild({ entry, outdir }) {
  return runEsbuild({ entryPoints: [entry], outdir, outExtension: { '.js': '.mjs' }, minify: true });
}

function bundleWithVite({ folder, entry, outdir }) {
  const lib = { entry, formats: ['es'], fileName: 'app' };
  return runVite(folder, { root: folder, build: { outDir: outdir, lib, minify: true } });
}

function bundleWithWebpack({ folder, entry, outdir }) {
  // Where the worker lies is given: a page would find it by its script's address.
  const output = { path: outdir, filename: 'app.cjs', publicPath: '/' };
  return runWebpack(folder, { context: folder, entry, output });
}
