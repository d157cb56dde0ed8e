import { readdirSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { run } from '../run.mjs';

/** Each bundles `app`, an ES or a CommonJS module of the consumer's, into one file in `outdir`. */
export const BUNDLERS = [
  { name: 'esbuild', app: 'app-esm.js', bundle: bundleWithEsbuild },
  { name: 'esbuild from CommonJS', app: 'app-cjs.cjs', bundle: bundleWithEsbuild },
  { name: 'Vite', app: 'app-esm.js', bundle: bundleWithVite },
  { name: 'webpack', app: 'app-esm.js', bundle: bundleWithWebpack },
  { name: 'webpack from CommonJS', app: 'app-cjs.cjs', bundle: bundleWithWebpack },
];

/** Programs that use every entry fit for a page, and upload a file to the fake OBS. */
export function writeApp({ folder, entries }) {
  const specifiers = entries.filter(({ isForNode, missingPeers }) => !isForNode && missingPeers.length === 0);
  const write = (name, importOf) => {
    const imports = specifiers.map(({ specifier }, i) => importOf(`entry${i}`, specifier));
    const all = specifiers.map(({ specifier }, i) => `'${specifier}': entry${i}`).join(', ');
    writeFileSync(
      join(folder, name),
      `${[importOf('app', './app.js'), ...imports].join('\n')}\napp.run({ ${all} });\n`,
    );
  };
  write('app-esm.js', (name, specifier) => `import * as ${name} from '${specifier}';`);
  write('app-cjs.cjs', (name, specifier) => `const ${name} = require('${specifier}');`);
}

export async function checkBundle({ folder }, { app, bundle }, number) {
  const outdir = join(folder, 'bundles', String(number));
  await bundle({ folder, entry: join(folder, app), outdir });
  const files = readdirSync(outdir);
  if (files.length !== 1) return [`It makes ${files.length} files in place of one: ${files.join(', ')}`];
  const { code, output } = await run(process.execPath, [join(outdir, files[0])], { cwd: outdir, quiet: true });
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
    output: { path: outdir, filename: 'app.cjs' },
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
