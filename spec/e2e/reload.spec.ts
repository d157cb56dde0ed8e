import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, BrowserContext } from 'playwright-core';
import { launchChromium, launchProfile } from './support/browser.js';
import { countRecords } from './support/count-records.js';
import { makeFile, makeFolder, MIB, sha256 } from './support/files.js';
import { startLocalPage, type LocalPage } from './support/local-page.js';
import { isReady, openPage, openTab, type PageDriver } from './support/page-driver.js';
import { until } from './support/until.js';

const PARTS = 24;
const HALF = PARTS / 2;
/** Parts that the page sends at once. */
const AT_ONCE = 4;

describe('An upload on the example page that is left half way', () => {
  const folder = makeFolder();
  let browser: Browser;
  let local: LocalPage;
  let file: string;
  let lives = 0;
  let opened: BrowserContext[] = [];
  let crashes: readonly Error[] = [];

  beforeAll(async () => {
    browser = await launchChromium();
    file = makeFile(join(folder.path, 'film.mp4'), PARTS * MIB);
  });

  beforeEach(async () => {
    lives += 1;
    local = await startLocalPage(join(folder.path, `obs-${lives}`));
    local.holdFrom(HALF + 1);
  });

  afterEach(async () => {
    for (const context of opened) await context.close();
    await local.close();
    opened = [];
    expect(crashes).toEqual([]);
  });

  afterAll(async () => {
    await browser.close();
    folder.remove();
  });

  async function open(): Promise<PageDriver> {
    const driver = await openPage(browser, local.url);
    opened.push(driver.context);
    ({ crashes } = driver);
    await driver.get('part-size').selectOption('1 MiB');
    return driver;
  }

  async function reachesHalf(): Promise<void> {
    await until('half of the parts are stored, and nothing else is under way but what is held', () => {
      return local.acknowledged().length === HALF && local.log.inFlight('uploadPart') === AT_ONCE;
    });
  }

  /** Until then an upload is unknown to the next life of the page. */
  async function isSaved({ page }: PageDriver): Promise<void> {
    await page.waitForFunction(countRecords, 'rx-obs-upload');
  }

  /** One upload, one object, each part acknowledged once, the same bytes. */
  async function expectWhole(): Promise<void> {
    const count = (asked: string): number => local.arrivals().filter(({ operation }) => operation === asked).length;
    expect(count('initiateMultipartUpload')).toBe(1);
    expect(count('completeMultipartUpload')).toBe(1);
    expect([...local.acknowledged()].sort((a, b) => a - b)).toEqual(Array.from({ length: PARTS }, (_, i) => i + 1));
    expect(await sha256(local.objectPath('film.mp4'))).toBe(await sha256(file));
  }

  it('resumes by itself after a reload, where the browser keeps the handle of the file', async () => {
    const driver = await open();
    await driver.drop(file);
    await reachesHalf();
    await isSaved(driver);
    local.release();
    await driver.page.reload();
    await driver.reaches('completed');
    await expectWhole();
    await driver.page.reload();
    await isReady(driver.page);
    expect(await driver.get('unfinished').isVisible()).toBe(false);
    expect(await driver.get('queue').isVisible()).toBe(false);
  });

  it('waits for a click after a reload, where it was paused', async () => {
    const driver = await open();
    await driver.drop(file);
    await reachesHalf();
    await driver.press('Pause');
    await driver.reaches('paused');
    await isSaved(driver);
    local.release();
    await driver.page.reload();
    const left = driver.get('unfinished-list').getByRole('listitem');
    expect(await left.innerText()).toMatch(/^film\.mp4\n.* MiB of 24\.0 MiB sent · its file is at hand/);
    expect(await driver.get('queue').isVisible()).toBe(false);
    await left.getByRole('button', { name: 'Resume film.mp4' }).click();
    await driver.reaches('completed');
    await expectWhole();
    expect(await driver.get('unfinished').isVisible()).toBe(false);
  });

  it('asks for the file by its name, where no handle is stored, and takes no other', async () => {
    const driver = await open();
    // A picker of handles cannot be driven from here: as in a browser without one.
    await driver.context.addInitScript(() => Object.assign(window, { showOpenFilePicker: undefined }));
    await driver.choose(file);
    await reachesHalf();
    await isSaved(driver);
    local.release();
    await driver.page.reload();
    const left = driver.get('unfinished-list').getByRole('listitem');
    await left.getByText('waits for film.mp4').waitFor();
    const again = async (path: string): Promise<void> => {
      const chooser = driver.page.waitForEvent('filechooser');
      await left.getByRole('button', { name: 'Choose the file of film.mp4 again' }).click();
      await (await chooser).setFiles(path);
    };
    mkdirSync(join(folder.path, 'other'));
    await again(makeFile(join(folder.path, 'other', 'film.mp4'), PARTS * MIB - 1));
    await driver.get('notice').getByText('film.mp4 is not the file that this upload began with').waitFor();
    await again(file);
    await driver.reaches('completed');
    expect(await driver.get('notice').isVisible()).toBe(false);
    await expectWhole();
  });

  it('resumes when the same file is chosen as if it were a new one', async () => {
    const driver = await open();
    await driver.choose(file);
    await reachesHalf();
    await isSaved(driver);
    local.release();
    await driver.page.reload();
    await driver.get('unfinished').waitFor();
    await driver.choose(file);
    await driver.reaches('completed');
    await expectWhole();
    expect(await driver.get('unfinished').isVisible()).toBe(false);
  });

  it('is taken over by a second tab when the first one closes: the object is made once', async () => {
    const first = await open();
    await first.choose(file);
    await reachesHalf();
    await isSaved(first);
    const second = await openTab(first.context, local.url);
    const left = second.get('unfinished-list').getByRole('listitem');
    await left.getByText('another tab is uploading it').waitFor();
    expect(await left.getByRole('button', { name: 'Discard film.mp4' }).isDisabled()).toBe(true);
    await second.choose(file);
    await second.row('film.mp4').getByText('Busy in another tab').waitFor();
    expect(await second.row('film.mp4').getByRole('button', { name: 'Abort' }).isVisible()).toBe(false);
    const sent = local.parts().length;
    local.release();
    expect(local.parts()).toHaveLength(sent);
    await first.page.close();
    await second.reaches('completed');
    await expectWhole();
    expect(second.crashes).toEqual([]);
  });

  it('is uploaded where all storage is blocked, with a warning', async () => {
    const profile = join(folder.path, 'blocked');
    mkdirSync(join(profile, 'Default'), { recursive: true });
    const blockAll = { profile: { default_content_setting_values: { cookies: 2 } } };
    writeFileSync(join(profile, 'Default', 'Preferences'), JSON.stringify(blockAll));
    const context = await launchProfile(profile);
    opened.push(context);
    const driver = await openTab(context, local.url);
    ({ crashes } = driver);
    await driver.get('notice').getByText('after a reload they start from the beginning').waitFor();
    await driver.get('part-size').selectOption('1 MiB');
    await driver.choose(file);
    await reachesHalf();
    await driver.row('film.mp4').getByTestId('note').getByText('could not be saved').waitFor();
    await driver.press('Pause');
    await driver.reaches('paused');
    local.release();
    await driver.press('Resume');
    await driver.reaches('completed');
    await expectWhole();
  });

  it('is uploaded where storage is full, with a warning', async () => {
    const driver = await open();
    const devTools = await driver.context.newCDPSession(driver.page);
    await devTools.send('Storage.overrideQuotaForOrigin', { origin: new URL(local.url).origin, quotaSize: 1 });
    await driver.choose(file);
    await reachesHalf();
    await driver.row('film.mp4').getByTestId('note').getByText('could not be saved (QuotaExceededError)').waitFor();
    await driver.press('Pause');
    await driver.reaches('paused');
    local.release();
    await driver.press('Resume');
    await driver.reaches('completed');
    await expectWhole();
  });

  it('asks before it is left, while a file has nothing yet to resume from', async () => {
    const driver = await open();
    const small = makeFile(join(folder.path, 'small.txt'), 100);
    let release: () => void = () => undefined;
    const released = new Promise<void>((resolve) => (release = resolve));
    await driver.page.route('**/small.txt', async (route) => {
      await released;
      await route.continue();
    });
    const asked: string[] = [];
    driver.page.on('dialog', (dialog) => {
      asked.push(dialog.type());
      void dialog.accept();
    });
    await driver.choose(small);
    await driver.reaches('uploading');
    // Browsers ask only on pages that were used.
    await driver.page.mouse.click(5, 5);
    await driver.page.reload();
    expect(asked).toEqual(['beforeunload']);
    await isReady(driver.page);
    await driver.get('part-size').selectOption('1 MiB');
    await driver.choose(file);
    await reachesHalf();
    await isSaved(driver);
    await driver.page.mouse.click(5, 5);
    await driver.page.reload();
    expect(asked).toEqual(['beforeunload']);
    release();
  });
});
