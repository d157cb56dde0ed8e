import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { on, type FaultRule } from 'rx-obs-upload/server';
import { launchChromium } from './support/browser.js';
import { filesBelow, makeFile, makeFolder, MIB, sha256 } from './support/files.js';
import { startLocalPage, type LocalPage } from './support/local-page.js';
import { LONG_TASK_MS, longTasks, traceTasks } from './support/main-thread.js';
import { openPage, type PageDriver } from './support/page-driver.js';
import { until } from './support/until.js';

const MANY = 1000;

describe('The queue of the example page', () => {
  const folder = makeFolder();
  let browser: Browser;
  let local: LocalPage;
  let driver: PageDriver;
  let serverCount = 0;

  beforeAll(async () => {
    browser = await launchChromium();
  });

  afterEach(close);

  afterAll(async () => {
    await browser.close();
    folder.remove();
  });

  async function close(): Promise<void> {
    await driver.context.close();
    await local.close();
    expect(driver.crashes).toEqual([]);
  }

  async function open(...faults: readonly FaultRule[]): Promise<void> {
    serverCount += 1;
    local = await startLocalPage(join(folder.path, `obs-${serverCount}`), faults);
    driver = await openPage(browser, local.url);
    await driver.get('part-size').selectOption('1 MiB');
  }

  function makeFiles(name: string, ...mib: readonly number[]): readonly string[] {
    mkdirSync(join(folder.path, name), { recursive: true });
    return mib.map((size, i) => makeFile(join(folder.path, name, `${i + 1}.bin`), size * MIB));
  }

  it('uploads several files; one that fails does not stop the others, and resumes with Retry', async () => {
    const files = makeFiles('several', 3, 2, 4);
    let isRefused = true;
    const when = ({ key }: { readonly key: string | null }): boolean => isRefused && key === '2.bin';
    await open(on('uploadPart', { times: Infinity, when }).respond(403, 'AccessDenied', { message: 'Not here.' }));
    await driver.choose(...files);
    await driver.reaches('failed', '2.bin');
    await driver.reaches('completed', '1.bin');
    await driver.reaches('completed', '3.bin');
    expect(await driver.row('2.bin').getByTestId('error').innerText()).toContain('AccessDenied');
    expect(await driver.text('total-files')).toBe('2 of 3 done, 1 failed');
    isRefused = false;
    await driver.press('Retry', '2.bin');
    await driver.page.getByText('3 of 3 done').waitFor();
    for (const [i, file] of files.entries()) {
      expect(await sha256(local.objectPath(`${i + 1}.bin`))).toBe(await sha256(file));
    }
    expect(await driver.text('total-percent')).toBe('100 %');
    expect(await driver.text('total-sent')).toBe('9.0 MiB of 9.0 MiB');
  });

  it('pauses and resumes all files, cancels one of them, and clears the completed ones', async () => {
    const files = makeFiles('all', 3, 3, 3, 3, 3);
    await open();
    local.holdFrom(2);
    await driver.choose(...files);
    await until('three files have begun', () => local.acknowledged().length === 3);
    await driver.click('pause-all');
    await driver.reaches('paused');
    const sent = local.parts().length;
    expect(await driver.text('total-speed')).toBe('–');
    // Waiting files did not start in place of the paused ones.
    expect(new Set(local.parts().map(({ key }) => key)).size).toBe(3);
    await driver.press('Cancel', '5.bin');
    await driver.row('5.bin').waitFor({ state: 'detached' });
    expect(local.parts()).toHaveLength(sent);

    local.release();
    await driver.click('resume-all');
    await driver.reaches('completed');
    expect(await driver.get('file').count()).toBe(4);
    const completed = local.arrivals().filter(({ operation }) => operation === 'completeMultipartUpload');
    expect(completed.map(({ key }) => key).sort()).toEqual(['1.bin', '2.bin', '3.bin', '4.bin']);
    const parts = local.parts().filter(({ status }) => status === 200);
    expect(new Set(parts.map(({ key, partNumber }) => `${key} ${partNumber}`)).size).toBe(12);
    expect(parts).toHaveLength(12);
    await driver.click('clear');
    await driver.get('queue').waitFor({ state: 'hidden' });
  });

  it('aborts one file: its parts are deleted, and the other continues', async () => {
    const files = makeFiles('one', 3, 3);
    await open();
    local.holdFrom(2);
    await driver.choose(...files);
    await until('two files have begun', () => local.acknowledged().length === 2);
    await driver.press('Abort', '1.bin');
    await driver.reaches('aborted', '1.bin');
    await driver.click('pause-all');
    local.release();
    await driver.reaches('paused', '2.bin');
    await driver.click('resume-all');
    await driver.reaches('completed', '2.bin');
    // An aborted upload is not resumed with the others.
    await driver.reaches('aborted', '1.bin');
    expect(filesBelow(join(local.directory, 'objects'))).toEqual([local.objectPath('2.bin')]);
  });

  /** Drops the folder on the page, scrolls, pauses and resumes. */
  async function queueMany(many: string): Promise<readonly number[]> {
    let isHeld = true;
    await open(on('putObject', { arrival: 41, times: Infinity, when: () => isHeld }).stall('before-response'));
    const { page } = driver;
    const objects = (): readonly string[] => filesBelow(join(local.directory, 'objects'));
    const rows = (status: string): Promise<number> =>
      page.evaluate((which) => document.querySelectorAll(`[data-testid=file]${which}`).length, status);
    const tasks = await traceTasks(browser, page, async () => {
      await driver.drop(many);
      await page.waitForFunction((all) => document.querySelectorAll('[data-testid=file]').length === all, MANY);
      await page.mouse.wheel(0, 20_000);
      await until('some are done', () => objects().length === 40);
      await driver.click('pause-all');
      await page.waitForFunction(
        () =>
          document.querySelectorAll('[data-testid=file]:is([data-status=waiting], [data-status=uploading])').length ===
          0,
      );
      isHeld = false;
      await driver.click('resume-all');
      await until('more are done', () => objects().length >= 70);
    });
    expect(await rows('')).toBe(MANY);
    expect(await rows('[data-status=completed]')).toBeGreaterThanOrEqual(40);
    expect(tasks.length).toBeGreaterThan(100);
    return tasks;
  }

  it(`queues ${MANY} files without a task of over ${LONG_TASK_MS} ms on the main thread`, async () => {
    const many = join(folder.path, 'many');
    mkdirSync(many);
    for (let i = 0; i < MANY; i++) makeFile(join(many, `${String(i).padStart(4, '0')}.bin`), 1000);
    let attempts = 0;
    const long = await longTasks(async () => {
      if (attempts++ > 0) await close();
      return queueMany(many);
    });
    expect(long).toEqual([]);

    // Proves that a long task would have been detected.
    const { page } = driver;
    const frozen = await traceTasks(browser, page, async () => {
      await page.evaluate(() =>
        setTimeout(() => {
          let sum = 0;
          for (let i = 0; i < 1e9; i++) sum += i % 7;
          Object.assign(window, { sum });
        }),
      );
      await page.waitForFunction(() => 'sum' in window);
    });
    expect(frozen.filter((ms) => ms > LONG_TASK_MS)).toHaveLength(1);
  });
});
