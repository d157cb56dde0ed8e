import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Browser, BrowserContext, Page, Request } from 'playwright-core';
import { createObsServer, on, type Arrival, type ObsServer } from 'rx-obs-upload/server';
import { createAppHandler } from '../../../examples/angular-upload/server.js';
import { launchChromium } from '../support/browser.js';
import { credentials } from '../support/credentials.js';
import { makeFile, makeFolder, MIB, sha256 } from '../support/files.js';
import { listen, type Listening } from '../support/listen.js';
import { HANG_MS, until } from '../support/until.js';

const ROOT = join(__dirname, '..', '..', '..');
const BUCKET = 'uploads';
const KEY = 'users/demo/film.mp4';
const PARTS = 6;
const INSTALL_AND_BUILD_MS = 600_000;

describe('The Angular application in Chromium', () => {
  const folder = makeFolder();
  const film = makeFile(join(folder.path, 'film.mp4'), (PARTS - 1) * 5 * MIB + 12_345);
  let browser: Browser;
  let obs: ObsServer;
  let app: Listening;
  let context: BrowserContext;
  let page: Page;
  /** Requests of the page, in order. */
  let requests: Request[];
  let crashes: Error[];
  /** Whether all parts are held except the first two that arrive. */
  let holdsLaterParts: boolean;
  let serverCount = 0;

  beforeAll(async () => {
    const build = join(ROOT, 'examples', 'angular-upload', 'build.mjs');
    await promisify(execFile)(process.execPath, [build], { cwd: ROOT });
    browser = await launchChromium();
  }, INSTALL_AND_BUILD_MS);

  afterAll(async () => {
    await browser.close();
    folder.remove();
  });

  beforeEach(async () => {
    [requests, crashes, holdsLaterParts] = [[], [], false];
    const hold = on('uploadPart', { arrival: 3, times: Infinity, when: () => holdsLaterParts }).stall('mid-body');
    const directory = join(folder.path, `obs-${++serverCount}`);
    obs = await createObsServer({ directory, port: 0, credentials, buckets: [BUCKET], faults: [hold] });
    const assets = join(ROOT, 'build', 'angular-upload', 'dist');
    app = await listen(createAppHandler({ assets, store: obs.url, bucket: BUCKET, credentials }));
    context = await browser.newContext();
    context.setDefaultTimeout(HANG_MS);
    page = await context.newPage();
    page.on('pageerror', (error) => crashes.push(error));
    page.on('request', (request) => requests.push(request));
    await page.goto(`http://localhost:${app.port}/`);
    await page.getByTestId('file-input').waitFor();
  });

  afterEach(async () => {
    await context.close();
    await app.close();
    await obs.close();
    expect(crashes).toEqual([]);
  });

  const choose = (): Promise<void> => page.getByTestId('file-input').setInputFiles(film);
  const reaches = (status: string): Promise<void> =>
    page.locator(`[data-testid=upload][data-status=${status}]`).waitFor({ timeout: HANG_MS });
  const parts = (): readonly Arrival[] => obs.log.entries.filter(({ operation }) => operation === 'uploadPart');
  const acknowledged = (): readonly (number | null)[] =>
    parts().flatMap(({ status, partNumber }) => (status === 200 ? [partNumber] : []));
  const all = Array.from({ length: PARTS }, (_, i) => i + 1);

  async function expectFilm(): Promise<void> {
    expect(await sha256(obs.fileOf(BUCKET, KEY) ?? '')).toBe(await sha256(film));
  }

  it('uploads with requests signed by its server; its interceptor sees only requests to that server', async () => {
    await choose();
    await reaches('completed');
    await expectFilm();
    const toStore = requests.filter((request) => request.url().startsWith(obs.url));
    const toSign = requests.filter((request) => new URL(request.url()).pathname === '/sign');
    expect(toStore.length).toBeGreaterThan(PARTS);
    expect(toStore.filter((request) => 'authorization' in request.headers())).toEqual([]);
    expect(toSign.filter((request) => !request.headers().authorization?.startsWith('Bearer '))).toEqual([]);
    expect(toSign.length).toBeGreaterThan(0);
  });

  it('computes MD5 in workers bundled by the CLI', async () => {
    let workers = 0;
    page.on('worker', () => workers++);
    await choose();
    await reaches('completed');
    expect(workers).toBeGreaterThan(0);
    expect(parts().filter(({ headers }) => !/^[\w+/]{22}==$/.test(headers['content-md5'] ?? ''))).toEqual([]);
  });

  it('accepts a dropped file', async () => {
    const bytes = readFileSync(film).subarray(0, 200_000);
    const dataTransfer = await page.evaluateHandle((base64) => {
      const content = Uint8Array.from(atob(base64), (char) => char.charCodeAt(0));
      const transfer = new DataTransfer();
      transfer.items.add(new File([content], 'film.mp4'));
      return transfer;
    }, bytes.toString('base64'));
    await page.getByTestId('drop').dispatchEvent('drop', { dataTransfer });
    await reaches('completed');
    expect(readFileSync(obs.fileOf(BUCKET, KEY) ?? '').equals(bytes)).toBe(true);
  });

  it('pauses, and resumes with the missing parts', async () => {
    holdsLaterParts = true;
    await choose();
    await until('two parts are there', () => acknowledged().length === 2);
    await page.getByTestId('pause').click();
    await reaches('paused');
    holdsLaterParts = false;
    await page.getByTestId('resume').click();
    await reaches('completed');
    await expectFilm();
    expect([...acknowledged()].sort()).toEqual(all);
  });

  /** Reloads the page after two parts have been stored. */
  async function reloadHalfway(): Promise<void> {
    holdsLaterParts = true;
    await choose();
    await until('two parts are there', () => acknowledged().length === 2);
    // A pause is saved before the page unloads; a crash would lose the last half second.
    await page.getByTestId('pause').click();
    await reaches('paused');
    await page.reload();
    holdsLaterParts = false;
    await page.getByTestId('pending').waitFor();
  }

  it('resumes after a reload once the file is chosen again', async () => {
    await reloadHalfway();
    expect(await page.getByTestId('pending').innerText()).toContain('film.mp4');
    await choose();
    await reaches('completed');
    await expectFilm();
    expect([...acknowledged()].sort()).toEqual(all);
    await page.getByTestId('pending').waitFor({ state: 'detached' });
  });

  it('discards an unfinished upload: nothing stays on the server', async () => {
    await reloadHalfway();
    await page.getByTestId('discard').click();
    await page.getByTestId('pending').waitFor({ state: 'detached' });
    const aborts = obs.log.entries.filter(({ operation }) => operation === 'abortMultipartUpload');
    expect(aborts.map(({ status }) => status)).toContain(204);
    await page.reload();
    await page.getByTestId('file-input').waitFor();
    expect(await page.getByTestId('pending').count()).toBe(0);
  });
});
