import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { signHeader } from '../../unit/fake-obs/sign.js';
import { launchChromium } from '../support/browser.js';
import { makeFolder } from '../support/files.js';
import { runScript, type RunningScript } from '../support/scripts.js';

const thief = `
  fetch('/_page/credentials.json').then((response) => response.text()).then((text) => { document.title = text; });
`;
const contents: Readonly<Record<string, string>> = {
  'text/html': `<!doctype html><script>${thief}</script>`,
  'application/xhtml+xml': `<html xmlns="http://www.w3.org/1999/xhtml"><body><script>${thief}</script></body></html>`,
  'image/svg+xml': `<svg xmlns="http://www.w3.org/2000/svg"><script>${thief}</script></svg>`,
  'application/unknown': `<!doctype html><script>${thief}</script>`,
};

describe("an object on the origin of npm start's page", () => {
  const folder = makeFolder();
  let browser: Browser;
  let script: RunningScript;
  let port = '';
  let secretAccessKey = '';

  beforeAll(async () => {
    browser = await launchChromium();
    script = runScript('start.mjs', ['--port', '0', '--directory', join(folder.path, 'store')]);
    port = (await script.until(/http:\/\/localhost:(\d+)\//))[1] ?? '';
    secretAccessKey = (await script.until(/keys local \/ (\w+)/))[1] ?? '';
  });

  afterAll(async () => {
    await browser.close();
    script.signal('SIGINT');
    await script.ended;
    folder.remove();
  });

  async function put(key: string, type: string, body: string): Promise<void> {
    const url = `http://127.0.0.1:${port}/uploads/${key}`;
    const unsigned = { method: 'PUT', url, headers: { 'content-type': type, 'x-obs-acl': 'public-read' } };
    const headers = signHeader(unsigned, { accessKeyId: 'local', secretAccessKey }, { now: Date.now() });
    expect((await fetch(url, { method: 'PUT', headers, body })).status).toBe(200);
  }

  it.each(Object.entries(contents))('of type %s is downloaded and runs no script', async (type, content) => {
    await put('thief', type, content);
    for (const host of ['localhost', '127.0.0.1']) {
      const context = await browser.newContext();
      const urls: string[] = [];
      context.on('request', (request) => urls.push(request.url()));
      const page = await context.newPage();
      const downloaded = page.waitForEvent('download');
      // The navigation fails when a download begins.
      await page.goto(`http://${host}:${port}/uploads/thief`).catch(() => undefined);
      await downloaded;
      expect(urls).toEqual([`http://${host}:${port}/uploads/thief`]);
      await context.close();
    }
  });

  it('of type text/plain is shown with an opaque origin', async () => {
    await put('text', 'text/plain', contents['text/html'] ?? '');
    const page = await browser.newPage();
    await page.goto(`http://localhost:${port}/uploads/text`);
    expect(await page.evaluate(() => [document.contentType, self.origin])).toEqual(['text/plain', 'null']);
    expect(await page.title()).not.toContain(secretAccessKey);
    await page.close();
  });
});
