import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';
import type { Browser } from 'playwright-core';
import { createObsServer, on, type FaultRule, type ObsServer } from 'rx-obs-upload/server';
import { launchChromium } from '../support/browser.js';
import { credentials } from '../support/credentials.js';
import { makeFile, makeFolder, MIB, sha256 } from '../support/files.js';
import { holdResponses, type HeldResponses } from '../support/held-responses.js';
import { longTasks, traceTasks } from '../support/main-thread.js';
import { until } from '../support/until.js';
import type { WorkerReport, WorkerRequest } from '../support/worker/page.js';
import {
  openWorkerPage,
  startWorkerPage,
  type WorkerPage,
  type WorkerPageServer,
} from '../support/worker/worker-page.js';

const SIZE = 80 * MIB + 12_345;
const PART = 5 * MIB;

describe('MD5 in Web Workers in Chromium', () => {
  const folder = makeFolder();
  let browser: Browser;
  let pages: WorkerPageServer;
  let server: ObsServer | null = null;
  let view: WorkerPage | null = null;
  let worldCount = 0;

  beforeAll(async () => {
    browser = await launchChromium();
    pages = await startWorkerPage();
  });

  afterEach(close);

  afterAll(async () => {
    await pages.close();
    await browser.close();
    folder.remove();
  });

  async function close(): Promise<void> {
    await view?.context.close();
    await server?.close();
    pages.policy = {};
    [view, server] = [null, null];
  }

  interface World {
    readonly view: WorkerPage;
    readonly obs: ObsServer;
    readonly file: string;
    start(script?: WorkerRequest['script'], source?: WorkerRequest['source']): Promise<void>;
    expectVerified(report: WorkerReport): Promise<void>;
  }

  async function world(
    faults: readonly FaultRule[] = [],
    size = SIZE,
    inFront: HeldResponses['inFront'] = (obs) => obs,
  ): Promise<World> {
    worldCount += 1;
    const file = makeFile(join(folder.path, `film-${worldCount}.mp4`), size);
    const directory = join(folder.path, `obs-${worldCount}`);
    const obs = await createObsServer({ directory, port: 0, credentials, faults, inFront });
    server = obs;
    const opened = await openWorkerPage(browser, pages, file);
    view = opened;
    return {
      view: opened,
      obs,
      file,
      start: (script = 'package', source = 'file') =>
        opened.upload({ server: obs.url, credentials, key: 'film.mp4', partSize: PART, script, source }),
      expectVerified: async (report) => {
        expect(report).toMatchObject({ type: 'completed', result: { verified: 'etag', totalBytes: size } });
        expect(await sha256(obs.fileOf('media', 'film.mp4') ?? '')).toBe(await sha256(file));
      },
    };
  }

  it('hashes 80 MiB in two workers, keeps the main thread free, and ends the workers when they are idle', async () => {
    const long = await longTasks(async () => {
      await close();
      const { view, start, expectVerified, obs } = await world();
      const tasks = await traceTasks(browser, view.page, async () => {
        await start();
        await expectVerified(await view.ended());
      });
      const parts = obs.log.entries.filter(({ operation }) => operation === 'uploadPart');
      expect(parts).toHaveLength(17);
      expect(parts.every(({ headers }) => /^[\w+/]{22}==$/.test(headers['content-md5'] ?? ''))).toBe(true);
      // Not their total: on a slow machine an idle worker may end and another one start.
      expect(view.workers.most).toBe(2);
      await until('the workers have ended', () => view.page.workers().length === 0);
      return tasks;
    });
    expect(long).toEqual([]);
  });

  it('ends the workers when the upload is unsubscribed', async () => {
    const { view, start } = await world([
      on('uploadPart', { times: Infinity, when: ({ partNumber }) => partNumber !== 1 }).stall('before-response'),
    ]);
    await start();
    await view.page.waitForFunction(() => window.acknowledged > 0);
    expect(view.page.workers()).not.toHaveLength(0);
    await view.page.evaluate(() => window.cancelUpload());
    await until('the workers have ended', () => view.page.workers().length === 0);
  });

  it('reports a file that can no longer be read', async () => {
    const responses = holdResponses(({ method }) => method === 'POST');
    const { view, start, obs, file } = await world([], SIZE, responses.inFront);
    await start();
    await until('the upload is begun', () => responses.count === 1);
    appendFileSync(file, 'more');
    responses.release();
    expect(await view.ended()).toMatchObject({
      type: 'failed',
      error: { name: 'SourceError', code: 'source-unreadable', resumable: true },
    });
    expect(obs.fileOf('media', 'film.mp4')).toBeNull();
  });

  it("works with an application's own script", async () => {
    const { view, start, expectVerified } = await world();
    await start('own');
    await expectVerified(await view.ended());
    expect([...new Set(view.workers.all.map((worker) => worker.url()))]).toEqual([`${pages.url}own.worker.js`]);
  });

  describe('falls back to hashing on the main thread with', () => {
    it.each([
      ['a policy that forbids workers', { page: "worker-src 'none'" }],
      ['a policy that forbids WebAssembly', { worker: "default-src 'self'" }],
      ['a missing worker script', { missing: ['md5-worker.js'] }],
    ])('%s', async (_, policy) => {
      pages.policy = policy;
      const { view, start, expectVerified } = await world([], 12 * MIB);
      await start();
      await expectVerified(await view.ended());
      await until('no worker lives', () => view.page.workers().length === 0);
    });
  });

  describe('running the entire upload', () => {
    it('uploads 80 MiB and keeps the main thread free', async () => {
      const long = await longTasks(async () => {
        await close();
        const { view, start, obs, file } = await world();
        const tasks = await traceTasks(browser, view.page, async () => {
          await start('uploads');
          expect(await view.ended()).toMatchObject({ type: 'completed', result: { totalBytes: SIZE } });
        });
        expect(await sha256(obs.fileOf('media', 'film.mp4') ?? '')).toBe(await sha256(file));
        expect(view.workers.all.map((worker) => worker.url())).toEqual([`${pages.url}upload.worker.js`]);
        return tasks;
      });
      expect(long).toEqual([]);
    });

    it('uploads a stream of the page with the same bytes', async () => {
      const { view, start, obs, file } = await world([], 4 * PART + 12_345);
      await start('uploads', 'stream');
      expect(await view.ended()).toMatchObject({ type: 'completed', result: { totalBytes: 4 * PART + 12_345 } });
      expect(await sha256(obs.fileOf('media', 'film.mp4') ?? '')).toBe(await sha256(file));
      expect(obs.log.entries.filter(({ operation }) => operation === 'uploadPart')).toHaveLength(5);
    });

    const onlyFirst = on('uploadPart', { times: Infinity, when: ({ partNumber }) => partNumber !== 1 });

    it('aborts its requests when the page unsubscribes', async () => {
      const { view, start, obs } = await world([onlyFirst.stall('before-response')]);
      await start('uploads');
      await view.page.waitForFunction(() => window.acknowledged > 0);
      await view.page.evaluate(() => window.cancelUpload());
      await until('no request is in flight', () => obs.log.entries.every(({ endedAt }) => endedAt !== null));
      expect(obs.fileOf('media', 'film.mp4')).toBeNull();
    });

    it("resumes after a reload, from the browser's checkpoint store", async () => {
      let held = true;
      const hold = on('uploadPart', {
        times: Infinity,
        when: ({ partNumber }) => held && partNumber !== null && partNumber > 1,
      }).stall('mid-body');
      const { view, start, obs, file } = await world([hold], 3 * PART);
      await start('uploads');
      await until('the first part is in the stored checkpoint', () => view.page.evaluate(() => window.storedParts()));
      held = false;
      await view.reload();
      await start('uploads');
      expect(await view.ended()).toMatchObject({ type: 'completed' });
      expect(await view.page.evaluate(() => window.resumedBytes)).toBe(PART);
      expect(await sha256(obs.fileOf('media', 'film.mp4') ?? '')).toBe(await sha256(file));
    });

    it('fails with a checkpoint when it is terminated, which fires no event', async () => {
      const { view, start } = await world([onlyFirst.stall('before-response')]);
      await start('uploads');
      await view.page.waitForFunction(() => window.acknowledged > 0);
      await view.page.evaluate(() => window.uploadWorker?.terminate());
      expect(await view.ended()).toMatchObject({
        type: 'failed',
        error: {
          name: 'WorkerError',
          code: 'worker-lost',
          resumable: true,
          checkpoint: { parts: [{ partNumber: 1 }] },
        },
      });
    });
  });
});

describe('a bundle', () => {
  async function inputs(code: string): Promise<string> {
    const { metafile } = await build({
      stdin: { contents: code, resolveDir: __dirname },
      bundle: true,
      write: false,
      metafile: true,
      format: 'esm',
      logLevel: 'silent',
      tsconfigRaw: {},
    });
    const [output] = Object.values(metafile.outputs);
    return Object.entries(output?.inputs ?? {})
      .filter(([, { bytesInOutput }]) => bytesInOutput > 0)
      .map(([path]) => path)
      .join('\n');
  }

  it('contains hash-wasm only in the worker script', async () => {
    expect(await inputs("export * from 'rx-obs-upload'")).not.toContain('hash-wasm');
    expect(await inputs("export { workerHasher } from 'rx-obs-upload/worker'")).not.toContain('hash-wasm');
    const worker = await inputs("import { serveMd5 } from 'rx-obs-upload/worker'; serveMd5();");
    expect(worker).toContain('hash-wasm');
    expect(worker).not.toContain('crypto-js');
  });
});
