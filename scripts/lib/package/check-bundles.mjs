import { readdirSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { run } from '../run.mjs';

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
  return build({
    entryPoints: [entry],
    outdir,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    minify: true,
    format: 'esm',
    platform: 'browser',
    target: 'es2022',
    logLevel: 'silent',
  });
}

async function bundleWithVite({ folder, entry, outdir }) {
  const { build: buildWithVite } = await import(
    pathToFileURL(join(folder, 'node_modules/vite/dist/node/index.js')).href
  );
  await buildWithVite({
    root: folder,
    configFile: false,
    logLevel: 'silent',
    build: { outDir: outdir, lib: { entry, formats: ['es'], fileName: 'app' }, minify: true },
  });
}

function bundleWithWebpack({ folder, entry, outdir }) {
  const webpack = createRequire(join(folder, 'package.json'))('webpack');
  const config = {
    context: folder,
    mode: 'production',
    target: 'web',
    entry,
    // Where the worker lies is given: a page would find it by its script's address.
    output: { path: outdir, filename: 'app.cjs', publicPath: '/' },
    performance: { hints: false },
    // The other bundlers minify, in a tenth of the time.
    optimization: { minimize: false },
  };
  return new Promise((resolve, reject) => {
    webpack(config, (error, stats) => {
      if (error || stats.hasErrors() || stats.hasWarnings()) {
        reject(error ?? new Error(stats.toString({ all: false, errors: true, warnings: true })));
      } else resolve();
    });
  });
}
