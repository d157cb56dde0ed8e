import { join } from 'node:path';
import { createObsServer } from 'rx-obs-upload/server';
import { credentials } from '../support/credentials.js';
import { call, type Engine } from '../support/engines/engine.js';
import { makeFile, makeFolder, MIB, sha256 } from '../support/files.js';
import { engines } from '../support/hosts.js';
import { until } from '../support/until.js';
import type { WorkerReport } from '../support/worker/page.js';
import { startWorkerPage, type WorkerPageServer } from '../support/worker/worker-page.js';

const SIZE = 12 * MIB + 12_345;

describe.each(engines)('$name, page', ({ start }) => {
  const folder = makeFolder();
  let engine: Engine;
  let pages: WorkerPageServer;

  beforeAll(async () => {
    [engine, pages] = await Promise.all([start(), startWorkerPage()]);
  });

  afterAll(async () => {
    await engine.close();
    await pages.close();
    folder.remove();
  });

  describe('MD5 in workers', () => {
    it.each(['package', 'own'] as const)('by the script of the %s verifies the object', async (script) => {
      const file = makeFile(join(folder.path, 'film.mp4'), SIZE);
      const obs = await createObsServer({ directory: join(folder.path, script), port: 0, credentials });
      const tab = await engine.open(pages.url);
      try {
        await until('the page is ready', () => tab.run("typeof uploadWithMd5 === 'function'"));
        await tab.choose(file);
        await tab.run(
          call('uploadWithMd5', { server: obs.url, credentials, key: 'film.mp4', partSize: 5 * MIB, script }),
        );
        await until('the upload has ended', async () => (await tab.run('window.ended')) !== null);
        const report = (await tab.run('window.ended')) as WorkerReport;
        expect(report).toMatchObject({ type: 'completed', result: { verified: 'etag', totalBytes: SIZE } });
        expect(await sha256(obs.fileOf('media', 'film.mp4') ?? '')).toBe(await sha256(file));
      } finally {
        await tab.close();
        await obs.close();
      }
    });
  });
});
