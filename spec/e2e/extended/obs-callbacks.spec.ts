import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Browser } from 'playwright-core';
import { createObsHandler, on, type Arrival, type FaultRule } from 'rx-obs-upload/server';
import { createPageHandler } from '../../../examples/browser-page/server.js';
import { launchChromium } from '../support/browser.js';
import { credentials } from '../support/credentials.js';
import { makeFile, makeFolder, MIB, sha256 } from '../support/files.js';
import { listen } from '../support/listen.js';
import { BUCKET } from '../support/local-page.js';
import { openPage, type PageDriver } from '../support/page-driver.js';

const PARTS = 12;
const ROOT = join(__dirname, '..', '..', '..');

describe('The page with callbacks in Chromium', () => {
  const folder = makeFolder();
  const assets = join(folder.path, 'page');
  let browser: Browser;
  let served = 0;

  beforeAll(async () => {
    const build = join(ROOT, 'examples', 'obs-callbacks', 'build.mjs');
    await promisify(execFile)(process.execPath, [build, assets], { cwd: ROOT });
    browser = await launchChromium();
  });

  afterAll(async () => {
    await browser.close();
    folder.remove();
  });

  /** Uploads the file on a new page, waits for the end, and returns what the page and the console showed. */
  async function run(path: string, faults: readonly FaultRule[]): Promise<Run> {
    const directory = join(folder.path, `obs-${++served}`);
    const obs = createObsHandler({ directory, credentials, buckets: [BUCKET], faults });
    await obs.ready;
    const handler = createPageHandler({ assets, bucket: BUCKET, folder: directory, credentials, obs });
    const server = await listen(handler, obs.checkContinue);
    const driver = await openPage(browser, `http://localhost:${server.port}/`);
    const consoleLines: string[] = [];
    driver.page.on('console', (message) => consoleLines.push(message.text()));
    try {
      await driver.choose(path);
      await driver.page.locator('[data-testid=upload]:is([data-status=completed], [data-status=failed])').waitFor();
      const stored = obs.fileOf(BUCKET, 'film.mp4');
      return {
        consoleLines,
        log: (await driver.text('log')).split('\n').map((line) => line.replace(/^\d+\.\s*/, '')),
        status: await driver.get('upload').getAttribute('data-status'),
        result: await driver.text('result'),
        shown: `${await driver.text('percent')}, ${await driver.text('speed')}`,
        arrivals: obs.log.entries.filter(({ operation }) => operation !== 'preflight'),
        stored: stored === null ? null : await sha256(stored),
        crashes: driver.crashes,
      };
    } finally {
      await driver.context.close();
      await server.close();
      await obs.close();
    }
  }

  it('reports progress, suspends halfway, resumes with the checkpoint and prints the result', async () => {
    const path = makeFile(join(folder.path, 'film.mp4'), PARTS * MIB);
    const { consoleLines, log, status, result, shown, arrivals, stored, crashes } = await run(path, [
      on('uploadPart', { partNumber: 5 }).stall('mid-body'),
      on('uploadPart', { times: Infinity }).slow({ bytesPerSecond: 4 * MIB }),
    ]);
    expect(crashes).toEqual([]);
    expect(status).toBe('completed');
    expect(stored).toBe(await sha256(path));
    expect(JSON.parse(result)).toMatchObject({
      CommonMsg: { Status: 200 },
      InterfaceResult: { Bucket: BUCKET, Key: 'film.mp4', ETag: expect.stringMatching(/^"[0-9a-f]{32}-12"$/) },
    });

    const progress = consoleLines.filter((line) => /^\d+ KB\/s, \d+ %$/.test(line));
    expect(progress.length).toBeGreaterThan(2);
    expect(progress.at(-1)).toMatch(/^[1-9]\d* KB\/s, 100 %$/);
    expect(shown).toMatch(/^100 %, [1-9]\d* KB\/s$/);
    expect(consoleLines).toEqual(expect.arrayContaining([...log]));

    const stopped = log.findIndex((line) => line.startsWith('Stopped: '));
    expect(log[stopped]).toContain('suspended');
    expect(log[stopped + 1]).toMatch(/^Resuming: \d+ of 12 parts are on the server\.$/);
    expect(log[1]).toBe('initiateMultipartUploadSucceed');
    expect(log.at(-1)).toBe('completeMultipartUploadSucceed');

    const parts = arrivals.filter(({ operation }) => operation === 'uploadPart');
    const acknowledged = parts.filter(({ status: code }) => code === 200).map(({ partNumber }) => partNumber);
    expect(new Set(acknowledged)).toEqual(new Set(Array.from({ length: PARTS }, (_, i) => i + 1)));
    // Stored parts are not sent again, except one that arrives after the suspension.
    const resumed = arrivals.slice(arrivals.findIndex(({ operation }) => operation === 'listParts'));
    const storedCount = Number(/\d+/.exec(log[stopped + 1] ?? '')?.[0]);
    expect(storedCount).toBeGreaterThan(0);
    expect(resumed.filter(({ operation }) => operation === 'uploadPart').length).toBeLessThanOrEqual(
      PARTS - storedCount,
    );
    expect(parts.filter(({ aborted }) => aborted).map(({ partNumber }) => partNumber)).toContain(5);
    expect(arrivals.filter(({ operation }) => operation === 'initiateMultipartUpload')).toHaveLength(1);
    expect(arrivals.filter(({ operation }) => operation === 'abortMultipartUpload')).toEqual([]);
  });

  it('shows the status and code of a refused request', async () => {
    const path = makeFile(join(folder.path, 'film.mp4'), MIB);
    const { status, result, log, crashes } = await run(path, [
      on('initiateMultipartUpload', { times: Infinity }).respond(403, 'AccessDenied'),
    ]);
    expect(crashes).toEqual([]);
    expect(status).toBe('failed');
    expect(JSON.parse(result)).toMatchObject({ CommonMsg: { Status: 403, Code: 'AccessDenied' } });
    expect(log.at(-1)).toContain('initiateMultipartUploadFailed');
  });
});

interface Run {
  readonly consoleLines: readonly string[];
  readonly log: readonly string[];
  readonly status: string | null;
  readonly result: string;
  readonly shown: string;
  readonly arrivals: readonly Arrival[];
  readonly stored: string | null;
  readonly crashes: PageDriver['crashes'];
}
