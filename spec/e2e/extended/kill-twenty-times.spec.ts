import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import type { UploadCheckpoint } from 'rx-obs-upload';
import { createObsServer } from 'rx-obs-upload/server';
import { launchChromium } from '../support/browser.js';
import { credentials } from '../support/credentials.js';
import { chromiumEngine } from '../support/engines/chromium.js';
import { makeFile, makeFolder, MIB, sha256 } from '../support/files.js';
import { killBrowser, startHarness, type TabUploader } from '../support/harness/harness.js';
import { holdAt, nameOf, opened, type KillMoment } from '../support/kill-moment.js';
import { HANG_MS, until } from '../support/until.js';
import { numbersTo, watchParts } from '../support/watch-parts.js';

const PARTS = 100;
const PART_BYTES = 2 * MIB;
const CONCURRENCY = 4;

/** In the order of one upload, resumed after each kill. Two of the first ones leave an upload that no page knows. */
const MOMENTS: readonly KillMoment[] = [
  { operation: 'initiateMultipartUpload', at: 'before-body', server: opened(0) },
  { operation: 'initiateMultipartUpload', at: 'after-effect', server: opened(1) },
  { operation: 'initiateMultipartUpload', at: 'mid-response', server: opened(2) },
  { operation: 'preflight', from: 1, at: 'before-response', server: opened(3) },
  { operation: 'uploadPart', from: 5, at: 'before-body', server: opened(3, 4) },
  { operation: 'uploadPart', from: 11, at: 'mid-body', takenBytes: 1, server: opened(3, 10) },
  { operation: 'uploadPart', from: 19, at: 'mid-body', takenBytes: PART_BYTES / 2, server: opened(3, 18) },
  { operation: 'uploadPart', from: 28, at: 'mid-body', takenBytes: PART_BYTES - 1, server: opened(3, 27) },
  { operation: 'uploadPart', from: 36, at: 'before-response', takenBytes: PART_BYTES, server: opened(3, 35) },
  { operation: 'uploadPart', from: 44, at: 'after-effect', server: opened(3, 47) },
  { operation: 'uploadPart', from: 54, at: 'mid-response', server: opened(3, 57) },
  { operation: 'uploadPart', from: 65, at: 'between attempts', server: opened(3, 64) },
  { operation: 'listParts', at: 'before-response', server: opened(3, 64) },
  { operation: 'listParts', at: 'mid-response', server: opened(3, 64) },
  { operation: 'uploadPart', from: 97, at: 'after-effect', server: opened(3, PARTS) },
  { operation: 'completeMultipartUpload', at: 'before-body', server: opened(3, PARTS) },
  { operation: 'completeMultipartUpload', at: 'before-response', server: opened(3, PARTS) },
  { operation: 'completeMultipartUpload', at: 'after-effect', server: { uploads: 2, parts: 0, objects: 1 } },
  { operation: 'listParts', at: 'before-response', server: { uploads: 2, parts: 0, objects: 1 } },
  { operation: 'headObject', at: 'before-response', server: { uploads: 2, parts: 0, objects: 1 } },
];

describe('A page whose browser is killed twenty times', () => {
  const folder = makeFolder();

  afterAll(() => folder.remove());

  it(
    `uploads 200 MB through ${MOMENTS.length} kills: same bytes, and no stored part is sent again`,
    async () => {
      const file = makeFile(join(folder.path, 'film.mp4'), PARTS * PART_BYTES);
      const directory = join(folder.path, 'obs');
      const server = await createObsServer({ directory, port: 0, credentials });
      const sent = watchParts(server);
      const harness = await startHarness();
      const browsers: Browser[] = [];
      let checkpoint: UploadCheckpoint | null = null;

      /** Held requests must not time out and be retried. */
      const options = { partSize: PART_BYTES, taskNum: CONCURRENCY, stallTimeoutMs: 2 * HANG_MS };
      async function open(): Promise<{ readonly browser: Browser; readonly page: TabUploader }> {
        const browser = await launchChromium();
        browsers.push(browser);
        const page = await harness.open(chromiumEngine(browser), 'page', file);
        await page.start({ server: server.url, credentials, bucket: 'media', key: 'film.mp4', checkpoint, options });
        return { browser, page };
      }

      try {
        for (const [index, moment] of MOMENTS.entries()) {
          const held = holdAt(moment, { ...server, directory }, CONCURRENCY);
          const { browser, page } = await open();
          await held.reached();
          const known = partsKnownAt(moment);
          await until(`${known} parts are in the checkpoint`, () => page.checkpoint?.parts.length === known);
          await killBrowser(browser);
          await held.release();
          expect([nameOf(moment), sent.again()]).toEqual([nameOf(moment), []]);
          expect(page.count('completed')).toBe(0);
          // After every other kill only an early checkpoint survives, as with a store that saves late.
          const [early] = page.events.flatMap((event) => (event.type === 'checkpoint' ? [event.checkpoint] : []));
          checkpoint = (index % 2 === 0 ? page.checkpoint : early) ?? checkpoint;
        }
        const { page } = await open();
        await page.ended();
        expect(page.error).toBeNull();
        expect(page.events.at(-1)?.type).toBe('completed');
        expect(await sha256(server.fileOf('media', 'film.mp4') ?? '')).toBe(await sha256(file));
        expect([...sent.stored()]).toEqual(numbersTo(PARTS));
      } finally {
        for (const browser of browsers) await browser.close();
        await harness.close();
        await server.close();
      }
    },
    4 * HANG_MS,
  );
});

/** How many parts the page's checkpoint has at that moment: those acknowledged to the page or listed. */
function partsKnownAt({ operation, from }: KillMoment): number | undefined {
  if (operation === 'completeMultipartUpload') return PARTS;
  return from === undefined ? undefined : from - 1;
}
