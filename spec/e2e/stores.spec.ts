import { join } from 'node:path';
import type { Browser, BrowserContext, Frame, Page } from 'playwright-core';
import { launchChromium } from './support/browser.js';
import { startHarness, type Harness } from './support/harness/harness.js';
import type {} from './support/stores/page.js';
import { HANG_MS } from './support/until.js';

/** What needs several tabs, frames or quotas; what every engine must do is in engines/stores.spec.ts. */
let browser: Browser;
let harness: Harness;
let context: BrowserContext;

async function open(): Promise<Page> {
  const page = await context.newPage();
  await page.goto(harness.url);
  return page;
}

/** Opens the page in a frame that may run scripts and nothing else. */
async function openSandbox(): Promise<Frame> {
  const page = await open();
  await page.setContent(`<iframe sandbox="allow-scripts" src="${harness.url}"></iframe>`);
  const frame = page.frames().find((each) => each !== page.mainFrame());
  if (frame === undefined) throw new Error('There is no frame');
  await frame.waitForFunction(() => 'stores' in window);
  return frame;
}

async function expectLockLog(page: Page | Frame, entries: readonly string[]): Promise<void> {
  await page.waitForFunction((count) => window.stores.lockLog().length >= count, entries.length);
  expect(await page.evaluate(() => window.stores.lockLog())).toEqual(entries);
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
  it('emits an error instead of throwing when storage is blocked', async () => {
    const frame = await openSandbox();
    expect(await frame.evaluate((k) => window.stores.load(k, 'a'), kind)).toBe('SecurityError');
    expect(await frame.evaluate((k) => window.stores.save(k, 'a', 1), kind)).toBe('SecurityError');
    expect(await frame.evaluate((k) => window.stores.remove(k, 'a'), kind)).toBe('SecurityError');
  });
});

describe.each(['localStorage', 'sessionStorage'] as const)('a full %s', (kind) => {
  it('fails to save, keeps existing data, and saves again once there is room', async () => {
    const page = await open();
    expect(await page.evaluate((k) => window.stores.save(k, 'a', 2), kind)).toBe('done');
    const others = await page.evaluate((k) => window.stores.fill(k), kind);
    expect(await page.evaluate((k) => window.stores.save(k, 'a', 100), kind)).toBe('QuotaExceededError');
    expect(await page.evaluate((k) => window.stores.save(k, 'b', 1), kind)).toBe('QuotaExceededError');
    expect(await page.evaluate((k) => window.stores.load(k, 'a'), kind)).toBe('found 2 parts');
    expect(await page.evaluate((k) => window.stores.remove(k, 'a'), kind)).toBe('done');
    expect(await page.evaluate((k) => window.stores.save(k, 'b', 1), kind)).toBe('done');
    const remaining = await page.evaluate(
      (k) => Object.keys(window[k]).filter((key) => !key.startsWith('rx-obs-upload:')).length,
      kind,
    );
    expect(remaining).toBe(others);
  });
});

describe('a full IndexedDB', () => {
  it('fails to save, and saves again once there is room', async () => {
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
  it('passes from tab to tab on release and when a tab closes', async () => {
    const [first, second, third] = [await open(), await open(), await open()];
    await first.evaluate(() => window.stores.holdLock('file'));
    await expectLockLog(first, ['held']);
    await second.evaluate(() => window.stores.holdLock('file'));
    await expectLockLog(second, ['waiting']);
    await third.evaluate(() => window.stores.holdLock('file'));
    await expectLockLog(third, ['waiting']);
    await first.evaluate(() => window.stores.releaseLock());
    await expectLockLog(second, ['waiting', 'held']);
    await second.close();
    await expectLockLog(third, ['waiting', 'held']);
  });

  it('does not interfere with locks of other scripts', async () => {
    const page = await open();
    await page.evaluate(() => void navigator.locks.request('file', () => new Promise(() => undefined)));
    await page.evaluate(() => window.stores.holdLock('file'));
    await expectLockLog(page, ['held']);
    const names = await page.evaluate(async () => (await navigator.locks.query()).held?.map(({ name }) => name));
    expect(names).toEqual(['file', 'rx-obs-upload:file']);
  });

  it('fails when locks are blocked', async () => {
    const frame = await openSandbox();
    await frame.evaluate(() => window.stores.holdLock('file'));
    await expectLockLog(frame, ['SecurityError']);
  });
});

describe('a remembered file', () => {
  it('is available after a reload until its checkpoint is removed', async () => {
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
    expect(await page.evaluate(() => window.stores.storedHandles())).toEqual([]);
  });

  it('is rejected once it has changed or been deleted', async () => {
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
