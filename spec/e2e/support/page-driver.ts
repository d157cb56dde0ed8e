import type { Browser, BrowserContext, BrowserContextOptions, Locator, Page } from 'playwright-core';
import { HANG_MS } from './until.js';

/** The page as a user sees it, by test ids. */
export interface PageDriver {
  readonly page: Page;
  readonly context: BrowserContext;
  get(id: string): Locator;
  /** The row of a file. */
  row(name: string): Locator;
  choose(...paths: readonly string[]): Promise<void>;
  /** Drops files and folders of the disk onto the page, as a user does. */
  drop(...paths: readonly string[]): Promise<void>;
  click(id: string): Promise<void>;
  /** Clicks a button of a file's row, by its label. */
  press(label: string, name?: string): Promise<void>;
  text(id: string): Promise<string>;
  /** Waits until all files, or the named one, have a status; throws as soon as one has failed instead. */
  reaches(status: string, name?: string): Promise<void>;
  /** Shows parts and result of a file. */
  showDetails(name: string): Promise<void>;
  /** How many cells of the part grids show that status. */
  cells(status: string): Promise<number>;
  /** Errors that the page's scripts did not catch. */
  readonly crashes: readonly Error[];
}

export async function openPage(
  browser: Pick<Browser, 'newContext'>,
  url: string,
  options: BrowserContextOptions = {},
): Promise<PageDriver> {
  return openTab(await browser.newContext(options), url);
}

/** Opens another tab of a browser. */
export async function openTab(context: BrowserContext, url: string): Promise<PageDriver> {
  context.setDefaultTimeout(HANG_MS);
  const page = await context.newPage();
  const crashes: Error[] = [];
  page.on('pageerror', (error) => crashes.push(error));
  await page.goto(url);
  await isReady(page);
  const get = (id: string): Locator => page.getByTestId(id);
  const row = (name: string): Locator => page.locator(`[data-testid=file][data-id="${name}"]`);
  return {
    page,
    context,
    crashes,
    get,
    row,
    choose: (...paths) => get('file-input').setInputFiles([...paths]),
    async drop(...paths) {
      const devTools = await context.newCDPSession(page);
      const data = { items: [], files: [...paths], dragOperationsMask: 1 };
      for (const type of ['dragEnter', 'dragOver', 'drop'] as const) {
        await devTools.send('Input.dispatchDragEvent', { type, x: 20, y: 20, data });
      }
      await devTools.detach();
    },
    click: (id) => get(id).click(),
    press: (label, name) =>
      (name === undefined ? get('file') : row(name)).getByRole('button', { name: new RegExp(`^${label} `) }).click(),
    text: (id) => get(id).innerText(),
    async reaches(status, name) {
      const seen = await page.waitForFunction(
        ([wanted, only]) => {
          const rows = [...document.querySelectorAll<HTMLElement>('[data-testid=file]')];
          const chosen = rows.filter(({ dataset }) => only === undefined || dataset.id === only);
          const failed = chosen.find(({ dataset }) => dataset.status === 'failed');
          if (failed !== undefined && wanted !== 'failed') return failed.innerText;
          return chosen.length > 0 && chosen.every(({ dataset }) => dataset.status === wanted) ? 'as wanted' : false;
        },
        [status, name] as const,
      );
      const outcome = await seen.jsonValue();
      if (outcome !== 'as wanted') throw new Error(`A file failed instead of ${status}: ${outcome}`);
    },
    async showDetails(name) {
      const toggle = row(name).getByTestId('details-toggle');
      if ((await toggle.getAttribute('aria-expanded')) === 'false') await toggle.click();
    },
    cells: (status) => get('part-grid').locator(`[data-status=${status}]`).count(),
  };
}

export async function isReady(page: Page): Promise<void> {
  await page.locator('[data-testid=file-input]:enabled').waitFor({ state: 'attached' });
}
