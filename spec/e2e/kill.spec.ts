import { join } from 'node:path';
import type { Browser, BrowserContext } from 'playwright-core';
import type { UploadCheckpoint } from 'rx-obs-upload';
import { createObsServer, type ObsServer } from 'rx-obs-upload/server';
import { launchChromium, launchProfile } from './support/browser.js';
import { credentials } from './support/credentials.js';
import { chromiumEngine } from './support/engines/chromium.js';
import { makeFile, makeFolder, MIB, sha256 } from './support/files.js';
import { killBrowser, startHarness, type TabUploader } from './support/harness/harness.js';
import { holdAt, nameOf, type KillMoment } from './support/kill-moment.js';
import { startLocalPage } from './support/local-page.js';
import { openTab, type PageDriver } from './support/page-driver.js';
import { HANG_MS, until } from './support/until.js';

const PARTS = 100;
const PART_BYTES = 2 * MIB;
const AT_ONCE = 4;

/** In order: the upload goes on between them. Two of the first kills leave an upload of which no page knows. */
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

const PROFILE_PARTS = 48;
const PROFILE_MOMENTS: readonly KillMoment[] = [
  { operation: 'uploadPart', from: 9, at: 'mid-body', takenBytes: MIB / 2, server: opened(1, 8) },
  { operation: 'uploadPart', from: 17, at: 'after-effect', server: opened(1, 20) },
  { operation: 'listParts', at: 'before-response', server: opened(1, 20) },
  { operation: 'uploadPart', from: 33, at: 'before-response', takenBytes: MIB, server: opened(1, 32) },
  { operation: 'completeMultipartUpload', at: 'before-response', server: opened(1, PROFILE_PARTS) },
];

describe('A browser that is killed again and again', () => {
  const folder = makeFolder();

  afterAll(() => folder.remove());

  it(
    `uploads 200 MB through ${MOMENTS.length} kills: the same bytes, no stored part twice`,
    async () => {
      const file = makeFile(join(folder.path, 'film.mp4'), PARTS * PART_BYTES);
      const directory = join(folder.path, 'obs');
      const server = await createObsServer({ directory, port: 0, credentials });
      const sent = watchParts(server);
      const harness = await startHarness();
      const browsers: Browser[] = [];
      let checkpoint: UploadCheckpoint | null = null;

      /** What is held is not to be given up and sent again meanwhile. */
      const options = { partSize: PART_BYTES, taskNum: AT_ONCE, stallTimeoutMs: 2 * HANG_MS };
      async function open(): Promise<{ readonly browser: Browser; readonly page: TabUploader }> {
        const browser = await launchChromium();
        browsers.push(browser);
        const page = await harness.open(chromiumEngine(browser), 'page', file);
        await page.start({ server: server.url, credentials, bucket: 'media', key: 'film.mp4', checkpoint, options });
        return { browser, page };
      }

      try {
        for (const [life, moment] of MOMENTS.entries()) {
          const held = holdAt(moment, { ...server, directory }, AT_ONCE);
          const { browser, page } = await open();
          await held.reached();
          const known = partsKnownAt(moment);
          await until(`${known} parts are in the checkpoint`, () => page.checkpoint?.parts.length === known);
          await killBrowser(browser);
          await held.release();
          expect([nameOf(moment), sent.again()]).toEqual([nameOf(moment), []]);
          expect(page.count('completed')).toBe(0);
          // Every other time the checkpoint that survives is an early one, as in a store that is late.
          const [early] = page.events.flatMap((event) => (event.type === 'checkpoint' ? [event.checkpoint] : []));
          checkpoint = (life % 2 === 0 ? page.checkpoint : early) ?? checkpoint;
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

  it(
    `resumes by what its profile keeps alone, through ${PROFILE_MOMENTS.length} kills: the same bytes, no stored part twice`,
    async () => {
      const file = makeFile(join(folder.path, 'film.mp4'), PROFILE_PARTS * MIB);
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
        await driver.get('task-num').selectOption(String(AT_ONCE));
        await driver.choose(file);
        return { context, driver };
      }

      try {
        for (const moment of PROFILE_MOMENTS) {
          const held = holdAt(moment, local, AT_ONCE);
          const { context, driver } = await open();
          await held.reached();
          await driver.page.waitForFunction(hasCheckpoint);
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
        expect([...sent.stored()]).toEqual(numbersTo(PROFILE_PARTS));
      } finally {
        for (const context of contexts) await context.close();
        await local.close();
      }
    },
    4 * HANG_MS,
  );
});

/** How many parts the page's checkpoint has by then: what was acknowledged to it, or listed. */
function partsKnownAt({ operation, from }: KillMoment): number | undefined {
  if (operation === 'completeMultipartUpload') return PARTS;
  return from === undefined ? undefined : from - 1;
}

function opened(uploads: number, parts = 0): KillMoment['server'] {
  return { uploads, parts, objects: 0 };
}

function numbersTo(count: number): readonly number[] {
  return Array.from({ length: count }, (_, i) => i + 1);
}

/** What the server has of an upload whose browser lives and dies. */
function watchParts({ log, control }: Pick<ObsServer, 'log' | 'control'>): {
  /** Parts that were on the server when it was last asked, and have been sent again since. */
  again(): readonly (number | null)[];
  /** Parts that were on the server whenever it was asked. */
  stored(): readonly number[];
} {
  const stored = new Set<number>();
  let seen = 0;
  return {
    again() {
      const later = log.entries.slice(seen).filter(({ operation }) => operation === 'uploadPart');
      const again = later.map(({ partNumber }) => partNumber).filter((number) => stored.has(number ?? 0));
      seen = log.entries.length;
      for (const { parts } of control.state.uploads.values()) for (const number of parts.keys()) stored.add(number);
      return again;
    },
    stored: () => [...stored].sort((a, b) => a - b),
  };
}

/** Whether the page's store has a checkpoint: until then an upload is unknown to the next life. */
function hasCheckpoint(): Promise<boolean> {
  return new Promise((resolve) => {
    const opening = indexedDB.open('rx-obs-upload');
    opening.onsuccess = () => {
      const counting = opening.result.transaction('kept').objectStore('kept').count();
      counting.onsuccess = () => {
        opening.result.close();
        resolve(counting.result > 0);
      };
    };
  });
}
