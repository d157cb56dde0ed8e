import { basename, join } from 'node:path';
import { build, type Metafile } from 'esbuild';
import type { Browser, BrowserContext, Page, Worker } from 'playwright-core';
import { listen } from '../listen.js';
import { HANG_MS } from '../until.js';
import type { WorkerReport, WorkerRequest } from './page.js';

/** How the responses of the page's server differ from the default. */
export interface WorkerPagePolicy {
  /** Content-Security-Policy of the page. */
  readonly page?: string;
  /** Content-Security-Policy of the worker's script, which decides about WebAssembly in it. */
  readonly worker?: string;
  /** Scripts that do not exist. */
  readonly missing?: readonly string[];
}

/** A page, bundled by esbuild, that uploads with MD5s computed in workers, served together with the worker's script. */
export interface WorkerPageServer {
  readonly url: string;
  readonly metafile: Metafile;
  policy: WorkerPagePolicy;
  close(): Promise<void>;
}

/** @param entryPoint - the page's script; by default the one that uploads with MD5s */
export async function startWorkerPage(entryPoint: string = join(__dirname, 'page.ts')): Promise<WorkerPageServer> {
  const { outputFiles, metafile } = await build({
    entryPoints: {
      page: entryPoint,
      'own.worker': join(__dirname, 'own.worker.ts'),
      'upload.worker': join(__dirname, 'upload.worker.ts'),
      'md5-worker': join(__dirname, '..', '..', '..', '..', 'dist', 'esm', 'worker', 'md5-worker.js'),
    },
    outdir: 'out',
    bundle: true,
    write: false,
    metafile: true,
    format: 'esm',
    target: 'es2022',
    tsconfigRaw: {},
  });
  const scripts = new Map(outputFiles.map(({ path, text }) => [basename(path), text]));
  const html =
    '<!doctype html><meta charset="utf-8"><title>Worker</title><input type="file"><script type="module" src="page.js"></script>';
  const { port, close } = await listen(({ url }, response) => {
    const { policy } = pageServer;
    const name = (url ?? '').slice(1);
    const script = policy.missing?.includes(name) === true ? undefined : scripts.get(name);
    const csp = script === undefined || name === 'page.js' ? policy.page : policy.worker;
    if (csp !== undefined) response.setHeader('content-security-policy', csp);
    if (name === '') response.setHeader('content-type', 'text/html').end(html);
    else if (script === undefined) response.writeHead(404).end();
    else response.setHeader('content-type', 'text/javascript').end(script);
  });
  const pageServer: WorkerPageServer = {
    url: `http://localhost:${port}/`,
    metafile,
    policy: {},
    close,
  };
  return pageServer;
}

/** The page in a browser. */
export interface WorkerPage {
  readonly page: Page;
  readonly context: BrowserContext;
  /** All workers so far, and the most that existed at once. */
  readonly workers: { readonly all: readonly Worker[]; readonly most: number };
  upload(request: WorkerRequest): Promise<void>;
  /** Reloads the page and chooses the file again. */
  reload(): Promise<void>;
  ended(): Promise<WorkerReport>;
}

export async function openWorkerPage(browser: Browser, { url }: WorkerPageServer, file: string): Promise<WorkerPage> {
  const context = await browser.newContext();
  context.setDefaultTimeout(HANG_MS);
  const page = await context.newPage();
  const all: Worker[] = [];
  let most = 0;
  page.on('worker', (worker) => {
    all.push(worker);
    most = Math.max(most, page.workers().length);
  });
  const load = async (): Promise<void> => {
    await page.goto(url);
    await page.waitForFunction(() => typeof window.uploadWithMd5 === 'function');
    await page.setInputFiles('input', file);
  };
  await load();
  return {
    page,
    context,
    workers: {
      all,
      get most() {
        return most;
      },
    },
    upload: (request) => page.evaluate((input) => window.uploadWithMd5(input), request),
    reload: load,
    ended: async () => {
      const report = await page.waitForFunction(() => window.ended, undefined);
      const ended = await report.jsonValue();
      if (ended === null) throw new Error('The upload has not ended.');
      return ended;
    },
  };
}
