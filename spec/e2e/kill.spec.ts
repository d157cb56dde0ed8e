import { join } from 'node:path';
import type { UploadCheckpoint } from 'rx-obs-upload';
import { createObsServer, on } from 'rx-obs-upload/server';
import { launchChromium } from './support/browser.js';
import { makeFile, makeFolder, MIB, sha256 } from './support/files.js';
import { killBrowser, openHarness, startHarness } from './support/harness/harness.js';
import { until } from './support/until.js';

const KILLS = 20;
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
        const page = await openHarness(browser, harness, file);
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
});
