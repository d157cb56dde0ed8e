import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';

/** Bundles for browsers, as an application does. Each fails with what its bundler complains of. */
export function runEsbuild(options) {
  return build({ bundle: true, format: 'esm', platform: 'browser', target: 'es2022', logLevel: 'silent', ...options });
}

/** By the Vite of the consumer in `folder`. */
export async function runVite(folder, options) {
  const path = join(folder, 'node_modules/vite/dist/node/index.js');
  const { build: buildWithVite } = await import(pathToFileURL(path).href);
  await buildWithVite({ configFile: false, logLevel: 'silent', ...options });
}

/** By the webpack of the consumer in `folder`. Warnings count. */
export function runWebpack(folder, options) {
  const webpack = createRequire(join(folder, 'package.json'))('webpack');
  const config = {
    mode: 'production',
    target: 'web',
    performance: { hints: false },
    // The other bundlers minify, in a tenth of the time.
    optimization: { minimize: false },
    ...options,
  };
  return new Promise((resolve, reject) => {
    webpack(config, (error, stats) => {
      if (error || stats.hasErrors() || stats.hasWarnings()) {
        reject(error ?? new Error(stats.toString({ all: false, errors: true, warnings: true })));
      } else resolve();
    });
  });
}
