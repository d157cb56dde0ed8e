import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, BrowserContextOptions } from 'playwright-core';
import { on, type FaultRule } from 'rx-obs-upload/server';
import { launchChromium } from './support/browser.js';
import { filesBelow, makeFile, makeFolder, makeHoles, MIB, sha256 } from './support/files.js';
import { startLocalPage, type LocalPage } from './support/local-page.js';
import { openPage, type PageDriver } from './support/page-driver.js';
import { until } from './support/until.js';

const PART = 9 * MIB;
const PARTS = 23;

describe('The example page in Chromium', () => {
  const folder = makeFolder();
  let browser: Browser;
  let local: LocalPage | null = null;
  let opened: PageDriver[] = [];
  let served = 0;

  beforeAll(async () => {
    browser = await launchChromium();
  });

  afterEach(async () => {
    const crashes = opened.flatMap((driver) => driver.crashes);
    for (const { context } of opened) await context.close();
    await local?.close();
    opened = [];
    local = null;
    expect(crashes).toEqual([]);
  });

  afterAll(async () => {
    await browser.close();
    folder.remove();
  });

  async function serve(...faults: readonly FaultRule[]): Promise<LocalPage> {
    served += 1;
    local = await startLocalPage(join(folder.path, `obs-${served}`), faults);
    return local;
  }

  async function open({ url }: LocalPage, options: BrowserContextOptions = {}): Promise<PageDriver> {
    const driver = await openPage(browser, url, options);
    opened.push(driver);
    return driver;
  }

  it('cancels 200 MB at about half and resumes on a fresh page: no acknowledged part is sent again', async () => {
    const file = makeFile(join(folder.path, 'film.mp4'), 200 * MIB);
    const server = await serve();
    server.holdFrom(13);
    const first = await open(server);
    await first.choose(file);
    await until('twelve parts are stored and four more are on the way', () => {
      return server.acknowledged().length === 12 && server.parts().length === 16;
    });
    await first.page.waitForFunction(
      () => document.querySelectorAll('[data-testid=part-grid] [data-status=done]').length === 12,
    );
    expect(await first.cells('sending')).toBe(4);
    expect(await first.cells('waiting')).toBe(PARTS - 16);

    await first.click('cancel');
    await first.reaches('paused');
    const sentBefore = server.arrivals().length;
    const storageState = await first.context.storageState();
    await first.context.close();
    server.release();

    const second = await open(server, { storageState });
    expect(await second.text('unfinished-list')).toContain('film.mp4');
    await second.choose(file);
    await second.reaches('paused');
    expect(await second.cells('done')).toBe(12);
    await second.click('resume');
    await second.reaches('completed');

    expect([...server.acknowledged()].sort((a, b) => a - b)).toEqual(Array.from({ length: PARTS }, (_, i) => i + 1));
    const resumed = server
      .arrivals()
      .slice(sentBefore)
      .filter(({ operation }) => operation !== 'preflight');
    expect(resumed.filter(({ operation }) => operation === 'initiateMultipartUpload')).toEqual([]);
    expect(resumed.filter(({ operation }) => operation === 'uploadPart')).toHaveLength(PARTS - 12);
    expect(await sha256(server.objectPath('film.mp4'))).toBe(await sha256(file));

    expect(await second.text('etag')).toMatch(/^[0-9a-f]{32}-23$/);
    expect(await second.text('verified')).toContain('byte for byte');
    expect(await second.text('stored-file')).toBe(server.objectPath('film.mp4'));
    expect(await second.cells('done')).toBe(PARTS);
    expect(await second.page.evaluate(() => Object.keys(localStorage))).toEqual([]);
  });

  it('resumes on the same page too', async () => {
    const file = makeFile(join(folder.path, 'clip.mp4'), 5 * PART);
    const server = await serve();
    server.holdFrom(3);
    const driver = await open(server);
    await driver.choose(file);
    await until('two parts are stored', () => server.acknowledged().length === 2 && server.parts().length === 5);
    await driver.click('cancel');
    await driver.reaches('paused');
    server.release();
    await driver.click('resume');
    await driver.reaches('completed');
    expect([...server.acknowledged()].sort()).toEqual([1, 2, 3, 4, 5]);
    expect(await driver.cells('done')).toBe(5);
    expect(await sha256(server.objectPath('clip.mp4'))).toBe(await sha256(file));
  });

  it.each([
    ['a small file', 1234],
    ['an empty file', 0],
  ])('sends %s as one PUT', async (_, size) => {
    const file = makeFile(join(folder.path, `small-${size}.txt`), size);
    const server = await serve();
    const driver = await open(server);
    await driver.choose(file);
    await driver.reaches('completed');
    expect(server.arrivals().map(({ operation }) => operation)).toEqual(['preflight', 'putObject']);
    expect(await sha256(server.objectPath(`small-${size}.txt`))).toBe(await sha256(file));
    expect(await driver.text('percent')).toBe('100 %');
    expect(await driver.get('cancel').isVisible()).toBe(false);
  });

  it('sends parts of the size and at the width that were chosen', async () => {
    const file = makeFile(join(folder.path, 'narrow.bin'), 6 * MIB);
    const server = await serve();
    const driver = await open(server);
    await driver.get('part-size').selectOption('1 MiB');
    await driver.get('task-num').selectOption('2');
    server.holdFrom(1);
    await driver.choose(file);
    await until('two parts are on the way', () => server.parts().length === 2);
    await driver.get('task-num').selectOption('5');
    await until('five parts are on the way', () => server.parts().length === 5);
    await driver.click('cancel');
    server.release();
    await driver.click('resume');
    await driver.reaches('completed');
    expect(new Set(server.acknowledged()).size).toBe(6);
  });

  it('takes a file that is dropped anywhere', async () => {
    const server = await serve();
    const driver = await open(server);
    await driver.page.evaluate(() => {
      const transfer = new DataTransfer();
      transfer.items.add(new File(['dropped'], 'dropped.txt'));
      document.body.dispatchEvent(new DragEvent('drop', { dataTransfer: transfer, bubbles: true, cancelable: true }));
    });
    await driver.reaches('completed');
    expect(await driver.text('file-name')).toBe('dropped.txt');
    expect(existsSync(server.objectPath('dropped.txt'))).toBe(true);
  });

  it('aborts: the parts are gone from the server and the disk', async () => {
    const file = makeFile(join(folder.path, 'aborted.bin'), 5 * MIB);
    const server = await serve();
    server.holdFrom(3);
    const driver = await open(server);
    await driver.get('part-size').selectOption('1 MiB');
    await driver.choose(file);
    await until('two parts are stored', () => server.acknowledged().length === 2);
    await driver.click('abort');
    await driver.reaches('aborted');
    expect(server.arrivals().find(({ operation }) => operation === 'abortMultipartUpload')?.status).toBe(204);
    expect(filesBelow(server.directory).filter((path) => /aborted|part/.test(path))).toEqual([]);
    expect(await driver.page.evaluate(() => Object.keys(localStorage))).toEqual([]);

    server.release();
    expect(await driver.text('resume')).toBe('Start again');
    await driver.click('resume');
    await driver.reaches('completed');
    expect(await sha256(server.objectPath('aborted.bin'))).toBe(await sha256(file));
  });

  it('discards an upload that an earlier page left', async () => {
    const file = makeFile(join(folder.path, 'left.bin'), 3 * MIB);
    const server = await serve();
    server.holdFrom(2);
    const first = await open(server);
    await first.get('part-size').selectOption('1 MiB');
    await first.choose(file);
    await until('a part is stored', () => server.acknowledged().length === 1);
    await first.page.reload();
    await first.get('unfinished-list').getByRole('button', { name: 'Discard left.bin' }).click();
    await first.get('unfinished-list').getByText('left.bin').waitFor({ state: 'detached' });
    expect(await first.text('discarded')).toBe('The parts of left.bin are deleted.');
    expect(
      server.arrivals().some(({ operation, status }) => operation === 'abortMultipartUpload' && status === 204),
    ).toBe(true);
  });

  it('shows that a part is sent again, and why', async () => {
    const file = makeFile(join(folder.path, 'again.bin'), 3 * MIB);
    const server = await serve(on('uploadPart', { partNumber: 2, times: 3 }).respond(503, 'SlowDown'));
    const driver = await open(server);
    await driver.get('part-size').selectOption('1 MiB');
    await driver.choose(file);
    await driver.page.waitForFunction(() => {
      const note = document.querySelector('[data-testid=note]')?.textContent ?? '';
      const cell = document.querySelector('[data-testid=part-grid] [data-status=retrying]');
      return cell !== null && /^Part 2 is sent again in \d+\.\d s: ./.test(note);
    });
    await driver.reaches('completed');
    expect(await driver.get('note').isVisible()).toBe(false);
    expect(
      server
        .parts()
        .filter(({ partNumber }) => partNumber === 2)
        .map(({ status }) => status),
    ).toEqual([503, 503, 503, 200]);
  });

  it('says what is wrong with the keys, and goes on when they are right', async () => {
    const file = makeFile(join(folder.path, 'refused.bin'), 2 * MIB);
    const server = await serve();
    const driver = await open(server);
    const wrong = { accessKeyId: 'local', secretAccessKey: 'secret-of-nobody' };
    await driver.page.route('**/_page/credentials.json', (route) => route.fulfill({ json: wrong }));
    await driver.get('part-size').selectOption('1 MiB');
    await driver.choose(file);
    await driver.get('error').waitFor();
    expect(await driver.get('error').getAttribute('role')).toBe('alert');
    expect(await driver.text('error')).toContain('SignatureDoesNotMatch');
    expect(await driver.text('error')).not.toContain('secret-of-nobody');
    expect(await driver.get('cancel').isDisabled()).toBe(true);
    expect(await driver.get('abort').isDisabled()).toBe(true);

    await driver.page.unroute('**/_page/credentials.json');
    await driver.click('resume');
    await driver.reaches('completed');
    expect(await driver.get('error').isVisible()).toBe(false);
  });

  it('works by keyboard alone', async () => {
    const file = makeFile(join(folder.path, 'keys.bin'), 4 * MIB);
    const server = await serve();
    server.holdFrom(2);
    const driver = await open(server);
    const { page } = driver;
    const focused = (): Promise<string | null> =>
      page.evaluate(() => document.activeElement?.getAttribute('data-testid') ?? null);
    const press = async (key: string): Promise<void> => page.keyboard.press(key);

    await press('Tab');
    expect(await focused()).toBe('file-input');
    const outline = await driver.get('drop-zone').evaluate((zone) => getComputedStyle(zone).outlineStyle);
    expect(outline).toBe('solid');
    await press('Tab');
    expect(await focused()).toBe('part-size');
    await driver.page.keyboard.type('1 MiB');
    await press('Shift+Tab');
    expect(await focused()).toBe('file-input');
    const chooser = page.waitForEvent('filechooser');
    await press('Space');
    await (await chooser).setFiles(file);
    await until('a part is stored', () => server.acknowledged().length === 1);

    await driver.get('task-num').focus();
    await press('Tab');
    expect(await focused()).toBe('cancel');
    await press('Enter');
    await driver.reaches('paused');
    // The button under one's fingers is disabled now: what comes next has the focus.
    await page.waitForFunction(() => document.activeElement?.getAttribute('data-testid') === 'resume');
    server.release();
    await press('Space');
    await driver.reaches('completed');
    expect(await sha256(server.objectPath('keys.bin'))).toBe(await sha256(file));
  });

  it('tells a screen reader what a person sees', async () => {
    const file = makeFile(join(folder.path, 'spoken.bin'), 4 * MIB);
    const server = await serve();
    server.holdFrom(3);
    const driver = await open(server);
    const { page } = driver;
    expect(await page.locator('html').getAttribute('lang')).toBe('en');
    expect(await page.getByRole('heading', { level: 1 }).count()).toBe(1);
    expect(await page.getByLabel('Choose a file').getAttribute('type')).toBe('file');
    expect(await page.getByRole('combobox', { name: 'Part size' }).count()).toBe(1);
    expect(await page.getByRole('combobox', { name: 'Parts at once' }).count()).toBe(1);

    await driver.get('part-size').selectOption('1 MiB');
    await driver.choose(file);
    await until('two parts are stored', () => server.acknowledged().length === 2);
    const progress = page.getByRole('progressbar', { name: 'spoken.bin' });
    await page.waitForFunction(
      () => Number(document.querySelector('[role=progressbar]')?.getAttribute('aria-valuenow')) > 0,
    );
    expect(await progress.getAttribute('aria-valuetext')).toMatch(/^\d+ %, Uploading$/);
    await page.getByRole('img', { name: /^2 of 4 parts done, 2 sending$/ }).waitFor();
    await page
      .getByRole('status')
      .getByText(/Uploading spoken\.bin: \d+ %/)
      .waitFor({ state: 'attached' });
    expect(await page.getByRole('status').getAttribute('aria-live')).toBe('polite');
    for (const name of ['Cancel', 'Resume', 'Abort and delete parts']) {
      expect(await page.getByRole('button', { name, exact: true }).count()).toBe(1);
    }
    server.release();
    await driver.click('cancel');
    await driver.click('resume');
    await page.getByRole('status').getByText('Completed: spoken.bin').waitFor({ state: 'attached' });
  });

  it.each(['light', 'dark'] as const)('fits a phone, %s', async (colorScheme) => {
    const file = makeFile(
      join(folder.path, 'a-name-that-is-longer-than-a-phone-is-wide-without-a-single-space.bin'),
      4 * MIB,
    );
    const server = await serve();
    server.holdFrom(3);
    const options = { viewport: { width: 375, height: 667 }, hasTouch: true, isMobile: true, deviceScaleFactor: 2 };
    const driver = await open(server, { ...options, colorScheme, reducedMotion: 'reduce' });
    const overflow = (): Promise<number> =>
      driver.page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    expect(await overflow()).toBe(0);
    await driver.get('part-size').selectOption('1 MiB');
    await driver.choose(file);
    await driver.get('part-grid').locator('[data-status=sending]').first().waitFor();
    expect(await overflow()).toBe(0);
    const moving = await driver.page.evaluate(() => document.getAnimations().length);
    expect(moving).toBe(0);
    for (const id of ['cancel', 'resume', 'abort']) {
      const box = await driver.get(id).boundingBox();
      expect(box?.height).toBeGreaterThanOrEqual(44);
    }
    await driver.click('cancel');
    await driver.reaches('paused');
    expect(await overflow()).toBe(0);
    server.release();
    await driver.click('resume');
    await driver.reaches('completed');
    expect(await overflow()).toBe(0);
  });

  it('shows ten thousand parts without a long pause', async () => {
    const file = makeHoles(join(folder.path, 'long.bin'), 10_000 * 102_400);
    const server = await serve();
    server.holdFrom(200);
    const driver = await open(server);
    await driver.page.evaluate(() => {
      const pauses: number[] = [];
      Object.assign(globalThis, { pauses });
      new PerformanceObserver((list) => pauses.push(...list.getEntries().map(({ duration }) => duration))).observe({
        type: 'longtask',
      });
    });
    await driver.get('part-size').selectOption('100 KiB');
    await driver.choose(file);
    await driver.page.waitForFunction(
      () => document.querySelectorAll('[data-testid=part-grid] [data-status=done]').length >= 199,
    );
    expect(await driver.get('part-grid').locator('i').count()).toBe(10_000);
    // One is allowed: the first drawing of all the cells.
    const pauses = await driver.page.evaluate(() => (globalThis as unknown as { pauses: number[] }).pauses);
    expect(pauses.filter((ms) => ms > 400).length).toBeLessThanOrEqual(1);
    await driver.click('cancel');
    await driver.reaches('paused');
  });

  it('uploads where storage is blocked', async () => {
    const file = makeFile(join(folder.path, 'private.bin'), 2 * MIB);
    const server = await serve();
    const context = await browser.newContext();
    await context.addInitScript(() => {
      Object.defineProperty(window, 'localStorage', {
        get() {
          throw new DOMException('blocked', 'SecurityError');
        },
      });
    });
    const page = await context.newPage();
    await page.goto(server.url);
    await page.getByTestId('part-size').selectOption('1 MiB');
    await page.getByTestId('file-input').setInputFiles(file);
    await page.locator('[data-testid=upload][data-status=completed]').waitFor();
    await context.close();
    expect(await sha256(server.objectPath('private.bin'))).toBe(await sha256(file));
  });
});
