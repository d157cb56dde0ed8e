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
/** Parts that the page sends concurrently. */
const CONCURRENCY = 4;

describe('An interrupted upload on the example page', () => {
  const folder = makeFolder();
  let browser: Browser;
  let local: LocalPage;
  let file: string;
  let serverCount = 0;
  let opened: BrowserContext[] = [];
  let crashes: readonly Error[] = [];

  beforeAll(async () => {
    browser = await launchChromium();
    file = makeFile(join(folder.path, 'film.mp4'), PARTS * MIB);
  });

  beforeEach(async () => {
    serverCount += 1;
    local = await startLocalPage(join(folder.path, `obs-${serverCount}`));
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
      return local.acknowledged().length === HALF && local.log.inFlight('uploadPart') === CONCURRENCY;
    });
  }

  /** Waits until the upload is saved: before that, the page would not know of it after a reload. */
  async function untilSaved({ page }: PageDriver): Promise<void> {
    await page.waitForFunction(countRecords, 'rx-obs-upload');
  }

  /** Expects one upload and one object with the same bytes, and that each part was acknowledged once. */
  async function expectCompleteUpload(): Promise<void> {
    const count = (name: string): number => local.arrivals().filter(({ operation }) => operation === name).length;
    expect(count('initiateMultipartUpload')).toBe(1);
    expect(count('completeMultipartUpload')).toBe(1);
    expect([...local.acknowledged()].sort((a, b) => a - b)).toEqual(Array.from({ length: PARTS }, (_, i) => i + 1));
    expect(await sha256(local.objectPath('film.mp4'))).toBe(await sha256(file));
  }

  it('resumes by itself after a reload when the browser has stored the file handle', async () => {
    const driver = await open();
    await driver.drop(file);
    await reachesHalf();
    await untilSaved(driver);
    local.release();
    await driver.page.reload();
    await driver.reaches('completed');
    await expectCompleteUpload();
    await driver.page.reload();
    await isReady(driver.page);
    expect(await driver.get('unfinished').isVisible()).toBe(false);
    expect(await driver.get('queue').isVisible()).toBe(false);
  });

  it('waits for a click after a reload when it was paused', async () => {
    const driver = await open();
    await driver.drop(file);
    await reachesHalf();
    await driver.press('Pause');
    await driver.reaches('paused');
    await untilSaved(driver);
    local.release();
    await driver.page.reload();
    const left = driver.get('unfinished-list').getByRole('listitem');
    expect(await left.innerText()).toMatch(/^film\.mp4\n.* MiB of 24\.0 MiB sent · its file is at hand/);
    expect(await driver.get('queue').isVisible()).toBe(false);
    await left.getByRole('button', { name: 'Resume film.mp4' }).click();
    await driver.reaches('completed');
    await expectCompleteUpload();
    expect(await driver.get('unfinished').isVisible()).toBe(false);
  });

  it('asks for the file by name when no handle is stored, and rejects any other file', async () => {
    const driver = await open();
    // A picker that returns handles cannot be driven from here, so the page runs as in a browser without one.
    await driver.context.addInitScript(() => Object.assign(window, { showOpenFilePicker: undefined }));
    await driver.choose(file);
    await reachesHalf();
    await untilSaved(driver);
    local.release();
    await driver.page.reload();
    const left = driver.get('unfinished-list').getByRole('listitem');
    await left.getByText('waits for film.mp4').waitFor();
    const chooseAgain = async (path: string): Promise<void> => {
      const chooser = driver.page.waitForEvent('filechooser');
      await left.getByRole('button', { name: 'Choose the file of film.mp4 again' }).click();
      await (await chooser).setFiles(path);
    };
    mkdirSync(join(folder.path, 'other'));
    await chooseAgain(makeFile(join(folder.path, 'other', 'film.mp4'), PARTS * MIB - 1));
    await driver.get('notice').getByText('film.mp4 is not the file that this upload began with').waitFor();
    await chooseAgain(file);
    await driver.reaches('completed');
    expect(await driver.get('notice').isVisible()).toBe(false);
    await expectCompleteUpload();
  });

  it('resumes when the same file is chosen as if it were new', async () => {
    const driver = await open();
    await driver.choose(file);
    await reachesHalf();
    await untilSaved(driver);
    local.release();
    await driver.page.reload();
    await driver.get('unfinished').waitFor();
    await driver.choose(file);
    await driver.reaches('completed');
    await expectCompleteUpload();
    expect(await driver.get('unfinished').isVisible()).toBe(false);
  });

  it('is taken over by a second tab when the first one closes, and creates one object', async () => {
    const first = await open();
    await first.choose(file);
    await reachesHalf();
    await untilSaved(first);
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
    await expectCompleteUpload();
    expect(second.crashes).toEqual([]);
  });

  it('completes with a warning when all storage is blocked', async () => {
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
    await expectCompleteUpload();
  });

  it('completes with a warning when storage is full', async () => {
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
    await expectCompleteUpload();
  });

  it('asks before the page is left only while there is nothing to resume from', async () => {
    const driver = await open();
    const small = makeFile(join(folder.path, 'small.txt'), 100);
    let release: () => void = () => undefined;
    const released = new Promise<void>((resolve) => (release = resolve));
    await driver.page.route('**/small.txt', async (route) => {
      await released;
      await route.continue();
    });
    const dialogs: string[] = [];
    driver.page.on('dialog', (dialog) => {
      dialogs.push(dialog.type());
      void dialog.accept();
    });
    await driver.choose(small);
    await driver.reaches('uploading');
    // Browsers ask only on pages that the user has interacted with.
    await driver.page.mouse.click(5, 5);
    await driver.page.reload();
    expect(dialogs).toEqual(['beforeunload']);
    await isReady(driver.page);
    await driver.get('part-size').selectOption('1 MiB');
    await driver.choose(file);
    await reachesHalf();
    await untilSaved(driver);
    await driver.page.mouse.click(5, 5);
    await driver.page.reload();
    expect(dialogs).toEqual(['beforeunload']);
    release();
  });
});
