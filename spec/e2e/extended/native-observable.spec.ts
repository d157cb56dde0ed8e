import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { createObsServer, type ObsServer } from 'rx-obs-upload/server';
import { launchChromium } from '../support/browser.js';
import { credentials } from '../support/credentials.js';
import { makeFolder } from '../support/files.js';
import { startWorkerPage, type WorkerPageServer } from '../support/worker/worker-page.js';

describe("Chromium's native Observable", () => {
  const folder = makeFolder();
  let browser: Browser;
  let pages: WorkerPageServer;
  let page: Page;
  let server: ObsServer;

  beforeAll(async () => {
    browser = await launchChromium();
    pages = await startWorkerPage(join(__dirname, '../support/native/page.ts'));
    server = await createObsServer({ directory: folder.path, port: 0, credentials, buckets: ['media'] });
    page = await browser.newPage();
    await page.goto(pages.url);
    await page.waitForFunction(() => typeof window.uploadNatively === 'function');
  });

  afterAll(async () => {
    await server.close();
    await pages.close();
    await browser.close();
    folder.remove();
  });

  it('is accepted for commands, concurrency, traffic limit and network state', async () => {
    const report = await page.evaluate(([url, login]) => window.uploadNatively(url, login), [
      server.url,
      credentials,
    ] as const);
    expect(report).toMatchObject({ isNative: true, statuses: ['completed', 'completed'] });
    // Commands, filesAtOnce, taskNum and trafficLimit; concurrent uploads share one subscription.
    expect(report.teardowns).toBeGreaterThanOrEqual(4);
  });
});
