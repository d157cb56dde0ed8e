import { join } from 'node:path';
import type { UploadCheckpoint } from 'rx-obs-upload';
import { createObsServer, on } from 'rx-obs-upload/server';
import { launchChromium, launchProfile } from './support/browser.js';
import { makeFile, makeFolder, MIB, sha256 } from './support/files.js';
import { chromiumEngine } from './support/engines/chromium.js';
import { killBrowser, startHarness } from './support/harness/harness.js';
import { startLocalPage } from './support/local-page.js';
import { openTab } from './support/page-driver.js';
import { until } from './support/until.js';

const KILLS = 20;
const STORE_KILLS = 5;
const STORE_PARTS = 48;
const credentials = { accessKeyId: 'local', secretAccessKey: 'for-specs-only' };

describe('A browser that is killed again and again', () => {
  it(`uploads 200 MB through ${KILLS} kills: the same bytes, no acknowledged part twice`, async () => {
    const folder = makeFolder();
    const file = makeFile(join(folder.path, 'film.mp4'), 200 * MIB);
    const server = await createObsServer({
      directory: join(folder.path, 'obs'),
      port: 0,
      credentials,
      faults: [on('uploadPart', { times: Infinity }).slow({ bytesPerSecond: 10 * MIB })],
    });
    const acknowledged = (): string[] =>
      server.log.entries
        .filter(({ operation, status }) => operation === 'uploadPart' && status === 200)
        .map(({ uploadId, partNumber }) => `${uploadId} ${partNumber}`);
    const harness = await startHarness();
    let checkpoint: UploadCheckpoint | null = null;
    try {
      for (let life = 0; life <= KILLS; life++) {
        const browser = await launchChromium();
        const page = await harness.open(chromiumEngine(browser), 'page', file);
        await page.start({
          server: server.url,
          credentials,
          bucket: 'media',
          key: 'film.mp4',
          checkpoint,
          options: { partSize: 2 * MIB, taskNum: 4 },
        });
        if (life === KILLS) {
          await page.ended();
          expect(page.error).toBeNull();
          await browser.close();
          break;
        }
        // Four parts take 200 ms: chance decides how far into which of them, but no life sees the end.
        const before = acknowledged().length;
        const enough = before + Math.floor(Math.random() * 5);
        await until('some parts are stored', () => page.checkpoint !== null && acknowledged().length >= enough);
        await new Promise((resolve) => setTimeout(resolve, Math.random() * 200));
        await killBrowser(browser);
        ({ checkpoint } = page);
        expect(page.count('completed')).toBe(0);
      }
      expect(await sha256(server.fileOf('media', 'film.mp4') ?? '')).toBe(await sha256(file));
      const sent = acknowledged();
      expect(new Set(sent).size).toBe(sent.length);
      expect(sent).toHaveLength(100);
    } finally {
      await harness.close();
      await server.close();
      folder.remove();
    }
  }, 600_000);

  it(`goes on by what its profile keeps alone, through ${STORE_KILLS} kills: the same bytes, no acknowledged part twice`, async () => {
    const folder = makeFolder();
    const file = makeFile(join(folder.path, 'film.mp4'), STORE_PARTS * MIB);
    const profile = join(folder.path, 'profile');
    const slow = on('uploadPart', { times: Infinity }).slow({ bytesPerSecond: 10 * MIB });
    const local = await startLocalPage(join(folder.path, 'obs'), [slow]);
    const count = (asked: string): number => local.arrivals().filter(({ operation }) => operation === asked).length;
    try {
      for (let life = 0; life <= STORE_KILLS; life++) {
        const context = await launchProfile(profile);
        const driver = await openTab(context, local.url);
        await driver.get('part-size').selectOption('1 MiB');
        // Chance decides how far into which parts, but no life sees the end.
        const before = local.acknowledged().length;
        const enough = before + 1 + Math.floor(Math.random() * 6);
        if (life < STORE_KILLS) local.holdFrom(8 * (life + 1));
        else local.release();
        await driver.choose(file);
        if (life === STORE_KILLS) {
          await driver.reaches('completed');
          await context.close();
          break;
        }
        await until('some parts are stored', () => local.acknowledged().length >= enough);
        if (life === 0) await driver.page.waitForFunction(isKept);
        await new Promise((resolve) => setTimeout(resolve, Math.random() * 200));
        const browser = context.browser();
        if (browser === null) throw new Error('There is no browser to kill.');
        await killBrowser(browser);
      }
      expect(await sha256(local.objectPath('film.mp4'))).toBe(await sha256(file));
      expect(count('initiateMultipartUpload')).toBe(1);
      expect([...local.acknowledged()].sort((a, b) => a - b)).toEqual(
        Array.from({ length: STORE_PARTS }, (_, i) => i + 1),
      );
    } finally {
      await local.close();
      folder.remove();
    }
  }, 300_000);
});

/** Whether the page's store has a checkpoint: until then an upload is unknown to the next life. */
function isKept(): Promise<boolean> {
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
