import { statSync } from 'node:fs';
import { join } from 'node:path';
import { on } from 'rx-obs-upload/server';
import type { Browser, BrowserContextOptions } from 'playwright-core';
import { countRecords } from '../support/count-records.js';
import { FAKE_CAMERA, launchChromium } from '../support/browser.js';
import { makeFolder } from '../support/files.js';
import { BUCKET, startLocalPage, type LocalPage } from '../support/local-page.js';
import { probeMedia, type ProbedMedia } from '../support/probe-media.js';
import { openRecorder, type RecorderDriver } from '../support/recorder-driver.js';
import { until } from '../support/until.js';
import { numbersTo } from '../support/watch-parts.js';

/** The smallest part that OBS accepts: a second or two of the fake camera's video. */
const PART = 100 * 1024;

describe('The recorder in Chromium', () => {
  const folder = makeFolder();
  let browser: Browser;
  let local: LocalPage;
  let opened: RecorderDriver[] = [];
  let serverCount = 0;

  beforeAll(async () => {
    browser = await launchChromium(FAKE_CAMERA);
  });

  beforeEach(async () => {
    serverCount += 1;
    local = await startLocalPage(join(folder.path, `obs-${serverCount}`));
  });

  afterEach(async () => {
    for (const { context } of opened) await context.close();
    await local.close();
    expect(opened.flatMap(({ crashes }) => crashes)).toEqual([]);
    opened = [];
  });

  afterAll(async () => {
    await browser.close();
    folder.remove();
  });

  async function open(options?: BrowserContextOptions): Promise<RecorderDriver> {
    const driver = await openRecorder(browser, local.url, options);
    opened.push(driver);
    await driver.get('part-size').selectOption(String(PART));
    return driver;
  }

  async function record(driver: RecorderDriver): Promise<void> {
    await driver.button('Record').click();
    await driver.reaches('recording');
  }

  /** Waits until the upload is saved: before that, a reloaded page would find a recording without an upload. */
  const untilSaved = ({ page }: RecorderDriver): Promise<unknown> =>
    page.waitForFunction(countRecords, 'recorder-uploads');

  const acknowledges = (parts: number): Promise<void> =>
    until(`${parts} parts are stored`, () => local.acknowledged().length >= parts);

  /** Probes the only object; each part was stored once, except the first, which is sent again with the duration. */
  async function expectOneObject(): Promise<ProbedMedia & { readonly bytes: number }> {
    const [key = '', ...others] = [...(local.control.state.buckets.get(BUCKET)?.objects.keys() ?? [])];
    expect(others).toEqual([]);
    expect(local.arrivals().filter(({ operation }) => operation === 'initiateMultipartUpload')).toHaveLength(1);
    const stored = [...local.acknowledged()].sort((a, b) => a - b);
    expect(stored).toEqual([1, ...numbersTo(stored.length - 1)]);
    const path = local.objectPath(key);
    return { ...(await probeMedia(path)), bytes: statSync(path).size };
  }

  it('uploads while recording, leaves out pauses, and writes the duration into the header', async () => {
    const driver = await open();
    await record(driver);
    await acknowledges(2);
    await driver.button('Pause recording').click();
    await driver.reaches('paused');
    const paused = await driver.seconds();
    // Longer than the tolerance of the measurement below, on the camera's clock.
    const preview = driver.get('preview');
    const from = await preview.evaluate((video: HTMLVideoElement) => video.currentTime);
    const shownOf = (video: HTMLVideoElement, since: number): number => video.currentTime - since;
    await until('the camera has shown more', async () => (await preview.evaluate(shownOf, from)) > 2.5);
    expect(await driver.seconds()).toBe(paused);
    await driver.button('Resume recording').click();
    await driver.reaches('recording');
    const parts = local.acknowledged().length;
    await acknowledges(parts + 1);
    await driver.button('Stop recording').click();
    await driver.uploadIs('completed');
    await driver.reaches('ready');
    const shown = await driver.seconds();
    const { codecs, seconds, bytes } = await expectOneObject();
    expect(codecs).toEqual(['opus', 'vp8']);
    expect(Math.abs(seconds - shown)).toBeLessThanOrEqual(1);
    expect(bytes).toBeGreaterThan(3 * PART);
    expect(await driver.get('waiting').innerText()).toBe('0 bytes');
  });

  it('keeps recording while offline, and sends the rest once the network is back', async () => {
    const driver = await open();
    await record(driver);
    await acknowledges(1);
    await driver.context.setOffline(true);
    await driver.get('offline').waitFor();
    await driver.uploadIs('waiting');
    const before = local.acknowledged().length;
    await until('more than two parts wait in the browser', async () => {
      const waiting = /^(\d+)(?:\.\d+)? KiB$/.exec(await driver.get('waiting').innerText());
      return Number(waiting?.[1] ?? 0) > 250;
    });
    // The status is `Uploading` for a moment when the next part is tried.
    await driver.get('status').getByText('Offline').waitFor();
    expect(local.acknowledged()).toHaveLength(before);
    await driver.button('Stop recording').click();
    await driver.reaches('ready');
    await driver.context.setOffline(false);
    await driver.uploadIs('completed');
    expect(await driver.get('offline').isVisible()).toBe(false);
    const { seconds } = await expectOneObject();
    expect(Math.abs(seconds - (await driver.seconds()))).toBeLessThanOrEqual(1);
  });

  it('lists a recording that was cut off by a reload, and completes it with everything recorded', async () => {
    const driver = await open();
    const dialogs: string[] = [];
    driver.page.on('dialog', (dialog) => {
      dialogs.push(dialog.type());
      void dialog.accept();
    });
    await record(driver);
    await acknowledges(1);
    local.holdFrom(3);
    await until('a part is held', () => local.log.inFlight('uploadPart') > 0);
    await untilSaved(driver);
    const shown = await driver.seconds();
    await driver.page.reload();
    expect(dialogs).toEqual(['beforeunload']);
    local.release();
    const listed = driver.get('unfinished-list').getByRole('listitem');
    expect(await listed.innerText()).toMatch(/^recording .+\.webm\n.+ sent · the rest is stored in this browser/);
    const complete = driver.button(/^Complete recording /);
    await complete.focus();
    await driver.page.keyboard.press('Enter');
    await driver.uploadIs('completed');
    expect(await driver.get('unfinished').isVisible()).toBe(false);
    const { codecs, seconds, bytes } = await expectOneObject();
    expect(codecs).toEqual(['opus', 'vp8']);
    expect(bytes).toBeGreaterThan(2 * PART);
    // A chunk is emitted each second; the last one may have been cut off as well.
    expect(Math.abs(seconds - shown)).toBeLessThanOrEqual(3);
    await driver.page.reload();
    await driver.page.locator('[data-testid=record]:enabled').waitFor();
    expect(await driver.get('unfinished').isVisible()).toBe(false);
  });

  it('discards a recording that was cut off by a reload, in the browser and on the server', async () => {
    const driver = await open();
    driver.page.on('dialog', (dialog) => void dialog.accept());
    await record(driver);
    await acknowledges(1);
    await untilSaved(driver);
    await driver.page.reload();
    await driver.button(/^Discard recording /).press('Enter');
    await driver.get('notice').getByText('are deleted').waitFor();
    expect(await driver.get('unfinished').isVisible()).toBe(false);
    expect(await driver.page.evaluate(() => document.activeElement?.getAttribute('data-testid'))).toBe('record');
    expect(local.control.state.uploads.size).toBe(0);
    await until('nothing of it is stored in the browser', () =>
      driver.page.evaluate(countRecords, 'recorder-streams').then((count) => count === 0),
    );
  });

  describe('has a recording that another page still has: it', () => {
    /** The first page records, and its upload has failed; the second one has been asked for the rest. */
    async function openBoth(): Promise<{ readonly first: RecorderDriver; readonly second: RecorderDriver }> {
      const first = await open();
      await record(first);
      await acknowledges(1);
      await untilSaved(first);
      let isRefused = true;
      local.addFaults(on('uploadPart', { times: Infinity, when: () => isRefused }).respond(403, 'AccessDenied'));
      await first.uploadIs('failed');
      isRefused = false;
      const second = await openRecorder({ newContext: () => Promise.resolve(first.context) }, local.url);
      opened.push(second);
      await second.button(/^Complete recording /).click();
      return { first, second };
    }

    it('says what it waits for, and completes the recording afterwards', async () => {
      const { first, second } = await openBoth();
      const listed = second.get('unfinished-list').getByRole('listitem');
      await listed.getByText('another page still has the recording: end it there, or close that page').waitFor();
      expect(await second.button(/^Complete recording /).getAttribute('aria-disabled')).toBe('true');
      await second.get('announcer').getByText('another page still has').waitFor({ state: 'attached' });
      await first.button('Stop recording').click();
      await second.uploadIs('completed');
      expect(await second.get('unfinished').isVisible()).toBe(false);
      expect(await second.get('announcer').innerText()).toContain('is uploaded');
    });

    it('uploads nothing of a recording that is discarded meanwhile', async () => {
      const { first, second } = await openBoth();
      await second.button(/^Discard recording /).click();
      await second.get('notice').getByText('are deleted').waitFor();
      const sent = local.arrivals().length;
      await first.button('Stop recording').click();
      await until('nothing of it is stored in the browser', () =>
        second.page.evaluate(countRecords, 'recorder-streams').then((count) => count === 0),
      );
      expect(local.arrivals().slice(sent)).toEqual([]);
      expect(await second.get('uploads').isVisible()).toBe(false);
    });
  });

  it('works with the keyboard alone, on a phone, and records the screen', async () => {
    const driver = await open({ viewport: { width: 390, height: 844 }, hasTouch: true });
    const { page } = driver;
    const focused = (): Promise<string> =>
      page.evaluate(() => document.activeElement?.getAttribute('data-testid') ?? '');
    await driver.get('camera').focus();
    await page.keyboard.press('ArrowRight');
    expect(await driver.get('screen').isChecked()).toBe(true);
    await page.keyboard.press('Shift+Tab');
    expect(await focused()).toBe('record');
    await page.keyboard.press('Enter');
    await driver.reaches('recording');
    expect(await focused()).toBe('record');
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390);
    await until('something is recorded', async () => (await driver.get('produced').innerText()) !== '0 bytes');
    await page.keyboard.press('Enter');
    await driver.uploadIs('completed');
    await driver.get('announcer').getByText('is uploaded').waitFor({ state: 'attached' });
    expect(await focused()).toBe('record');
    expect((await probeFirst()).codecs).toContain('vp8');
  });

  it('uploads with a warning when storage is full', async () => {
    const driver = await open();
    const devTools = await driver.context.newCDPSession(driver.page);
    await devTools.send('Storage.overrideQuotaForOrigin', { origin: new URL(local.url).origin, quotaSize: 1 });
    await record(driver);
    await driver.get('note').getByText('after a reload it would').waitFor();
    await acknowledges(2);
    await driver.button('Stop recording').click();
    await driver.uploadIs('completed');
    await expectOneObject();
  });

  it('explains what to do when the camera is denied', async () => {
    const driver = await open();
    await driver.page.evaluate(() => {
      const refuse = (): Promise<never> => Promise.reject(new DOMException('no', 'NotAllowedError'));
      Object.assign(navigator.mediaDevices, { getUserMedia: refuse });
    });
    await driver.button('Record').click();
    await driver.get('notice').getByText('Permit it in the browser’s address bar').waitFor();
    await driver.reaches('ready');
    expect(local.arrivals()).toEqual([]);
  });

  function probeFirst(): Promise<ProbedMedia> {
    const [key = ''] = [...(local.control.state.buckets.get(BUCKET)?.objects.keys() ?? [])];
    return probeMedia(local.objectPath(key));
  }
});
