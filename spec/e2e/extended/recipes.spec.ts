import { execFile } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { build } from 'esbuild';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { createObsHandler, on, type Arrival, type ObsHandler } from 'rx-obs-upload/server';
import { createFrameworksHandler } from '../../../examples/frameworks/server.js';
import { launchChromium } from '../support/browser.js';
import { countRecords } from '../support/count-records.js';
import { credentials } from '../support/credentials.js';
import { makeFile, makeFolder, MIB, sha256 } from '../support/files.js';
import { holdResponses, isPart } from '../support/held-responses.js';
import { listen, type Listening } from '../support/listen.js';
import { HANG_MS, until } from '../support/until.js';

const ROOT = join(__dirname, '..', '..', '..');
const ASSETS = join(ROOT, 'build', 'frameworks');
const BUCKET = 'uploads';
const ALL = [1, 2, 3, 4];

describe('The recipes for frameworks in Chromium', () => {
  const folder = makeFolder();
  let browser: Browser;
  let obs: ObsHandler;
  let server: Listening;
  let context: BrowserContext;
  let page: Page;
  let crashes: Error[];
  let heldFrom: number;
  let holdsResponses: boolean;
  const responses = holdResponses((request) => holdsResponses && isPart(request, 3));

  beforeAll(async () => {
    await promisify(execFile)(process.execPath, [join(ROOT, 'examples', 'frameworks', 'build.mjs')], { cwd: ROOT });
    const hold = on('uploadPart', {
      times: Infinity,
      when: ({ partNumber }) => partNumber !== null && partNumber >= heldFrom,
    }).stall('mid-body');
    obs = createObsHandler({ directory: join(folder.path, 'obs'), credentials, buckets: [BUCKET], faults: [hold] });
    await obs.ready;
    server = await listen(responses.inFront(createFrameworksHandler({ assets: ASSETS, credentials, obs })));
    browser = await launchChromium();
  });

  afterAll(async () => {
    await browser.close();
    await server.close();
    await obs.close();
    folder.remove();
  });

  beforeEach(async () => {
    [crashes, heldFrom, holdsResponses] = [[], Infinity, false];
    context = await browser.newContext();
    context.setDefaultTimeout(HANG_MS);
    page = await context.newPage();
    page.on('pageerror', (error) => crashes.push(error));
  });

  afterEach(async () => {
    await context.close();
    expect(crashes).toEqual([]);
  });

  const open = (name: string): Promise<unknown> => page.goto(`http://localhost:${server.port}/${name}.html`);
  const filmOf = (name: string): string => makeFile(join(folder.path, `${name}.mp4`), 3 * 9 * MIB + 12_345);
  const choose = (film: string): Promise<void> => page.getByTestId('file-input').setInputFiles(film);
  const reaches = (status: string): Promise<void> =>
    page.locator(`[data-testid=file][data-status=${status}]`).waitFor();
  const press = (label: string): Promise<void> => page.getByRole('button', { name: label }).click();

  /** Waits until the upload is saved: before that, the page would not know of it after a reload. */
  const untilSaved = (): Promise<unknown> => page.waitForFunction(countRecords, 'rx-obs-upload');

  const arrivals = (operation: Arrival['operation'], key: string): readonly Arrival[] =>
    obs.log.entries.filter((arrival) => arrival.operation === operation && arrival.key === key);
  const acknowledged = (key: string): readonly (number | null)[] =>
    arrivals('uploadPart', key).flatMap(({ status, partNumber }) => (status === 200 ? [partNumber] : []));
  const acknowledges = (key: string, parts: number): Promise<void> =>
    until(`${parts} parts of ${key} are there`, () => acknowledged(key).length === parts);

  /** Expects one upload, each part of which was acknowledged once. */
  async function expectOneUploadOf(film: string, key: string): Promise<void> {
    expect(await sha256(obs.fileOf(BUCKET, key) ?? '')).toBe(await sha256(film));
    expect([...acknowledged(key)].sort()).toEqual(ALL);
    expect(arrivals('initiateMultipartUpload', key)).toHaveLength(1);
  }

  it.each(['react', 'vue', 'svelte', 'ngrx-effects', 'ngrx-signals'])(
    '%s: uploads, pauses, and resumes after a reload and after a click',
    async (name) => {
      const key = `${name}.mp4`;
      const film = filmOf(name);
      heldFrom = 3;
      await open(name);
      await choose(film);
      // Otherwise the browser would not report the same file when it is chosen again.
      expect(await page.getByTestId('file-input').inputValue()).toBe('');
      await acknowledges(key, 2);
      await press('Pause');
      await reaches('paused');
      await untilSaved();
      await page.reload();
      await page.getByTestId('pending').getByText(key).waitFor();
      heldFrom = 4;
      await choose(film);
      await acknowledges(key, 3);
      await press('Pause');
      await reaches('paused');
      heldFrom = Infinity;
      await press('Resume');
      await reaches('completed');
      await expectOneUploadOf(film, key);
      await press('Remove');
      await page.getByTestId('file').waitFor({ state: 'detached' });
      expect(await page.getByTestId('pending').count()).toBe(0);
    },
  );

  it('react: in StrictMode uploads a file added by an effect once, and cancels it on unmount', async () => {
    const html = readFileSync(join(ASSETS, 'react.html'), 'utf8').replaceAll('react', 'strict-mode');
    writeFileSync(join(ASSETS, 'strict-mode.html'), html);
    await build({
      entryPoints: [join(__dirname, '..', 'support', 'recipes', 'strict-mode.tsx')],
      outdir: ASSETS,
      bundle: true,
      format: 'esm',
      jsx: 'automatic',
      tsconfigRaw: {},
      define: { 'process.env.NODE_ENV': '"development"' },
    });
    await open('strict-mode');
    await reaches('completed');
    expect(JSON.parse(await page.getByTestId('file').innerText())).toEqual({ effects: 2, rows: 1 });
    expect(arrivals('initiateMultipartUpload', 'strict.bin')).toHaveLength(1);
    expect([...acknowledged('strict.bin')].sort()).toEqual([1, 2, 3]);

    heldFrom = 1;
    await press('Toggle');
    await press('Toggle');
    await reaches('uploading');
    await until(
      'parts are on their way',
      () => obs.log.entries.length > 0 && arrivals('uploadPart', 'strict.bin').length > 3,
    );
    await press('Toggle');
    const isOver = (): boolean =>
      arrivals('uploadPart', 'strict.bin')
        .slice(3)
        .every(({ aborted }) => aborted);
    await until('its requests are aborted', isOver);
    expect(arrivals('initiateMultipartUpload', 'strict.bin')).toHaveLength(2);
    expect(arrivals('abortMultipartUpload', 'strict.bin')).toEqual([]);
  });

  it('Angular, rxResource: uploads the chosen file, and cancels the upload that it replaces', async () => {
    const film = filmOf('resource');
    heldFrom = 3;
    await open('angular-recipes');
    const input = page.getByTestId('film');
    await input.setInputFiles(film);
    await acknowledges('resource.mp4', 2);
    await input.setInputFiles(makeFile(join(folder.path, 'short.mp4'), MIB));
    await page.getByTestId('film-status').getByText('completed').waitFor();
    expect(await sha256(obs.fileOf(BUCKET, 'short.mp4') ?? '')).toBe(await sha256(join(folder.path, 'short.mp4')));
    const isOver = (): boolean =>
      arrivals('uploadPart', 'resource.mp4').every(({ status, aborted }) => aborted || status === 200);
    await until('the first upload is cancelled', isOver);
    expect(obs.fileOf(BUCKET, 'resource.mp4')).toBeNull();
  });

  it('Angular, signal forms: the file is required, and after a failure the next submission resumes', async () => {
    const key = 'Night/form.mp4';
    const film = filmOf('form');
    obs.addFaults(on('uploadPart', { partNumber: 4, key }).respond(400, 'InvalidArgument'));
    await open('angular-recipes');
    await page.getByRole('button', { name: 'Save' }).click();
    expect(await page.getByRole('alert').innerText()).toBe('Choose a file.');
    await page.getByTestId('form-file').setInputFiles(film);
    await page.getByTestId('title').fill('Night');
    await press('Save');
    await page.getByTestId('form-status').getByText('InvalidArgument').waitFor();
    await press('Save');
    await page.getByTestId('form-status').getByText('completed').waitFor();
    await expectOneUploadOf(film, key);
  });

  it('no framework: one HTML file with an import map uploads, pauses and resumes', async () => {
    const film = filmOf('plain');
    heldFrom = 3;
    await open('plain');
    await choose(film);
    await acknowledges('plain.mp4', 2);
    await press('Pause');
    await reaches('paused');
    heldFrom = Infinity;
    await press('Resume');
    await reaches('completed');
    expect(await page.getByRole('button', { name: 'Pause' }).isDisabled()).toBe(true);
    await expectOneUploadOf(film, 'plain.mp4');
  });

  it('no framework: shows a failure, after which Resume continues', async () => {
    const film = filmOf('failing');
    obs.addFaults(on('uploadPart', { partNumber: 4, key: 'failing.mp4' }).respond(400, 'InvalidArgument'));
    await open('plain');
    await choose(film);
    await reaches('failed');
    expect(await page.getByTestId('file').innerText()).toContain('InvalidArgument');
    await press('Resume');
    await reaches('completed');
    await expectOneUploadOf(film, 'failing.mp4');
  });

  it('no framework: another file that is chosen takes the place of the first, and can be paused', async () => {
    const [first, second] = [filmOf('first'), filmOf('second')];
    heldFrom = 3;
    await open('plain');
    await choose(first);
    await acknowledges('first.mp4', 2);
    await choose(second);
    await acknowledges('second.mp4', 2);
    await press('Pause');
    await reaches('paused');
    heldFrom = Infinity;
    await press('Resume');
    await reaches('completed');
    await expectOneUploadOf(second, 'second.mp4');
    expect(obs.fileOf(BUCKET, 'first.mp4')).toBeNull();
  });

  it('a service worker: resumes an upload after it was stopped', async () => {
    const film = filmOf('stopped');
    heldFrom = 3;
    await open('in-a-service-worker');
    await choose(film);
    await reaches('uploading');
    await acknowledges('stopped.mp4', 2);
    await until('a part is held', () => obs.log.inFlight('uploadPart') > 0);
    await untilSaved();
    const devTools = await context.newCDPSession(page);
    await devTools.send('ServiceWorker.enable');
    await devTools.send('ServiceWorker.stopAllWorkers');
    heldFrom = Infinity;
    // A request to a worker that is still stopping would be lost.
    await until('the worker is stopped', () => obs.log.inFlight() === 0);
    await page.reload();
    await reaches('completed');
    await expectOneUploadOf(film, 'stopped.mp4');
  });

  it('a service worker: completes an upload after its page is closed', async () => {
    const film = filmOf('no-page');
    holdsResponses = true;
    await open('in-a-service-worker');
    await choose(film);
    await until('a part is there', () => responses.count > 0);
    await page.close();
    holdsResponses = false;
    responses.release();
    await until('the object is there', () => obs.fileOf(BUCKET, 'no-page.mp4') !== null);
    await expectOneUploadOf(film, 'no-page.mp4');
  });
});
