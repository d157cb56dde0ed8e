import { join } from 'node:path';
import { build } from 'esbuild';
import type { Browser } from 'playwright-core';
import { call, type Engine, type Tab } from '../engines/engine.js';
import { listen } from '../listen.js';
import type { Place } from './page.js';
import type { HarnessReport } from './upload.js';
import { recordReports, type Uploader } from './uploader.js';

/** What replaces the timers of a page, a worker or a process. */
export const SKIPPABLE_TIME: string = join(__dirname, 'skippable-time.ts');

/** How often a page is asked what came. */
const HEAR_EVERY_MS = 25;

/** A service worker that fetches what the page sends, as those of offline applications do. */
const PASSING_WORKER = `
  addEventListener('install', () => skipWaiting());
  addEventListener('activate', (event) => event.waitUntil(clients.claim()));
  addEventListener('fetch', (event) => event.respondWith(fetch(event.request)));
`;

/** A bare page that uploads what it is asked to, itself or by a worker, on an origin of its own. */
export interface Harness {
  readonly url: string;
  /** Opens the page in a tab of its own, and chooses the file. */
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
    ['/passing.js', PASSING_WORKER],
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
        passSilence: () => tab.run(call('passSilence')),
        async close() {
          closed = true;
          await received;
          await tab.close();
        },
      });
      // Asked for, since no two drivers have the same way of learning it, and pages are offline at times.
      async function hear(): Promise<void> {
        for (let seen = 0; !closed;) {
          const reports = (await answered(() => tab.run(call('reportsFrom', seen)))) as readonly HarnessReport[];
          reports.forEach(report);
          seen += reports.length;
          await new Promise((resolve) => setTimeout(resolve, HEAR_EVERY_MS));
        }
      }
      const received = hear().catch(lose);
      return Object.assign(uploader, { tab });
    },
    close,
  };
}

/** Drivers lose an answer once in a while. */
async function answered<T>(ask: () => Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch {
    return ask();
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
    // Of workers' scripts that are not started here.
    logOverride: { 'empty-import-meta': 'silent' },
  });
  return outputFiles[0]?.text ?? '';
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
