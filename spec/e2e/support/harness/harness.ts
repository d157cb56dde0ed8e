import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { build } from 'esbuild';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import type { UploadCheckpoint, UploadErrorInfo, UploadEvent } from 'rx-obs-upload';
import type { HarnessReport, HarnessRequest } from './page.js';

/** A bare page that uploads what it is told to, on an origin of its own. */
export interface Harness {
  readonly url: string;
  close(): Promise<void>;
}

export async function startHarness(entryPoint: string = join(__dirname, 'page.ts')): Promise<Harness> {
  const { outputFiles } = await build({
    entryPoints: [entryPoint],
    bundle: true,
    write: false,
    format: 'iife',
    target: 'es2022',
    tsconfigRaw: {},
  });
  const html = `<!doctype html><meta charset="utf-8"><title>Harness</title><input type="file"><script>${outputFiles[0]?.text ?? ''}</script>`;
  const server = createServer((_, response) => response.setHeader('content-type', 'text/html').end(html));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://localhost:${(server.address() as AddressInfo).port}/`,
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

/** The page of one life of a browser, and all that it said. */
export interface HarnessPage {
  readonly page: Page;
  readonly context: BrowserContext;
  readonly events: readonly UploadEvent[];
  readonly checkpoint: UploadCheckpoint | null;
  readonly error: UploadErrorInfo | null;
  start(request: Omit<HarnessRequest, 'checkpoint'> & { readonly checkpoint?: UploadCheckpoint | null }): Promise<void>;
  /** Resolves at the end of the upload that was started last, whichever it is. */
  ended(): Promise<void>;
  count(type: UploadEvent['type']): number;
}

export async function openHarness(browser: Browser, { url }: Harness, file: string): Promise<HarnessPage> {
  const context = await browser.newContext();
  const page = await context.newPage();
  const events: UploadEvent[] = [];
  let checkpoint: UploadCheckpoint | null = null;
  let error: UploadErrorInfo | null = null;
  let end: () => void = () => undefined;
  let ended = Promise.resolve();
  await page.exposeFunction('report', (report: HarnessReport) => {
    if (report.type !== 'event') {
      if (report.type === 'error') error = report.error;
      end();
      return;
    }
    events.push(report.event);
    if (report.event.type === 'checkpoint') checkpoint = report.event.checkpoint;
  });
  await page.goto(url);
  await page.setInputFiles('input', file);
  return {
    page,
    context,
    events,
    get checkpoint() {
      return checkpoint;
    },
    get error() {
      return error;
    },
    start: ({ checkpoint: from = null, ...request }) => {
      error = null;
      ended = new Promise((resolve) => (end = resolve));
      return page.evaluate((asked) => window.startUpload(asked), { ...request, checkpoint: from });
    },
    ended: () => ended,
    count: (type) => events.filter((event) => event.type === type).length,
  };
}

/** Kills a browser as a crash would, with all its processes. */
export async function killBrowser(browser: Browser): Promise<void> {
  const session = await browser.newBrowserCDPSession();
  const { processInfo } = await session.send('SystemInfo.getProcessInfo');
  const main = processInfo.find(({ type }) => type === 'browser');
  if (main === undefined) throw new Error('The browser does not tell its process.');
  const gone = new Promise<void>((resolve) => browser.once('disconnected', () => resolve()));
  process.kill(main.id, 'SIGKILL');
  await gone;
}
