import type { Browser, BrowserContext, BrowserContextOptions, Locator, Page } from 'playwright-core';

/** The page as a person sees it, by test ids. */
export interface PageDriver {
  readonly page: Page;
  readonly context: BrowserContext;
  get(id: string): Locator;
  choose(path: string): Promise<void>;
  click(id: string): Promise<void>;
  text(id: string): Promise<string>;
  /** Waits for a status of the upload; fails at once, with the page's words, when it failed instead. */
  reaches(status: string): Promise<void>;
  /** How many cells of the part grid show that status. */
  cells(status: string): Promise<number>;
  /** Errors that the page's scripts did not catch. */
  readonly crashes: readonly Error[];
}

export async function openPage(
  browser: Pick<Browser, 'newContext'>,
  url: string,
  options: BrowserContextOptions = {},
): Promise<PageDriver> {
  const context = await browser.newContext(options);
  const page = await context.newPage();
  const crashes: Error[] = [];
  page.on('pageerror', (error) => crashes.push(error));
  await page.goto(url);
  await page.locator('[data-testid=file-input]:enabled').waitFor({ state: 'attached' });
  const get = (id: string): Locator => page.getByTestId(id);
  return {
    page,
    context,
    crashes,
    get,
    choose: (path) => get('file-input').setInputFiles(path),
    click: (id) => get(id).click(),
    text: (id) => get(id).innerText(),
    async reaches(status) {
      const seen = await page.waitForFunction(
        (wanted) => {
          const now = document.querySelector<HTMLElement>('[data-testid=upload]')?.dataset.status;
          return now === wanted || now === 'failed' ? now : false;
        },
        status,
        { timeout: 60_000 },
      );
      const now = await seen.jsonValue();
      if (now !== status)
        throw new Error(`The page failed instead of ${status}: ${await get('error-text').innerText()}`);
    },
    cells: (status) => get('part-grid').locator(`[data-status=${status}]`).count(),
  };
}
