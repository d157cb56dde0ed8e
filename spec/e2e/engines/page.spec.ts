import { join } from 'node:path';
import { countRecords } from '../support/count-records.js';
import type { Engine, Tab } from '../support/engines/engine.js';
import { makeFile, makeFolder, MIB, sha256 } from '../support/files.js';
import { engines } from '../support/hosts.js';
import { startLocalPage, type LocalPage } from '../support/local-page.js';
import { until } from '../support/until.js';

const PARTS = 12;
const HALF = PARTS / 2;
/** Parts that the page sends concurrently. */
const CONCURRENCY = 4;

describe.each(engines)('$name, page', ({ start }) => {
  const folder = makeFolder();
  let engine: Engine;
  let local: LocalPage;
  let tab: Tab;
  let file: string;
  let serverCount = 0;

  beforeAll(async () => {
    engine = await start();
    file = makeFile(join(folder.path, 'film.mp4'), PARTS * MIB);
  });

  beforeEach(async () => {
    serverCount += 1;
    local = await startLocalPage(join(folder.path, `obs-${serverCount}`));
    local.holdFrom(HALF + 1);
    tab = await engine.open(local.url);
    await ready();
    await tab.run(`(() => {
      const select = ${byId('part-size')};
      select.selectedIndex = [...select.options].findIndex(({ text }) => text === '1 MiB');
      select.dispatchEvent(new Event('change', { bubbles: true }));
    })()`);
  });

  afterEach(async () => {
    await tab.close();
    await local.close();
  });

  afterAll(async () => {
    await engine.close();
    folder.remove();
  });

  async function ready(): Promise<void> {
    await until('the page is ready', () => tab.run(`${byId('file-input')}?.disabled === false`));
  }

  async function reaches(status: string): Promise<void> {
    await until(`the file is ${status}`, async () => {
      const now = await tab.run(`${byId('file')}?.dataset.status ?? null`);
      if (now === 'failed') throw new Error(String(await tab.run(`${byId('file')}.innerText`)));
      return now === status;
    });
  }

  async function reachesHalf(): Promise<void> {
    await until('half of the parts are stored, and nothing else is under way but what is held', () => {
      return local.acknowledged().length === HALF && local.log.inFlight('uploadPart') === CONCURRENCY;
    });
  }

  /** Waits for the button: the page renders its rows in animation frames, perhaps after the first parts. */
  async function press(label: string): Promise<void> {
    const button = `[...(${byId('file')}?.querySelectorAll('button') ?? [])]
      .find((each) => (each.ariaLabel ?? each.innerText).startsWith(${JSON.stringify(label)}))`;
    await until(`there is a button "${label}"`, () => tab.run(`${button} !== undefined`));
    await tab.run(`${button}.click()`);
  }

  async function expectCompleteUpload(): Promise<void> {
    const count = (name: string): number => local.arrivals().filter(({ operation }) => operation === name).length;
    expect(count('initiateMultipartUpload')).toBe(1);
    expect([...local.acknowledged()].sort((a, b) => a - b)).toEqual(Array.from({ length: PARTS }, (_, i) => i + 1));
    expect(await sha256(local.objectPath('film.mp4'))).toBe(await sha256(file));
  }

  describe('example page', () => {
    it('pauses halfway and resumes', async () => {
      await tab.choose(file);
      await reachesHalf();
      await press('Pause');
      await reaches('paused');
      local.release();
      await press('Resume');
      await reaches('completed');
      await expectCompleteUpload();
    });

    it('resumes after a reload when the same file is chosen', async () => {
      await tab.choose(file);
      await reachesHalf();
      await until('the upload is stored', () => tab.run(`(${String(countRecords)})('rx-obs-upload')`));
      local.release();
      await tab.reload();
      await ready();
      await tab.choose(file);
      await reaches('completed');
      await expectCompleteUpload();
    });
  });
});

function byId(id: string): string {
  return `document.querySelector('[data-testid=${id}]')`;
}
