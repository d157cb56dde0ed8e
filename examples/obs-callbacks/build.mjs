// node examples/obs-callbacks/build.mjs FOLDER: the page, bundled with the built library.
import { cp } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));

export async function buildCallbacksPage(folder) {
  // Loaded late: on a fresh clone it is installed only after this module was.
  const { build } = await import('esbuild');
  await build({
    entryPoints: [join(here, 'main.ts')],
    outfile: join(folder, 'main.js'),
    bundle: true,
    format: 'esm',
    platform: 'browser',
    target: 'es2022',
    logLevel: 'error',
    // Without the project's tsconfig: its paths would lead past the built library to the sources.
    tsconfigRaw: {},
  });
  for (const asset of ['index.html', 'style.css', 'icon.svg']) await cp(join(here, asset), join(folder, asset));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await buildCallbacksPage(process.argv[2]);
