import { join } from 'node:path';
import type { BrowserContext } from 'playwright-core';
import { countRecords } from './support/count-records.js';
import { launchProfile } from './support/browser.js';
import { makeFile, makeFolder, MIB, sha256 } from './support/files.js';
import { killBrowser } from './support/harness/harness.js';
import { holdAt, nameOf, opened, type KillMoment } from './support/kill-moment.js';
import { startLocalPage } from './support/local-page.js';
import { openTab, type PageDriver } from './support/page-driver.js';
import { HANG_MS } from './support/until.js';
import { numbersTo, watchParts } from './support/watch-parts.js';

const CONCURRENCY = 4;
const PARTS = 48;
const MOMENTS: readonly KillMoment[] = [
  { operation: 'uploadPart', from: 9, at: 'mid-body', takenBytes: MIB / 2, server: opened(1, 8) },
  { operation: 'uploadPart', from: 17, at: 'after-effect', server: opened(1, 20) },
  { operation: 'listParts', at: 'before-response', server: opened(1, 20) },
  { operation: 'uploadPart', from: 33, at: 'before-response', takenBytes: MIB, server: opened(1, 32) },
  { operation: 'completeMultipartUpload', at: 'before-response', server: opened(1, PARTS) },
];

describe('A browser that is killed repeatedly', () => {
  const folder = makeFolder();

  afterAll(() => folder.remove());

  it(
    `resumes from its profile through ${MOMENTS.length} kills: same bytes, and no stored part is sent again`,
    async () => {
      const file = makeFile(join(folder.path, 'film.mp4'), PARTS * MIB);
      const directory = join(folder.path, 'profile-obs');
      const profile = join(folder.path, 'profile');
      const local = await startLocalPage(directory);
      const sent = watchParts(local);
      const contexts: BrowserContext[] = [];

      async function open(): Promise<{ readonly context: BrowserContext; readonly driver: PageDriver }> {
        const context = await launchProfile(profile);
        contexts.push(context);
        const driver = await openTab(context, local.url);
        await driver.get('part-size').selectOption('1 MiB');
        await driver.get('task-num').selectOption(String(CONCURRENCY));
        await driver.choose(file);
        return { context, driver };
      }

      try {
        for (const moment of MOMENTS) {
          const held = holdAt(moment, local, CONCURRENCY);
          const { context, driver } = await open();
          await held.reached();
          // Until the upload is saved, the next browser would not know of it.
          await driver.page.waitForFunction(countRecords, 'rx-obs-upload');
          const browser = context.browser();
          if (browser === null) throw new Error('There is no browser to kill.');
          await killBrowser(browser);
          await held.release();
          expect([nameOf(moment), sent.again()]).toEqual([nameOf(moment), []]);
        }
        const { driver } = await open();
        await driver.reaches('completed');
        expect(await sha256(local.objectPath('film.mp4'))).toBe(await sha256(file));
        expect(local.arrivals().filter(({ operation }) => operation === 'initiateMultipartUpload')).toHaveLength(1);
        expect([...sent.stored()]).toEqual(numbersTo(PARTS));
      } finally {
        for (const context of contexts) await context.close();
        await local.close();
      }
    },
    4 * HANG_MS,
  );
});
