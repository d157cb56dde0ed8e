import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { extname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { chromium } from 'playwright-core';
import { ensureChromium } from '../chromium.mjs';
import { inProject } from '../project.mjs';

const TYPES = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.mjs': 'text/javascript',
  '.json': 'application/json',
};
const credentials = { accessKeyId: 'local', secretAccessKey: 'local-secret' };

/**
 * Tries pages in Chromium, with a local OBS to upload to; all of it ends with `use`.
 * @param contentOf - what is served by its path, such as `/page.js`; null: it does not exist
 */
export async function inChromium(contentOf, use) {
  const { createObsServer } = await import(pathToFileURL(inProject('dist/esm/server/index.js')).href);
  const directory = mkdtempSync(join(tmpdir(), 'rx-obs-upload-pages-'));
  const store = await createObsServer({ directory, port: 0, credentials });
  const settings = { server: store.url, credentials };
  const site = await serve((path) => contentOf(path, settings));
  const asRoot = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
  const browser = await chromium.launch({ executablePath: await ensureChromium(), args: asRoot });
  try {
    return await use({ browser, store, settings, url: site.url });
  } finally {
    await browser.close();
    site.close();
    await store.close();
    rmSync(directory, { recursive: true, force: true });
  }
}

async function serve(contentOf) {
  const server = createServer(({ url }, response) => {
    const { pathname } = new URL(url, 'http://page.test');
    const content = contentOf(pathname);
    if (content === null) return response.writeHead(404).end();
    const type = TYPES[extname(pathname) || '.html'] ?? 'application/octet-stream';
    return response.writeHead(200, { 'content-type': type }).end(content);
  });
  await new Promise((resolve) => server.listen(0, resolve));
  return { url: `http://localhost:${server.address().port}`, close: () => server.close() };
}
