import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runEsbuild, runVite, runWebpack } from './bundlers.mjs';
import { inChromium } from './in-chromium.mjs';

/** Each makes a page that uploads in a worker: `index.html` in `outdir`, with its scripts beside it. */
export const WORKER_BUNDLERS = [
  { name: 'esbuild', bundle: bundleWithEsbuild },
  { name: 'Vite', bundle: bundleWithVite },
  { name: 'webpack', bundle: bundleWithWebpack },
];

/** The page uploads to the local OBS in Chromium. */
export async function checkWorker({ folder }, { name, bundle }) {
  const outdir = join(folder, 'worker-pages', name);
  await bundle({ folder, page: join(folder, 'worker'), outdir });
  return uploadsInWorker(outdir);
}

/** Uploads by a page that has been built, and reports what goes wrong. */
export function uploadsInWorker(outdir) {
  const contentOf = (path) => {
    const file = join(outdir, path === '/' ? 'index.html' : path);
    return existsSync(file) ? readFileSync(file) : null;
  };
  return inChromium(contentOf, async ({ browser, settings, url }) => {
    const page = await browser.newPage();
    await page.goto(url);
    await page.waitForFunction(() => 'uploadInWorker' in globalThis);
    const workers = [];
    page.on('worker', (worker) => workers.push(worker.url()));
    const outcome = await page.evaluate((store) => globalThis.uploadInWorker(store), settings);
    const problems = outcome === 'completed, verified by etag' ? [] : [`The page says: ${outcome}`];
    return workers.length === 1 ? problems : [...problems, `It has started ${workers.length} workers.`];
  });
}

/** It bundles no workers by itself: the worker is an entry of its own. */
async function bundleWithEsbuild({ page, outdir }) {
  await runEsbuild({ entryPoints: ['page.js', 'upload.worker.js'].map((name) => join(page, name)), outdir });
  writePage(outdir);
}

function bundleWithVite({ folder, page, outdir }) {
  return runVite(folder, { root: page, worker: { format: 'es' }, build: { outDir: outdir, target: 'es2022' } });
}

async function bundleWithWebpack({ folder, page, outdir }) {
  await runWebpack(folder, { context: page, entry: './page.js', output: { path: outdir, filename: 'page.js' } });
  writePage(outdir);
}

function writePage(outdir) {
  writeFileSync(join(outdir, 'index.html'), '<!doctype html><script type="module" src="page.js"></script>');
}
