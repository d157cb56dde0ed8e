import { createHash } from 'node:crypto';
import { join } from 'node:path';
import type { BrowserContext, Page } from 'playwright-core';
import { launchProfile } from '../support/browser.js';
import { credentials } from '../support/credentials.js';
import { makeFolder, MIB, sha256 } from '../support/files.js';
import { killBrowser, startHarness, type Harness } from '../support/harness/harness.js';
import { holdAt, nameOf, opened, type KillMoment } from '../support/kill-moment.js';
import { BUCKET, startLocalPage, type LocalPage } from '../support/local-page.js';
import type { RecordingRequest } from '../support/recording/page.js';
import { HANG_MS, until } from '../support/until.js';
import { numbersTo, watchParts } from '../support/watch-parts.js';

const CHUNK = 300 * 1024;
/** Chunks emitted before and after the server holds the first parts. */
const [BEFORE, AFTER] = [30, 15];
const SIZE = (BEFORE + AFTER) * CHUNK;
const PARTS = Math.ceil(SIZE / MIB);
const CONCURRENCY = 3;

const FIRST: KillMoment = {
  operation: 'uploadPart',
  from: 4,
  at: 'mid-body',
  takenBytes: MIB / 2,
  server: opened(1, 3),
};
const LATER: readonly KillMoment[] = [
  { operation: 'listParts', at: 'before-response', server: opened(1, 3) },
  { operation: 'uploadPart', from: 8, at: 'after-effect', server: opened(1, 10) },
  { operation: 'completeMultipartUpload', at: 'before-response', server: opened(1, PARTS) },
];

describe('A browser that is killed while recording', () => {
  const folder = makeFolder();
  const contexts: BrowserContext[] = [];
  let local: LocalPage;
  let harness: Harness;

  beforeAll(async () => {
    local = await startLocalPage(join(folder.path, 'obs'));
    harness = await startHarness(join(__dirname, '..', 'support', 'recording', 'page.ts'));
  });

  afterAll(async () => {
    for (const context of contexts) await context.close();
    await harness.close();
    await local.close();
    folder.remove();
  });

  async function open(): Promise<Page> {
    const context = await launchProfile(join(folder.path, 'profile'));
    contexts.push(context);
    context.setDefaultTimeout(HANG_MS);
    const page = await context.newPage();
    await page.goto(harness.url);
    return page;
  }

  async function kill(page: Page): Promise<void> {
    const browser = page.context().browser();
    if (browser === null) throw new Error('There is no browser to kill.');
    await killBrowser(browser);
  }

  it(
    `completes the recording from its profile through ${1 + LATER.length} kills; no stored part is sent again`,
    async () => {
      const sent = watchParts(local);
      const request: RecordingRequest = {
        server: local.obsUrl,
        credentials,
        bucket: BUCKET,
        key: 'meeting.webm',
        partSize: MIB,
        taskNum: CONCURRENCY,
      };
      const produce = (page: Page, from: number, count: number): Promise<void> =>
        page.evaluate(
          ([first, end, bytes]) => {
            for (let chunk = first; chunk < end; chunk++) window.recording.produce(chunk, bytes);
          },
          [from, from + count, CHUNK] as const,
        );

      const held = holdAt(FIRST, local, CONCURRENCY);
      const recorder = await open();
      await recorder.evaluate((input) => window.recording.begin(input), request);
      await produce(recorder, 0, BEFORE);
      await held.reached();
      await produce(recorder, BEFORE, AFTER);
      await until('the last chunk and a checkpoint are stored', async () => {
        const { end, checkpoints } = await recorder.evaluate(() => window.recording.stored());
        return end === SIZE && checkpoints === 1;
      });
      await kill(recorder);
      await held.release();
      expect(sent.again()).toEqual([]);

      for (const moment of LATER) {
        const heldLater = holdAt(moment, local, CONCURRENCY);
        const page = await open();
        // Its result is lost with the browser.
        const completing = page.evaluate((input) => window.recording.complete(input), request).catch(() => null);
        await heldLater.reached();
        await kill(page);
        await completing;
        await heldLater.release();
        expect([nameOf(moment), sent.again()]).toEqual([nameOf(moment), []]);
      }

      const last = await open();
      expect(await last.evaluate((input) => window.recording.complete(input), request)).toBe(SIZE);
      expect(await sha256(local.objectPath('meeting.webm'))).toBe(expectedHash());
      expect(local.arrivals().filter(({ operation }) => operation === 'initiateMultipartUpload')).toHaveLength(1);
      expect([...sent.stored()]).toEqual(numbersTo(PARTS));
      expect(await last.evaluate(() => window.recording.stored())).toEqual({ end: 0, checkpoints: 0 });
    },
    4 * HANG_MS,
  );
});

/** The hash of all emitted chunks, each filled with its number. */
function expectedHash(): string {
  const hash = createHash('sha256');
  for (let chunk = 0; chunk < BEFORE + AFTER; chunk++) hash.update(Buffer.alloc(CHUNK, chunk));
  return hash.digest('hex');
}
