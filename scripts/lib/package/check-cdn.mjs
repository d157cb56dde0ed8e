import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { chromium } from 'playwright-core';
import { ensureChromium } from '../chromium.mjs';
import { inProject } from '../project.mjs';

const PAGES = ['module.html', 'module-without-rxjs.html', 'script.html'];
const BYTES = Buffer.alloc(300_000, 'abcdefg');
/** For what hangs, not for what is slow. */
const HANG_MS = 240_000;

/** Plain pages that load the files for CDNs, each in its way, and upload a file in Chromium. */
export async function checkCdn({ folder, library }) {
  const { createObsServer } = await import(pathToFileURL(join(library, 'dist', 'esm', 'server', 'index.js')).href);
  const directory = mkdtempSync(join(tmpdir(), 'rx-obs-upload-cdn-'));
  const credentials = { accessKeyId: 'local', secretAccessKey: 'secret' };
  const store = await createObsServer({ directory, port: 0, credentials });
  const settings = JSON.stringify({ server: store.url, credentials });
  const site = await serve(library, { '/settings.json': settings, '/rxjs.js': await bundledRxjs(folder) });
  const browser = await chromium.launch({ executablePath: await ensureChromium(), args: ['--no-sandbox'] });
  try {
    const problems = [];
    for (const name of PAGES) {
      const outcome = await uploadBy(await browser.newPage(), `${site.url}/${name}`);
      const stored = store.fileOf('media', name);
      const isStored = stored !== null && readFileSync(stored).equals(BYTES);
      if (outcome !== 'completed' || !isStored) problems.push(`${name}: ${outcome}`);
    }
    return problems;
  } finally {
    await browser.close();
    site.close();
    await store.close();
    rmSync(directory, { recursive: true, force: true });
  }
}

/** What the page's title says in the end. */
async function uploadBy(page, url) {
  const errors = [];
  page.setDefaultTimeout(HANG_MS);
  page.on('pageerror', (error) => errors.push(error.message));
  await page.goto(url);
  await page.waitForFunction(() => document.title === 'ready').catch(() => errors.push('It does not load.'));
  if (errors.length > 0) return errors.join(' ');
  await page.setInputFiles('input', { name: 'a.bin', mimeType: 'application/octet-stream', buffer: BYTES });
  const going = 'ready started progress checkpoint part-started part-completed completing retrying'.split(' ');
  await page.waitForFunction((names) => !names.includes(document.title), going).catch(() => undefined);
  return page.title();
}

/** rxjs itself has no ES module that a browser could load as it is. */
async function bundledRxjs(folder) {
  const stdin = { contents: `export * from 'rxjs';`, resolveDir: folder };
  const { outputFiles } = await build({ stdin, bundle: true, write: false, format: 'esm', logLevel: 'silent' });
  return outputFiles[0].text;
}

async function serve(library, texts) {
  const read = (path) =>
    texts[path] ??
    readFileSync(path.startsWith('/dist/') ? join(library, path) : inProject('spec/package/cdn', path.slice(1)));
  const server = createServer(({ url }, response) => {
    const type = { html: 'text/html', js: 'text/javascript', json: 'application/json' }[url.split('.').at(-1)];
    try {
      const content = read(url);
      response.writeHead(200, { 'content-type': type ?? 'text/plain' }).end(content);
    } catch {
      response.writeHead(404).end();
    }
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { url: `http://127.0.0.1:${server.address().port}`, close: () => server.close() };
}
