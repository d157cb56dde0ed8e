import { createReadStream, existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { extname, join, normalize } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { ensureChromium } from '../chromium.mjs';
import { inProject } from '../project.mjs';

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
export async function uploadsInWorker(outdir) {
  const { createObsServer } = await import(pathToFileURL(inProject('dist/esm/server/index.js')).href);
  const { chromium } = await import('playwright-core');
  const credentials = { accessKeyId: 'bundled', secretAccessKey: 'secret' };
  const directory = mkdtempSync(join(tmpdir(), 'rx-obs-upload-worker-'));
  const obs = await createObsServer({ directory, port: 0, credentials });
  const site = await serve(outdir);
  const asRoot = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
  const browser = await chromium.launch({ executablePath: await ensureChromium(), args: asRoot });
  try {
    const page = await browser.newPage();
    await page.goto(site.url);
    await page.waitForFunction(() => 'uploadInWorker' in globalThis);
    const workers = [];
    page.on('worker', (worker) => workers.push(worker.url()));
    const store = { server: obs.url, credentials };
    const outcome = await page.evaluate((asked) => globalThis.uploadInWorker(asked), store);
    const problems = outcome === 'completed, verified by etag' ? [] : [`The page says: ${outcome}`];
    return workers.length === 1 ? problems : [...problems, `It has started ${workers.length} workers.`];
  } finally {
    await browser.close();
    site.close();
    await obs.close();
    rmSync(directory, { recursive: true, force: true });
  }
}

const TYPES = { '.html': 'text/html', '.js': 'text/javascript', '.mjs': 'text/javascript' };

async function serve(folder) {
  const server = createServer(({ url }, response) => {
    const path = normalize(new URL(url, 'http://page.test').pathname);
    const file = join(folder, path === '/' ? 'index.html' : path);
    if (!existsSync(file)) return response.writeHead(404).end();
    response.setHeader('content-type', TYPES[extname(file)] ?? 'application/octet-stream');
    return createReadStream(file).pipe(response);
  });
  await new Promise((resolve) => server.listen(0, resolve));
  return { url: `http://localhost:${server.address().port}/`, close: () => server.close() };
}

/** It bundles no workers by itself: the worker is an entry of its own. */
async function bundleWithEsbuild({ page, outdir }) {
  await build({
    entryPoints: ['page.js', 'upload.worker.js'].map((name) => join(page, name)),
    outdir,
    bundle: true,
    format: 'esm',
    platform: 'browser',
    target: 'es2022',
    logLevel: 'silent',
  });
  writePage(outdir);
}

async function bundleWithVite({ folder, page, outdir }) {
  const { build: buildWithVite } = await import(
    pathToFileURL(join(folder, 'node_modules/vite/dist/node/index.js')).href
  );
  await buildWithVite({
    root: page,
    configFile: false,
    logLevel: 'silent',
    worker: { format: 'es' },
    build: { outDir: outdir, target: 'es2022' },
  });
}

async function bundleWithWebpack({ folder, page, outdir }) {
  const webpack = createRequire(join(folder, 'package.json'))('webpack');
  await new Promise((resolve, reject) => {
    const config = {
      context: page,
      mode: 'production',
      target: 'web',
      entry: './page.js',
      output: { path: outdir, filename: 'page.js' },
      performance: { hints: false },
      optimization: { minimize: false },
    };
    webpack(config, (error, stats) => {
      if (error || stats.hasErrors() || stats.hasWarnings()) {
        reject(error ?? new Error(stats.toString({ all: false, errors: true, warnings: true })));
      } else resolve();
    });
  });
  writePage(outdir);
}

function writePage(outdir) {
  writeFileSync(join(outdir, 'index.html'), '<!doctype html><script type="module" src="page.js"></script>');
}
