// node examples/frameworks/build.mjs: the pages of all frameworks, to build/frameworks.
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { cp, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundle, buildLibrary } from '../../scripts/lib/build.mjs';
import { command, inProject } from '../../scripts/lib/project.mjs';

const here = dirname(fileURLToPath(import.meta.url));
const PAGES = {
  react: ['React', 'react/main.tsx'],
  vue: ['Vue', 'vue/main.ts'],
  svelte: ['Svelte', 'svelte/main.ts'],
  'in-a-service-worker': ['a service worker', 'service-worker/main.ts'],
  'angular-recipes': ["Angular's rxResource and forms", '../angular-recipes/main.ts'],
  'ngrx-effects': ['NgRx', '../ngrx-effects/main.ts'],
  'ngrx-signals': ['a SignalStore', '../ngrx-signals/main.ts'],
};

/** @returns the folder of the pages */
export async function buildFrameworks() {
  await buildLibrary();
  const folder = inProject('build', 'frameworks');
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const page = readFileSync(join(here, 'page.html'), 'utf8');
  for (const [name, [title]] of Object.entries(PAGES)) {
    const html = page.replaceAll('TITLE', `Uploads with ${title}`).replaceAll('NAME', name);
    writeFileSync(join(folder, `${name}.html`), html);
  }
  for (const asset of ['plain.html', 'style.css']) await cp(join(here, asset), join(folder, asset));
  const entryPoints = Object.entries(PAGES).map(([out, [, path]]) => ({ in: join(here, path), out }));
  await bundle({
    entryPoints: [
      ...entryPoints,
      { in: join(here, 'service-worker/service-worker.ts'), out: 'service-worker' },
      { in: 'rx-obs-upload', out: 'rx-obs-upload' },
    ],
    outdir: folder,
    format: 'esm',
    platform: 'browser',
    target: 'es2022',
    jsx: 'automatic',
    tsconfigRaw: { compilerOptions: { experimentalDecorators: true } },
    // The development build of React, in which StrictMode runs effects twice; the build of Vue that compiles templates.
    define: {
      'process.env.NODE_ENV': '"development"',
      __VUE_OPTIONS_API__: 'true',
      __VUE_PROD_DEVTOOLS__: 'false',
      __VUE_PROD_HYDRATION_MISMATCH_DETAILS__: 'false',
    },
    alias: { vue: 'vue/dist/vue.esm-bundler.js' },
    conditions: ['browser', 'development'],
    plugins: [svelte()],
  });
  return folder;
}

/** Compiles components of Svelte. */
function svelte() {
  return {
    name: 'svelte',
    setup: ({ onLoad }) =>
      onLoad({ filter: /\.svelte$/ }, async ({ path }) => {
        const { compile } = await import('svelte/compiler');
        const { js } = compile(await readFile(path, 'utf8'), { filename: path, dev: true });
        return { contents: js.code, loader: 'js' };
      }),
  };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await command(async () => void (await buildFrameworks()));
