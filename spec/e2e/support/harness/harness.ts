import { join } from 'node:path';
import { build } from 'esbuild';
import type { Browser } from 'playwright-core';
import { call, type Engine, type Tab } from '../engines/engine.js';
import { listen } from '../listen.js';
import type { Place } from './page.js';
import type { HarnessReport } from './upload.js';
import { recordReports, type Uploader } from './uploader.js';

/** The module that replaces the timers of a page, a worker or a process. */
export const SKIPPABLE_TIME: string = join(__dirname, 'skippable-time.ts');

/** How often a page is polled for reports. */
const POLL_INTERVAL_MS = 25;

/** A service worker that forwards the page's requests, as those of offline applications do. */
const FORWARDING_WORKER = `
  addEventListener('install', () => skipWaiting());
  addEventListener('activate', (event) => event.waitUntil(clients.claim()));
  addEventListener('fetch', (event) => event.respondWith(fetch(event.request)));
`;

/** A bare page on its own origin that uploads on request, by itself or in a worker. */
export interface Harness {
  readonly url: string;
  /** Opens the page in a new tab and chooses the file. */
  open(engine: Engine, place: Place, file: string): Promise<TabUploader>;
  close(): Promise<void>;
}

export interface TabUploader extends Uploader {
  readonly tab: Tab;
}

export async function startHarness(entryPoint: string = join(__dirname, 'page.ts')): Promise<Harness> {
  const [page, worker, uploadWorker] = await Promise.all(
    [entryPoint, join(__dirname, 'worker.ts'), join(__dirname, 'upload-worker.ts')].map(bundle),
  );
  const html = `<!doctype html><meta charset="utf-8"><title>Harness</title><input type="file"><script>${page}</script>`;
  const scripts = new Map([
    ['/worker.js', worker],
    ['/upload-worker.js', uploadWorker],
    ['/passing.js', FORWARDING_WORKER],
  ]);
  const { port, close } = await listen((request, response) => {
    const script = scripts.get(request.url ?? '');
    if (script === undefined) response.setHeader('content-type', 'text/html').end(html);
    else response.setHeader('content-type', 'text/javascript').end(script);
  });
  const url = `http://localhost:${port}/`;
  return {
    url,
    async open(engine, place, file) {
      const tab = await engine.open(url);
      await tab.choose(file);
      let closed = false;
      const { report, lose, uploader } = recordReports({
        start: (request) => tab.run(call('startUpload', place, request)),
        cancel: () => tab.run(call('cancelUpload')),
        advancePastStall: () => tab.run(call('advancePastStall')),
        async close() {
          closed = true;
          await received;
          await tab.close();
        },
      });
      // Polled: drivers differ in how a page can notify them, and pages are offline at times.
      async function pollReports(): Promise<void> {
        for (let seen = 0; !closed;) {
          const reports = (await runWithRetry(() => tab.run(call('reportsFrom', seen)))) as readonly HarnessReport[];
          reports.forEach(report);
          seen += reports.length;
          await new Promise((resolve) => setTimeout(resolve, POLL_INTERVAL_MS));
        }
      }
      const received = pollReports().catch(lose);
      return Object.assign(uploader, { tab });
    },
    close,
  };
}

/** Drivers occasionally lose a response. */
async function runWithRetry<T>(run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch {
    return run();
  }
}

async function bundle(entryPoint: string): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [entryPoint],
    bundle: true,
    write: false,
    format: 'iife',
    target: 'es2022',
    inject: [SKIPPABLE_TIME],
    tsconfigRaw: {},
    // For worker scripts that are not started here.
    logOverride: { 'empty-import-meta': 'silent' },
  });
  return outputFiles[0]?.text ?? '';
}

/** Kills a browser with all its processes, as a crash would. */
export async function killBrowser(browser: Browser): Promise<void> {
  const session = await browser.newBrowserCDPSession();
  const { processInfo } = await session.send('SystemInfo.getProcessInfo');
  const main = processInfo.find(({ type }) => type === 'browser');
  if (main === undefined) throw new Error('The browser does not tell its process.');
  const disconnected = new Promise<void>((resolve) => browser.once('disconnected', () => resolve()));
  process.kill(main.id, 'SIGKILL');
  await disconnected;
}
