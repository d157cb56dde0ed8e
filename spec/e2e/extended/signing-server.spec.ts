import { join } from 'node:path';
import type { Browser, Response } from 'playwright-core';
import { launchChromium } from '../support/browser.js';
import { filesBelow, makeFile, makeFolder, MIB, sha256 } from '../support/files.js';
import { openPage } from '../support/page-driver.js';
import { runScript, type RunningScript } from '../support/scripts.js';

/** Everything that a page received: status line, headers and body. */
async function textOf(response: Response): Promise<string> {
  const headers = JSON.stringify(await response.headersArray());
  // A preflight and a redirect have no body to read.
  const body = await response.body().then(
    (bytes) => bytes.toString('latin1'),
    () => '',
  );
  return `${response.url()} ${response.status()} ${headers} ${body}`;
}

describe('npm start -- --signing-server', () => {
  const folder = makeFolder();
  let browser: Browser;
  let script: RunningScript;
  let address = '';
  let secret = '';

  beforeAll(async () => {
    browser = await launchChromium();
    script = runScript('start.mjs', ['--signing-server', '--port', '0', '--directory', join(folder.path, 'store')]);
    address = (await script.until(/http:\/\/localhost:\d+\//))[0];
    secret = (await script.until(/keys local \/ (\w+)/))[1] ?? '';
  });

  afterAll(async () => {
    await browser.close();
    script.signal('SIGINT');
    await script.ended;
    folder.remove();
  });

  it('lets the page upload without exposing the secret key to the browser', async () => {
    expect(secret).toMatch(/^[0-9a-f]{40}$/);
    const context = await browser.newContext();
    const received: Promise<string>[] = [];
    context.on('response', (response) => received.push(textOf(response)));
    const driver = await openPage({ newContext: () => Promise.resolve(context) }, address);

    const film = makeFile(join(folder.path, 'film.mp4'), 40 * MIB);
    await driver.choose(film);
    await driver.reaches('completed');
    const small = makeFile(join(folder.path, 'small.bin'), 1000);
    await driver.choose(small);
    await driver.page.waitForFunction(() => document.body.innerText.includes('small.bin'));
    await driver.reaches('completed');

    const all = await Promise.all(received);
    const browserState = await context.storageState();
    await context.close();
    expect(driver.crashes).toEqual([]);
    expect(all.some((text) => text.includes('/_page/sign 200') && text.includes('Signature='))).toBe(true);
    expect(all.filter((text) => text.includes('partNumber=')).length).toBeGreaterThanOrEqual(5);
    const seen = [...all, JSON.stringify(browserState)].join('\n');
    for (const marker of ['<InitiateMultipartUploadResult', '"keyPrefix":"users/demo/"', 'rx-obs-upload-session=']) {
      expect(seen.includes(marker)).toBe(true);
    }
    for (const form of [secret, encodeURIComponent(btoa(secret)), btoa(secret)]) {
      expect(seen.includes(form)).toBe(false);
    }
    const stored = await Promise.all(filesBelow(join(folder.path, 'store', 'objects')).map(sha256));
    expect(stored).toEqual(expect.arrayContaining([await sha256(film), await sha256(small)]));
  });

  it('serves no credentials, and signs nothing without a session', async () => {
    const response = await fetch(new URL('/_page/credentials.json', address));
    expect(response.status).toBe(404);
    expect(await response.text()).not.toContain(secret);
    const request = { method: 'HEAD', url: 'http://127.0.0.1/uploads/users/demo/a', headers: {}, size: null };
    const init = { method: 'POST', body: JSON.stringify([request]), headers: { 'Content-Type': 'application/json' } };
    expect((await fetch(new URL('/_page/sign', address), init)).status).toBe(401);
  });

  it('refuses to sign for a key of another user', async () => {
    const config = await fetch(new URL('/_page/config.json', address));
    const cookie = config.headers.get('set-cookie') ?? '';
    expect(cookie).toMatch(/; HttpOnly; SameSite=Strict$/);
    const { server, keyPrefix } = (await config.json()) as { readonly server: string; readonly keyPrefix: string };
    const statusOf = async (key: string): Promise<number> => {
      const request = { method: 'HEAD', url: `${server}/uploads/${key}`, headers: {}, size: null };
      const headers = { 'Content-Type': 'application/json', Cookie: cookie.split(';')[0] ?? '' };
      const init = { method: 'POST', body: JSON.stringify([request]), headers };
      return (await fetch(new URL('/_page/sign', address), init)).status;
    };
    expect(await statusOf(`${keyPrefix}a`)).toBe(200);
    expect(await statusOf('users/other/a')).toBe(403);
  });
});
