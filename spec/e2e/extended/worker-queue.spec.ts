import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import type { QueueRowStatus } from 'rx-obs-upload';
import { createObsServer, on, type ObsServer } from 'rx-obs-upload/server';
import { launchChromium } from '../support/browser.js';
import { credentials } from '../support/credentials.js';
import { makeFile, makeFolder, MIB, sha256 } from '../support/files.js';
import { HANG_MS, until } from '../support/until.js';
import { startWorkerPage, type WorkerPageServer } from '../support/worker/worker-page.js';

const PART = 2 * MIB;

describe('A queue whose uploads run in a worker, in Chromium', () => {
  const folder = makeFolder();
  const film = makeFile(join(folder.path, 'film.mp4'), 4 * PART + 1234);
  let browser: Browser;
  let pages: WorkerPageServer;
  let page: Page;
  let server: ObsServer;
  /** Whether parts after the first one are held. */
  let held: boolean;
  let serverCount = 0;

  beforeAll(async () => {
    browser = await launchChromium();
    pages = await startWorkerPage(join(__dirname, '../support/worker/queue-page.ts'));
  });

  beforeEach(async () => {
    held = true;
    const hold = on('uploadPart', {
      times: Infinity,
      when: ({ partNumber }) => held && partNumber !== null && partNumber > 1,
    }).stall('mid-body');
    const directory = join(folder.path, `obs-${(serverCount += 1)}`);
    server = await createObsServer({ directory, port: 0, credentials, buckets: ['media'], faults: [hold] });
    const context = await browser.newContext();
    context.setDefaultTimeout(HANG_MS);
    page = await context.newPage();
    await load();
  });

  afterEach(async () => {
    await page.context().close();
    await server.close();
  });

  afterAll(async () => {
    await pages.close();
    await browser.close();
    folder.remove();
  });

  async function load(): Promise<void> {
    await page.goto(pages.url);
    await page.waitForFunction(() => typeof window.startQueue === 'function');
    await page.setInputFiles('input', film);
    await page.evaluate(([url, login, size]) => window.startQueue(url, login, size), [
      server.url,
      credentials,
      PART,
    ] as const);
  }

  const add = (): Promise<unknown> =>
    page.evaluate(() => window.queue.add({ id: 'film', key: 'film.mp4', sourceFile: window.chosenFile() }));
  const reaches = (status: QueueRowStatus): Promise<unknown> =>
    page.waitForFunction((wanted) => window.queue.state.rows[0]?.status === wanted, status);
  const partsInCheckpoint = (): Promise<number> =>
    page.evaluate(() => window.queue.state.rows[0]?.snapshot.checkpoint?.parts.length ?? 0);
  const inFlight = (): number => server.log.inFlight();
  const initiates = (): number =>
    server.log.entries.filter(({ operation }) => operation === 'initiateMultipartUpload').length;

  async function addAndSendOnePart(): Promise<void> {
    await add();
    await until('one part is acknowledged', async () => (await partsInCheckpoint()) === 1);
  }

  async function expectFilm(): Promise<void> {
    await reaches('completed');
    expect(await sha256(server.fileOf('media', 'film.mp4') ?? '')).toBe(await sha256(film));
    expect(initiates()).toBe(1);
    await page.waitForFunction(() => window.queue.state.pending.length === 0);
  }

  it('pauses immediately, and resumes with the missing parts', async () => {
    await addAndSendOnePart();
    await page.evaluate(() => window.queue.pause());
    await reaches('paused');
    await until('its requests are aborted', () => inFlight() === 0);
    held = false;
    await page.evaluate(() => window.queue.resume());
    await expectFilm();
  });

  it('aborts without leaving parts or a record', async () => {
    await addAndSendOnePart();
    await page.evaluate(() => window.queue.abort());
    await reaches('aborted');
    await until('its requests are aborted', () => inFlight() === 0);
    const aborts = server.log.entries.filter(({ operation }) => operation === 'abortMultipartUpload');
    expect(aborts.at(-1)).toMatchObject({ status: 204 });
    // Without the worker, so that nothing more is stored.
    await load();
    expect(await page.evaluate(() => window.storedCheckpoints())).toBe(0);
  });

  it('lists the upload after a reload, and resumes it with the chosen file', async () => {
    await addAndSendOnePart();
    await until('its checkpoint is stored', () => page.evaluate(() => window.storedCheckpoints()));
    await load();
    await page.waitForFunction(() => window.queue.state.pending.length === 1);
    held = false;
    await page.evaluate(() => window.queue.pick(window.queue.state.pending[0]?.id ?? '', window.chosenFile()));
    await expectFilm();
  });
});
