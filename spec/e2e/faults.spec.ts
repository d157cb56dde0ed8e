import { appendFileSync, rmSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { createObsServer, on, type FaultRule, type ObsServer, type ObsServerOptions } from 'rx-obs-upload/server';
import { launchChromium } from './support/browser.js';
import { makeFile, makeFolder, MIB, sha256 } from './support/files.js';
import { openHarness, startHarness, type Harness, type HarnessPage } from './support/harness/harness.js';
import type { HarnessRequest } from './support/harness/page.js';
import { until } from './support/until.js';

const credentials = { accessKeyId: 'local', secretAccessKey: 'for-specs-only' };
const KEY = 'film.mp4';
const SIZE = 5 * MIB + 1000;

/** Rows of faults that only a real browser can show, against the local OBS over HTTP. */
describe('Faults in Chromium', () => {
  const folder = makeFolder();
  let browser: Browser;
  let harness: Harness;
  let server: ObsServer | null = null;
  let page: HarnessPage | null = null;
  let worlds = 0;

  beforeAll(async () => {
    browser = await launchChromium();
    harness = await startHarness();
  });

  afterEach(async () => {
    await page?.context.close();
    await server?.close();
    [page, server] = [null, null];
  });

  afterAll(async () => {
    await harness.close();
    await browser.close();
    folder.remove();
  });

  interface World {
    readonly obs: ObsServer;
    readonly file: string;
    readonly view: HarnessPage;
    start(
      options?: HarnessRequest['options'],
      more?: Partial<Pick<HarnessRequest, 'silentOnce' | 'checkpoint'>>,
    ): Promise<void>;
    expectWhole(): Promise<void>;
  }

  async function world(faults: readonly FaultRule[], options: Partial<ObsServerOptions> = {}): Promise<World> {
    worlds += 1;
    const file = makeFile(join(folder.path, `film-${worlds}.mp4`), SIZE);
    const directory = join(folder.path, `obs-${worlds}`);
    const obs = await createObsServer({ directory, port: 0, credentials, faults, ...options });
    server = obs;
    const view = await openHarness(browser, harness, file);
    page = view;
    return {
      obs,
      file,
      view,
      start: (requested = {}, more = {}) =>
        view.start({
          ...more,
          server: obs.url,
          credentials,
          bucket: 'media',
          key: KEY,
          options: { partSize: MIB, taskNum: 2, stallTimeoutMs: 1500, retry: { baseDelayMs: 50 }, ...requested },
        }),
      expectWhole: async () => {
        await view.ended();
        expect(view.error).toBeNull();
        expect(view.events.at(-1)).toMatchObject({ type: 'completed', result: { verified: 'etag' } });
        expect(await sha256(obs.fileOf('media', KEY) ?? '')).toBe(await sha256(file));
        for (const fault of faults) expect([fault.name, fault.fired > 0]).toEqual([fault.name, true]);
      },
    };
  }

  describe('1 silence', () => {
    it.each([
      ['before the first byte of a part', on('uploadPart', { partNumber: 2 }).stall('before-body')],
      ['in the midst of a part', on('uploadPart', { partNumber: 2 }).stall('mid-body')],
      ['after the whole part', on('uploadPart', { partNumber: 2 }).stall('before-response')],
      ['after the part took effect', on('uploadPart', { partNumber: 2 }).stall('after-effect')],
      ['in the midst of the answer', on('uploadPart', { partNumber: 2 }).stall('mid-response')],
      ['on initiate', on('initiateMultipartUpload').stall('before-response')],
      ['on complete, before it took effect', on('completeMultipartUpload').stall('before-response')],
      ['on complete, after it took effect', on('completeMultipartUpload').stall('after-effect')],
    ])('%s is given up and tried again', async (_, fault) => {
      const { start, expectWhole } = await world([fault]);
      await start();
      await expectWhole();
    });

    it.each(['credentials', 'signer', 'presign'] as const)('of %s is given up and tried again', async (silentOnce) => {
      const { start, expectWhole, view } = await world([]);
      await start({}, { silentOnce });
      await expectWhole();
      const retries = view.events.filter((event) => event.type === 'retrying');
      expect(retries.map(({ operation, error }) => [operation, error.code])).toEqual([
        ['initiateMultipartUpload', 'stalled'],
      ]);
    });

    it('on the list of parts is given up and tried again', async () => {
      const { start, expectWhole, view } = await world([
        on('uploadPart', { partNumber: 3 }).respond(403, 'AccessDenied'),
        on('listParts').stall('before-response'),
      ]);
      await start({ taskNum: 1 });
      await view.ended();
      expect(view.error).toMatchObject({ serviceCode: 'AccessDenied', checkpoint: { parts: [{}, {}] } });
      await start({ taskNum: 1 }, { checkpoint: view.checkpoint });
      await expectWhole();
      expect(view.events.some((event) => event.type === 'retrying' && event.operation === 'listParts')).toBe(true);
    });

    it('without end is an error that keeps the upload', async () => {
      const { start, view, obs } = await world([on('uploadPart', { times: Infinity }).stall('mid-body')]);
      await start({ taskNum: 1, retry: { maxAttempts: 2, baseDelayMs: 10 } });
      await view.ended();
      expect(view.error).toMatchObject({ name: 'NetworkError', code: 'stalled', checkpoint: { bucket: 'media' } });
      expect(obs.control.state.uploads.size).toBe(1);
    });
  });

  describe('6 the file', () => {
    it.each([
      ['is edited', (path: string) => appendFileSync(path, 'more')],
      ['gets another date', (path: string) => utimesSync(path, new Date(), new Date(Date.now() + 60_000))],
      ['is deleted', (path: string) => rmSync(path)],
    ])('that %s while it is uploaded ends the upload as a SourceError, without an object', async (_, change) => {
      const { start, view, obs, file } = await world([on('uploadPart', { partNumber: 3 }).delay(300)]);
      await start({ taskNum: 1 });
      await until('the third part is on its way', () => view.count('part-completed') >= 2);
      change(file);
      await view.ended();
      expect(view.error).toMatchObject({ name: 'SourceError' });
      expect(view.count('retrying')).toBe(0);
      expect(obs.fileOf('media', KEY)).toBeNull();
      expect(obs.control.state.uploads.size).toBe(1);
    });
  });

  describe('8 engines', () => {
    it('takes ETags that the bucket does not expose from the list of parts', async () => {
      const { start, expectWhole } = await world([], {
        cors: {
          allowedOrigins: ['*'],
          allowedMethods: ['GET', 'PUT', 'POST', 'DELETE', 'HEAD'],
          allowedHeaders: ['*'],
          exposeHeaders: [],
          maxAgeSeconds: 60,
        },
      });
      await start();
      await expectWhole();
    });

    it('takes a captive portal for no success', async () => {
      const { start, expectWhole } = await world([
        on('initiateMultipartUpload').htmlPage(),
        on('uploadPart', { partNumber: 1 }).htmlPage(),
        on('completeMultipartUpload').htmlPage(),
      ]);
      await start();
      await expectWhole();
    });

    it('tells progress at a bounded rate, truly, and never after the end', async () => {
      const { start, expectWhole, view } = await world([
        on('uploadPart', { times: Infinity }).slow({ bytesPerSecond: 4 * MIB }),
      ]);
      await start();
      await expectWhole();
      const progress = view.events.filter((event) => event.type === 'progress');
      const seconds = progress.at(-1)?.elapsedSeconds ?? 0;
      expect(progress.length).toBeGreaterThan(3);
      expect(progress.length).toBeLessThanOrEqual(seconds * 10 + 3);
    });
  });

  describe('9 the network', () => {
    it('that goes away and comes back costs no attempt', async () => {
      const { start, expectWhole, view } = await world([
        on('uploadPart', { times: Infinity }).slow({ bytesPerSecond: 2 * MIB }),
      ]);
      await start({ retry: { maxAttempts: 1 } });
      for (let i = 0; i < 3; i++) {
        const waits = view.count('waiting');
        await view.context.setOffline(true);
        await until('the upload waits', () => view.count('waiting') > waits || view.count('completed') > 0);
        const starts = view.count('part-started');
        await view.context.setOffline(false);
        await until('it goes on', () => view.count('part-started') > starts || view.count('completed') > 0);
      }
      await expectWhole();
      expect(view.count('waiting')).toBeGreaterThan(0);
    });

    it.each([
      [
        '503 with Retry-After in seconds',
        on('uploadPart', { arrival: 2 }).respond(503, 'SlowDown', { headers: { 'retry-after': '1' } }),
      ],
      ['429', on('uploadPart', { arrival: 2, times: 2 }).respond(429, 'TooManyRequests')],
      ['a reset in the midst of a part', on('uploadPart', { partNumber: 3 }).reset({ afterBytes: 500_000 })],
    ])('that answers %s is tried again', async (_, fault) => {
      const { start, expectWhole } = await world([fault]);
      await start();
      await expectWhole();
    });

    it('that refuses connections ends in a NetworkError that can be resumed', async () => {
      const { start, view, obs } = await world([
        on('uploadPart', { partNumber: 2, times: Infinity }).stall('mid-body'),
      ]);
      await start({ taskNum: 1, retry: { maxAttempts: 2, baseDelayMs: 10 } });
      await until('a part is stored', () => view.count('part-completed') === 1);
      await obs.close();
      server = null;
      await view.ended();
      expect(view.error).toMatchObject({
        name: 'NetworkError',
        code: 'network',
        checkpoint: { parts: [{ partNumber: 1 }] },
      });
    });
  });

  describe('13 requests that reach the server twice', () => {
    it.each([
      ['initiate', on('initiateMultipartUpload').resend()],
      ['a part', on('uploadPart', { partNumber: 2 }).resend()],
      ['complete', on('completeMultipartUpload').resend()],
      ['complete, its answer lost', on('completeMultipartUpload').loseResponse()],
    ])('%s', async (_, fault) => {
      const { start, expectWhole } = await world([fault]);
      await start();
      await expectWhole();
    });
  });
});
