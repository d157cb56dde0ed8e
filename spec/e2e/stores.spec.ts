import { join } from 'node:path';
import type { Browser, BrowserContext, Frame, Page } from 'playwright-core';
import { launchChromium } from './support/browser.js';
import { startHarness, type Harness } from './support/harness/harness.js';
import type {} from './support/stores/page.js';
import { HANG_MS } from './support/until.js';

/** What needs several tabs, frames, or quotas: what each engine must do is in engines/stores.spec.ts. */
let browser: Browser;
let harness: Harness;
let context: BrowserContext;

async function open(): Promise<Page> {
  const page = await context.newPage();
  await page.goto(harness.url);
  return page;
}

/** The page in a frame that may run scripts, and nothing else. */
async function openSandbox(): Promise<Frame> {
  const page = await open();
  await page.setContent(`<iframe sandbox="allow-scripts" src="${harness.url}"></iframe>`);
  const frame = page.frames().find((each) => each !== page.mainFrame());
  if (frame === undefined) throw new Error('There is no frame');
  await frame.waitForFunction(() => 'stores' in window);
  return frame;
}

async function lockSays(page: Page | Frame, words: readonly string[]): Promise<void> {
  await page.waitForFunction((count) => window.stores.lockLog().length >= count, words.length);
  expect(await page.evaluate(() => window.stores.lockLog())).toEqual(words);
}

beforeAll(async () => {
  [browser, harness] = await Promise.all([
    launchChromium(),
    startHarness(join(__dirname, 'support', 'stores', 'page.ts')),
  ]);
});

afterAll(async () => {
  await browser.close();
  await harness.close();
});

beforeEach(async () => {
  context = await browser.newContext();
  context.setDefaultTimeout(HANG_MS);
});

afterEach(() => context.close());

describe.each(['localStorage', 'sessionStorage', 'indexedDB'] as const)('a checkpoint store in %s', (kind) => {
  it('fails, and does not throw, where storage is blocked', async () => {
    const frame = await openSandbox();
    expect(await frame.evaluate((k) => window.stores.load(k, 'a'), kind)).toBe('SecurityError');
    expect(await frame.evaluate((k) => window.stores.save(k, 'a', 1), kind)).toBe('SecurityError');
    expect(await frame.evaluate((k) => window.stores.remove(k, 'a'), kind)).toBe('SecurityError');
  });
});

describe.each(['localStorage', 'sessionStorage'] as const)('%s that is full', (kind) => {
  it('fails to save, keeps what is there, and saves again when there is room', async () => {
    const page = await open();
    expect(await page.evaluate((k) => window.stores.save(k, 'a', 2), kind)).toBe('done');
    const others = await page.evaluate((k) => window.stores.fill(k), kind);
    expect(await page.evaluate((k) => window.stores.save(k, 'a', 100), kind)).toBe('QuotaExceededError');
    expect(await page.evaluate((k) => window.stores.save(k, 'b', 1), kind)).toBe('QuotaExceededError');
    expect(await page.evaluate((k) => window.stores.load(k, 'a'), kind)).toBe('found 2 parts');
    expect(await page.evaluate((k) => window.stores.remove(k, 'a'), kind)).toBe('done');
    expect(await page.evaluate((k) => window.stores.save(k, 'b', 1), kind)).toBe('done');
    const kept = await page.evaluate(
      (k) => Object.keys(window[k]).filter((key) => !key.startsWith('rx-obs-upload:')).length,
      kind,
    );
    expect(kept).toBe(others);
  });
});

describe('IndexedDB that is full', () => {
  it('fails to save, and saves again when there is room', async () => {
    const page = await open();
    const devTools = await context.newCDPSession(page);
    const { origin } = new URL(harness.url);
    await devTools.send('Storage.overrideQuotaForOrigin', { origin, quotaSize: 1 });
    expect(await page.evaluate(() => window.stores.save('indexedDB', 'a', 9000))).toBe('QuotaExceededError');
    expect(await page.evaluate(() => window.stores.load('indexedDB', 'a'))).toBe('done');
    await devTools.send('Storage.overrideQuotaForOrigin', { origin });
    expect(await page.evaluate(() => window.stores.save('indexedDB', 'a', 9000))).toBe('done');
    expect(await page.evaluate(() => window.stores.load('indexedDB', 'a'))).toBe('found 9000 parts');
  });
});

describe('webLock', () => {
  it('is handed on between tabs, by release and by closing', async () => {
    const [first, second, third] = [await open(), await open(), await open()];
    await first.evaluate(() => window.stores.holdLock('file'));
    await lockSays(first, ['held']);
    await second.evaluate(() => window.stores.holdLock('file'));
    await lockSays(second, ['waiting']);
    await third.evaluate(() => window.stores.holdLock('file'));
    await lockSays(third, ['waiting']);
    await first.evaluate(() => window.stores.releaseLock());
    await lockSays(second, ['waiting', 'held']);
    await second.close();
    await lockSays(third, ['waiting', 'held']);
  });

  it('leaves locks of other scripts alone', async () => {
    const page = await open();
    await page.evaluate(() => void navigator.locks.request('file', () => new Promise(() => undefined)));
    await page.evaluate(() => window.stores.holdLock('file'));
    await lockSays(page, ['held']);
    const names = await page.evaluate(async () => (await navigator.locks.query()).held?.map(({ name }) => name));
    expect(names).toEqual(['file', 'rx-obs-upload:file']);
  });

  it('fails where locks are blocked', async () => {
    const frame = await openSandbox();
    await frame.evaluate(() => window.stores.holdLock('file'));
    await lockSays(frame, ['SecurityError']);
  });
});

describe('a file that is remembered', () => {
  it('is there again after a reload, until its checkpoint is removed', async () => {
    const page = await open();
    await page.evaluate(() => window.stores.writeFile('a.txt', 'what is in it'));
    expect(await page.evaluate(() => window.stores.remember('a.txt', 'kept'))).toBe('what is in it');
    await page.evaluate(() => window.stores.saveFor('a.txt', 'kept'));
    await page.evaluate(() => window.stores.saveFor('a.txt', 'asked for'));
    await page.reload();
    const pending = await page.evaluate(() => window.stores.pending());
    expect(Object.fromEntries(pending.map(({ id, hasFile }) => [id, hasFile]))).toEqual({
      kept: true,
      'asked for': false,
    });
    expect(await page.evaluate(() => window.stores.recall('kept'))).toBe('what is in it');
    expect(await page.evaluate(() => window.stores.recall('asked for'))).toBe('source-unreadable');
    await page.evaluate(() => window.stores.remove('indexedDB', 'kept'));
    expect(await page.evaluate(() => window.stores.keptFiles())).toEqual([]);
  });

  it('is refused once it has changed, or is gone', async () => {
    const page = await open();
    await page.evaluate(() => window.stores.writeFile('a.txt', 'what is in it'));
    await page.evaluate(() => window.stores.remember('a.txt', 'kept'));
    await page.evaluate(() => window.stores.saveFor('a.txt', 'kept'));
    await page.evaluate(() => window.stores.writeFile('a.txt', 'something else'));
    expect(await page.evaluate(() => window.stores.recall('kept'))).toBe('source-changed');
    await page.evaluate(async () => (await navigator.storage.getDirectory()).removeEntry('a.txt'));
    expect(await page.evaluate(() => window.stores.recall('kept'))).toBe('source-unreadable');
  });
});
