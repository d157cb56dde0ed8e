import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { createObsServer } from 'rx-obs-upload/server';
import { launchChromium } from '../support/browser.js';
import { credentials } from '../support/credentials.js';
import { makeFile, makeFolder, MIB, sha256 } from '../support/files.js';
import { startHarness, type Harness } from '../support/harness/harness.js';

const BUNDLE = require.resolve('esdk-obs-browserjs/dist/@cloud/esdk-obs-browserjs.3.25.6.min.js');

interface OfficialResult {
  readonly CommonMsg: { readonly Status: number; readonly Code: string };
  readonly InterfaceResult: Readonly<Record<string, string>>;
}

interface OfficialClient {
  uploadFile(params: object, callback: (error: unknown, result: OfficialResult) => void): void;
}

/** A client that was not written for the local OBS, nor by its authors. */
describe('The official SDK in Chromium', () => {
  const folder = makeFolder();
  let file = '';
  let browser: Browser;
  let harness: Harness;

  beforeAll(async () => {
    file = makeFile(join(folder.path, 'film.mp4'), 50 * MIB);
    browser = await launchChromium();
    harness = await startHarness();
  });

  afterAll(async () => {
    await harness.close();
    await browser.close();
    folder.remove();
  });

  it.each([
    { how: 'as it comes', host: 'localhost', options: {}, date: 'x-obs-date', negotiates: true },
    {
      how: 'by path, with signature v2',
      host: '127.0.0.1',
      options: { path_style: true, signature: 'v2' },
      date: 'x-amz-date',
      negotiates: false,
    },
  ])('uploads 50 MB to the local OBS $how', async ({ how, host, options, date, negotiates }) => {
    const directory = join(folder.path, how);
    const server = await createObsServer({ directory, port: 0, credentials, buckets: ['media'] });
    const page = await browser.newPage();
    try {
      await page.goto(harness.url);
      await page.setInputFiles('input', file);
      await page.addScriptTag({ path: BUNDLE });
      const result = await uploadFile(page, { server: `http://${host}:${server.port}`, ...options });
      expect(result).toMatchObject({
        CommonMsg: { Status: 200 },
        InterfaceResult: { Bucket: 'media', Key: 'a film.mp4', ETag: expect.stringMatching(/^"[0-9a-f]{32}-6"$/) },
      });
      expect(await sha256(server.fileOf('media', 'a film.mp4') ?? '')).toBe(await sha256(file));

      const arrivals = server.log.entries.filter(({ operation }) => operation !== 'preflight');
      expect(arrivals.map(({ operation, status }) => `${operation}: ${status}`)).toEqual([
        ...(negotiates ? ['headApiVersion: 200'] : []),
        'initiateMultipartUpload: 200',
        ...Array.from({ length: 6 }, () => 'uploadPart: 200'),
        'completeMultipartUpload: 200',
      ]);
      for (const { headers } of arrivals) expect(headers).toHaveProperty(date);
    } finally {
      await page.close();
      await server.close();
    }
  });
});

/** Uploads with the SDK's default part size, one part at a time. */
function uploadFile(page: Page, options: object): Promise<OfficialResult> {
  const sdkCredentials = { access_key_id: credentials.accessKeyId, secret_access_key: credentials.secretAccessKey };
  return page.evaluate(
    (all) =>
      new Promise((resolve, reject) => {
        const { ObsClient } = window as unknown as { readonly ObsClient: new (options: object) => OfficialClient };
        const SourceFile = document.querySelector('input')?.files?.[0];
        new ObsClient(all).uploadFile({ Bucket: 'media', Key: 'a film.mp4', SourceFile }, (error, result) => {
          if (error) reject(error instanceof Error ? error : new Error(JSON.stringify(error)));
          else resolve(result);
        });
      }),
    { ...sdkCredentials, ...options },
  );
}
