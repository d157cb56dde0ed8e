import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { createObsServer, type ObsServer } from 'rx-obs-upload/server';
import { launchChromium } from '../support/browser.js';
import type { CheckedReport, CheckedRequest } from '../support/checks/page.js';
import { credentials } from '../support/credentials.js';
import { makeFile, makeFolder, MIB, sha256 } from '../support/files.js';
import { startWorkerPage, type WorkerPageServer } from '../support/worker/worker-page.js';

const PART = MIB;
const SIZE = 3 * PART + 12_345;

/** The headers that a CORS rule must list according to the guide, and those of the options used here. */
const LISTED = {
  obs: 'authorization content-type x-obs-date x-obs-checksum-crc64ecma x-obs-traffic-limit x-obs-grant-read',
  v4:
    'authorization content-type x-amz-date x-amz-content-sha256 x-amz-mp-object-size x-amz-checksum-algorithm ' +
    'x-amz-checksum-type x-amz-checksum-crc64nvme x-amz-checksum-mode x-amz-grant-read',
} as const;

const EXPOSED = {
  obs: ['ETag', 'x-obs-request-id', 'x-obs-checksum-crc64ecma'],
  v4: ['ETag', 'x-amz-request-id', 'x-amz-checksum-crc64nvme'],
} as const;

describe('checksums, limits and extra headers from a page in Chromium', () => {
  const folder = makeFolder();
  let file = '';
  let browser: Browser;
  let pages: WorkerPageServer;
  let page: Page;
  let server: ObsServer | null = null;
  let serverCount = 0;
  let workers = 0;

  beforeAll(async () => {
    file = makeFile(join(folder.path, 'film.mp4'), SIZE);
    browser = await launchChromium();
    pages = await startWorkerPage(join(__dirname, '../support/checks/page.ts'));
    page = await browser.newPage();
    page.on('worker', () => (workers += 1));
    await page.goto(pages.url);
    await page.waitForFunction(() => typeof window.uploadWith === 'function');
    await page.setInputFiles('input', file);
  });

  afterEach(async () => {
    await server?.close();
    server = null;
  });

  afterAll(async () => {
    await pages.close();
    await browser.close();
    folder.remove();
  });

  /** Starts a local OBS whose CORS rule lists its headers one by one. */
  async function serve(allowedHeaders: string, exposeHeaders: readonly string[]): Promise<ObsServer> {
    const cors = {
      allowedOrigins: [new URL(pages.url).origin],
      allowedMethods: ['GET', 'PUT', 'POST', 'DELETE', 'HEAD'],
      allowedHeaders: allowedHeaders.split(' '),
      exposeHeaders,
      maxAgeSeconds: 600,
    };
    const directory = join(folder.path, `obs-${++serverCount}`);
    server = await createObsServer({ directory, port: 0, credentials, cors });
    return server;
  }

  function upload(
    obs: ObsServer,
    signature: CheckedRequest['signature'],
    options: CheckedRequest['options'],
    hasher: CheckedRequest['hasher'] = 'page',
  ): Promise<CheckedReport> {
    const request = { server: obs.url, credentials, signature, hasher, key: 'film.mp4', options };
    return page.evaluate((input) => window.uploadWith(input), request);
  }

  function resultOf({ error, events }: CheckedReport): unknown {
    expect(error).toBeNull();
    const last = events.at(-1);
    return last?.type === 'completed' ? [last.result.verified, last.skipped] : last;
  }

  describe.each([
    { signature: 'obs', prefix: 'x-obs-', options: { trafficLimit: 838_860_800 } },
    { signature: 'v4', prefix: 'x-amz-', options: {} },
  ] as const)('signature $signature', ({ signature, prefix, options }) => {
    const uploadOptions = {
      checksum: 'crc64',
      partSize: PART,
      taskNum: 2,
      headers: { initiate: { [`${prefix}grant-read`]: 'id=friend' } },
      ...options,
    } as const;

    it.each(['page', 'worker'] as const)('are sent and verified, hashed in the %s', async (hasher) => {
      const before = workers;
      const obs = await serve(LISTED[signature], EXPOSED[signature]);
      const report = await upload(obs, signature, uploadOptions, hasher);
      expect(resultOf(report)).toEqual(['crc64', false]);
      expect(workers > before).toBe(hasher === 'worker');
      expect(await sha256(obs.fileOf('media', 'film.mp4') ?? '')).toBe(await sha256(file));

      const arrivals = obs.log.entries.filter(({ operation }) => operation !== 'preflight');
      const headersOf = (operation: string): readonly object[] =>
        arrivals.filter((arrival) => arrival.operation === operation).map(({ headers }) => headers);
      expect(headersOf('initiateMultipartUpload')[0]).toHaveProperty(`${prefix}grant-read`, 'id=friend');
      const limit = 'trafficLimit' in options ? { 'x-obs-traffic-limit': '838860800' } : {};
      expect(headersOf('uploadPart')).toHaveLength(4);
      for (const headers of headersOf('uploadPart')) expect(headers).toMatchObject(limit);

      // One record for each request, without secrets.
      expect(report.records.map(({ operation, status }) => [operation, status])).toEqual(
        arrivals.map(({ operation, status }) => [operation, status]),
      );
      const parts = report.records.filter(({ operation }) => operation === 'uploadPart');
      expect(parts.reduce((sum, { sentBytes }) => sum + sentBytes, 0)).toBe(SIZE);
      expect(report.records.every(({ requestId }) => requestId !== null)).toBe(true);
      expect(JSON.stringify(report.records)).not.toMatch(/Signature|http|local/);
    });

    it('are not verified when the rule exposes no checksum, and nothing fails', async () => {
      const obs = await serve(LISTED[signature], ['ETag']);
      expect(resultOf(await upload(obs, signature, uploadOptions))).toEqual([
        signature === 'obs' ? 'etag' : 'crc64',
        false,
      ]);
    });

    it('skip an object that already exists', async () => {
      const obs = await serve(LISTED[signature], EXPOSED[signature]);
      const skipOptions = { ...uploadOptions, skipExisting: true };
      expect(resultOf(await upload(obs, signature, skipOptions))).toEqual(['crc64', false]);
      const sent = obs.log.entries.length;
      const again = await upload(obs, signature, skipOptions);
      expect(resultOf(again)).toEqual(['crc64', true]);
      expect(again.events.filter(({ type }) => type === 'hashing').at(-1)).toMatchObject({ hashedBytes: SIZE });
      const later = obs.log.entries.slice(sent).map(({ operation }) => operation);
      expect(later.filter((operation) => operation !== 'preflight')).toEqual(['headObject']);
    });
  });

  it('fail at the end when the rule does not list the object size header', async () => {
    const obs = await serve(LISTED.v4.replace('x-amz-mp-object-size ', ''), EXPOSED.v4);
    const report = await upload(obs, 'v4', { partSize: PART, retry: { maxAttempts: 1 } });
    expect(report.error).toBe('network');
    expect(report.events.filter(({ type }) => type === 'part-completed')).toHaveLength(4);
  });
});
