import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, BrowserContextOptions } from 'playwright-core';
import { on, type FaultRule } from 'rx-obs-upload/server';
import { launchChromium } from './support/browser.js';
import { filesBelow, makeFile, makeFolder, makeHoles, MIB, sha256 } from './support/files.js';
import { startLocalPage, type LocalPage } from './support/local-page.js';
import { openPage, type PageDriver } from './support/page-driver.js';
import { until } from './support/until.js';

describe('The example page in Chromium', () => {
  const folder = makeFolder();
  let browser: Browser;
  let local: LocalPage | null = null;
  let opened: PageDriver[] = [];
  let serverCount = 0;

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
    serverCount += 1;
    local = await startLocalPage(join(folder.path, `obs-${serverCount}`), faults);
    return local;
  }

  async function open({ url }: LocalPage, options: BrowserContextOptions = {}): Promise<PageDriver> {
    const driver = await openPage(browser, url, options);
    opened.push(driver);
    return driver;
  }

  it('pauses and resumes with its buttons: no acknowledged part is sent again', async () => {
    const file = makeFile(join(folder.path, 'clip.mp4'), 5 * 9 * MIB);
    const server = await serve();
    server.holdFrom(3);
    const driver = await open(server);
    await driver.choose(file);
    await until('two parts are stored', () => server.acknowledged().length === 2 && server.parts().length === 5);
    await driver.page.waitForFunction(
      () => document.querySelectorAll('[data-testid=part-grid] [data-status=done]').length === 2,
    );
    await driver.press('Pause');
    await driver.reaches('paused');
    expect(await driver.cells('sending')).toBe(0);
    server.release();
    await driver.press('Resume');
    await driver.reaches('completed');
    expect([...server.acknowledged()].sort()).toEqual([1, 2, 3, 4, 5]);
    expect(server.arrivals().filter(({ operation }) => operation === 'initiateMultipartUpload')).toHaveLength(1);
    expect(await driver.cells('done')).toBe(5);
    expect(await sha256(server.objectPath('clip.mp4'))).toBe(await sha256(file));
    expect(await driver.text('etag')).toMatch(/^[0-9a-f]{32}-5$/);
    expect(await driver.text('verified')).toContain('byte for byte');
    expect(await driver.text('stored-file')).toBe(server.objectPath('clip.mp4'));
  });

  it('sends small and empty files with one PUT each', async () => {
    const small = makeFile(join(folder.path, 'small.txt'), 1234);
    const empty = makeFile(join(folder.path, 'empty.txt'), 0);
    const server = await serve();
    const driver = await open(server);
    await driver.choose(small, empty);
    await driver.reaches('completed');
    expect(server.arrivals().map(({ operation }) => operation)).not.toContain('initiateMultipartUpload');
    expect(server.arrivals().filter(({ operation }) => operation === 'putObject')).toHaveLength(2);
    expect(await sha256(server.objectPath('small.txt'))).toBe(await sha256(small));
    expect(await sha256(server.objectPath('empty.txt'))).toBe(await sha256(empty));
    expect(await driver.text('total-percent')).toBe('100 %');
    expect(await driver.text('total-files')).toBe('2 of 2 done');
  });

  it('uses the chosen part size and concurrency', async () => {
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
    await driver.press('Pause');
    server.release();
    await driver.press('Resume');
    await driver.reaches('completed');
    expect(new Set(server.acknowledged()).size).toBe(6);
  });

  it('accepts files and folders dropped anywhere, and keeps their paths', async () => {
    const holiday = join(folder.path, 'holiday');
    mkdirSync(join(holiday, 'day 1', 'deep'), { recursive: true });
    mkdirSync(join(holiday, 'empty'));
    makeFile(join(holiday, 'plan.txt'), 10);
    makeFile(join(holiday, 'day 1', 'sea.jpg'), 2000);
    makeFile(join(holiday, 'day 1', 'deep', 'sand.jpg'), 3000);
    const loose = makeFile(join(folder.path, 'loose.txt'), 100);
    const server = await serve();
    const driver = await open(server);
    await driver.drop(holiday, loose);
    await driver.get('file').nth(3).waitFor();
    await driver.reaches('completed');
    for (const key of ['plan.txt', 'day 1/sea.jpg', 'day 1/deep/sand.jpg']) {
      expect(await sha256(server.objectPath(`holiday/${key}`))).toBe(await sha256(join(holiday, key)));
    }
    expect(await sha256(server.objectPath('loose.txt'))).toBe(await sha256(loose));
  });

  it('keeps two files with the same name apart, and adds the same file only once', async () => {
    const [here, there] = ['here', 'there'].map((name) => {
      mkdirSync(join(folder.path, name));
      return makeFile(join(folder.path, name, 'same.txt'), name.length);
    });
    const server = await serve();
    const driver = await open(server);
    await driver.choose(here ?? '', here ?? '');
    await driver.choose(there ?? '');
    await driver.get('file').nth(1).waitFor();
    await driver.reaches('completed');
    expect(await driver.get('file').count()).toBe(2);
    expect(await sha256(server.objectPath('same.txt'))).toBe(await sha256(here ?? ''));
    expect(await sha256(server.objectPath('same (2).txt'))).toBe(await sha256(there ?? ''));
  });

  it('accepts a folder chosen with its button', async () => {
    const album = join(folder.path, 'album');
    mkdirSync(join(album, 'inner'), { recursive: true });
    makeFile(join(album, 'inner', 'a.jpg'), 500);
    const server = await serve();
    const driver = await open(server);
    await driver.get('folder-input').setInputFiles(album);
    await driver.reaches('completed');
    expect(await sha256(server.objectPath('album/inner/a.jpg'))).toBe(await sha256(join(album, 'inner', 'a.jpg')));
  });

  it('deletes the parts from the server and the disk on abort', async () => {
    const file = makeFile(join(folder.path, 'aborted.bin'), 5 * MIB);
    const server = await serve();
    server.holdFrom(3);
    const driver = await open(server);
    await driver.get('part-size').selectOption('1 MiB');
    await driver.choose(file);
    await until('two parts are stored', () => server.acknowledged().length === 2);
    await driver.press('Abort');
    await driver.reaches('aborted');
    expect(server.arrivals().find(({ operation }) => operation === 'abortMultipartUpload')?.status).toBe(204);
    expect(filesBelow(server.directory).filter((path) => /aborted|part/.test(path))).toEqual([]);
    expect(await driver.text('percent')).toBe('0 %');

    server.release();
    await driver.press('Start again');
    await driver.reaches('completed');
    expect(await sha256(server.objectPath('aborted.bin'))).toBe(await sha256(file));
    await driver.page.reload();
    await driver.get('choose-files').waitFor();
    expect(await driver.get('unfinished').isVisible()).toBe(false);
  });

  it('reports that the parts cannot be deleted, and deletes them on the next abort', async () => {
    const file = makeFile(join(folder.path, 'clinging.bin'), 3 * MIB);
    const server = await serve(on('abortMultipartUpload').respond(403, 'AccessDenied', { message: 'Not now.' }));
    server.holdFrom(2);
    const driver = await open(server);
    await driver.get('part-size').selectOption('1 MiB');
    await driver.choose(file);
    await until('a part is stored', () => server.acknowledged().length === 1);
    await driver.press('Abort');
    await driver
      .row('clinging.bin')
      .getByText(/^Its parts are not deleted: .*AccessDenied/)
      .waitFor();
    await driver.press('Abort');
    await driver.reaches('aborted');
  });

  it('moves a cancelled file to the unfinished uploads, where it can be discarded', async () => {
    const file = makeFile(join(folder.path, 'left.bin'), 3 * MIB);
    const server = await serve();
    server.holdFrom(2);
    const driver = await open(server);
    await driver.get('part-size').selectOption('1 MiB');
    await driver.choose(file);
    await until('a part is stored', () => server.acknowledged().length === 1);
    await driver.press('Cancel');
    const left = driver.get('unfinished-list').getByRole('listitem');
    await left.waitFor();
    expect(await driver.get('file').count()).toBe(0);
    expect(await left.innerText()).toContain('waits for left.bin');
    await driver.get('unfinished-list').getByRole('button', { name: 'Discard left.bin' }).press('Enter');
    await left.waitFor({ state: 'detached' });
    expect(await driver.page.evaluate(() => document.activeElement?.getAttribute('data-testid'))).toBe('choose-files');
    expect(await driver.text('notice')).toBe('The parts of left.bin are deleted.');
    expect(
      server.arrivals().some(({ operation, status }) => operation === 'abortMultipartUpload' && status === 204),
    ).toBe(true);
  });

  it('shows that a part is retried, and why', async () => {
    const file = makeFile(join(folder.path, 'again.bin'), 3 * MIB);
    let isRefused = true;
    const server = await serve(
      on('uploadPart', { partNumber: 2, times: Infinity, when: () => isRefused }).respond(503, 'SlowDown', {
        headers: { 'retry-after': '2' },
      }),
    );
    const driver = await open(server);
    await driver.get('part-size').selectOption('1 MiB');
    await driver.choose(file);
    await driver.page.waitForFunction(() => {
      const note = document.querySelector('[data-testid=note]')?.textContent ?? '';
      const cell = document.querySelector('[data-testid=part-grid] [data-status=retrying]');
      return cell !== null && /^Part 2 is sent again in \d+\.\d s: ./.test(note);
    });
    isRefused = false;
    await driver.reaches('completed');
    expect(await driver.get('note').isVisible()).toBe(false);
    const second = server.parts().filter(({ partNumber }) => partNumber === 2);
    expect(second.map(({ status }) => String(status)).join(' ')).toMatch(/^(503 )+200$/);
  });

  it('reports wrong credentials, and resumes with Retry once they are right', async () => {
    const file = makeFile(join(folder.path, 'refused.bin'), 2 * MIB);
    const server = await serve();
    const driver = await open(server);
    const wrong = { accessKeyId: 'local', secretAccessKey: 'secret-of-nobody' };
    await driver.page.route('**/_page/credentials.json', (route) => route.fulfill({ json: wrong }));
    await driver.get('part-size').selectOption('1 MiB');
    await driver.choose(file);
    await driver.reaches('failed');
    expect(await driver.text('error')).toContain('SignatureDoesNotMatch');
    expect(await driver.text('error')).not.toContain('secret-of-nobody');
    expect(await driver.row('refused.bin').getByRole('button', { name: 'Abort' }).isVisible()).toBe(false);
    expect(await driver.text('percent')).toBe('0 %');

    await driver.page.unroute('**/_page/credentials.json');
    await driver.press('Retry');
    await driver.get('error').waitFor({ state: 'hidden' });
    await driver.reaches('completed');
  });

  it('works with the keyboard alone', async () => {
    const file = makeFile(join(folder.path, 'keys.bin'), 4 * MIB);
    const server = await serve();
    server.holdFrom(2);
    const driver = await open(server);
    const { page } = driver;
    const focused = (): Promise<string | null> =>
      page.evaluate(() => document.activeElement?.getAttribute('data-testid') ?? null);
    const press = async (key: string): Promise<void> => page.keyboard.press(key);
    // A picker that returns handles cannot be driven from here, so the page runs as in a browser without one.
    await driver.context.addInitScript(() => Object.assign(window, { showOpenFilePicker: undefined }));
    await page.reload();
    await driver.get('choose-files').and(page.locator(':enabled')).waitFor();
    await press('Tab');
    expect(await focused()).toBe('choose-files');
    expect(await driver.get('choose-files').evaluate((button) => getComputedStyle(button).outlineStyle)).toBe('solid');
    await press('Tab');
    await press('Tab');
    expect(await focused()).toBe('part-size');
    // Not by typing its name: a late space would open the list.
    await press('Home');
    await press('ArrowDown');
    expect(await driver.get('part-size').inputValue()).toBe(String(MIB));
    await driver.get('choose-files').focus();
    const chooser = page.waitForEvent('filechooser');
    await press('Space');
    await (await chooser).setFiles(file);
    await until('a part is stored', () => server.acknowledged().length === 1);

    await driver.get('task-num').focus();
    await press('Tab');
    expect(await focused()).toBe('toggle');
    await press('Enter');
    await driver.reaches('paused');
    // The Pause button has become Resume and keeps the focus.
    expect(await focused()).toBe('toggle');
    server.release();
    await press('Space');
    await driver.reaches('completed');
    expect(await sha256(server.objectPath('keys.bin'))).toBe(await sha256(file));
    await driver.get('remove').focus();
    await press('Enter');
    await driver.get('file').waitFor({ state: 'detached' });
    expect(await focused()).toBe('choose-files');
  });

  it('exposes to screen readers what it shows', async () => {
    const file = makeFile(join(folder.path, 'spoken.bin'), 4 * MIB);
    const server = await serve();
    server.holdFrom(3);
    const driver = await open(server);
    const { page } = driver;
    expect(await page.locator('html').getAttribute('lang')).toBe('en');
    expect(await page.getByRole('heading', { level: 1 }).count()).toBe(1);
    expect(await page.getByRole('button', { name: 'Choose files' }).count()).toBe(1);
    expect(await page.getByRole('button', { name: 'Choose a folder' }).count()).toBe(1);
    expect(await page.getByRole('combobox', { name: 'Part size' }).count()).toBe(1);
    expect(await page.getByRole('combobox', { name: 'Parts of a file at once' }).count()).toBe(1);

    await driver.get('part-size').selectOption('1 MiB');
    await driver.choose(file);
    await until('two parts are stored', () => server.acknowledged().length === 2);
    const progress = page.getByRole('progressbar', { name: 'spoken.bin' });
    await page.waitForFunction(
      () => Number(document.querySelector('[role=progressbar]')?.getAttribute('aria-valuenow')) > 0,
    );
    expect(await progress.getAttribute('aria-valuetext')).toMatch(/^\d+ %, Uploading$/);
    expect(await page.getByRole('progressbar', { name: 'All files' }).getAttribute('aria-valuetext')).toMatch(
      /^\d+ %, 0 of 1 done$/,
    );
    await page.getByRole('img', { name: /^2 of 4 parts done, 2 sending$/ }).waitFor();
    await page.getByRole('img', { name: /^Speed over the last \d+ s: now .+, at most .+\/s$/ }).waitFor();
    await page
      .getByRole('status')
      .getByText(/Uploading spoken\.bin: \d+ %/)
      .waitFor({ state: 'attached' });
    expect(await page.getByRole('status').getAttribute('aria-live')).toBe('polite');
    for (const name of ['Pause', 'Cancel', 'Abort']) {
      expect(await page.getByRole('button', { name: `${name} spoken.bin`, exact: true }).count()).toBe(1);
    }
    server.release();
    await driver.press('Pause');
    await driver.press('Resume');
    await page.getByRole('status').getByText('Completed: spoken.bin').waitFor({ state: 'attached' });
  });

  it.each(['light', 'dark'] as const)('fits a phone screen in %s mode', async (colorScheme) => {
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
    for (const id of ['toggle', 'remove', 'abort', 'choose-files']) {
      const box = await driver.get(id).boundingBox();
      expect(box?.height).toBeGreaterThanOrEqual(44);
    }
    await driver.press('Cancel');
    await driver.get('unfinished').waitFor();
    expect(await overflow()).toBe(0);
  });

  it('follows the preferred color scheme', async () => {
    const server = await serve();
    const driver = await open(server);
    const shot = async (colorScheme: 'light' | 'dark'): Promise<Buffer> => {
      await driver.page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
      return driver.page.screenshot({ animations: 'disabled' });
    };
    const colours = (): Promise<readonly string[]> =>
      driver.page.evaluate(() => {
        const { backgroundColor, color } = getComputedStyle(document.body);
        return [backgroundColor, color];
      });
    const light = await shot('light');
    expect(await colours()).toEqual(['rgb(244, 245, 242)', 'rgb(27, 33, 31)']);
    const dark = await shot('dark');
    expect(await colours()).toEqual(['rgb(18, 22, 20)', 'rgb(232, 236, 233)']);
    expect(dark.equals(light)).toBe(false);
    expect((await shot('light')).equals(light)).toBe(true);
  });

  it('shows ten thousand parts', async () => {
    const file = makeHoles(join(folder.path, 'long.bin'), 10_000 * 102_400);
    const server = await serve();
    server.holdFrom(40);
    const driver = await open(server);
    await driver.get('part-size').selectOption('100 KiB');
    await driver.choose(file);
    await driver.page.waitForFunction(
      () => document.querySelectorAll('[data-testid=part-grid] [data-status=done]').length >= 39,
    );
    expect(await driver.get('part-grid').locator('i').count()).toBe(10_000);
    await driver.press('Pause');
    await driver.reaches('paused');
  });
});
