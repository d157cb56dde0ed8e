import type { Browser, BrowserContext, BrowserContextOptions, Locator, Page } from 'playwright-core';
import { HANG_MS } from './until.js';

/** The recorder as a user sees it. */
export interface RecorderDriver {
  readonly page: Page;
  readonly context: BrowserContext;
  get(id: string): Locator;
  button(name: string | RegExp): Locator;
  /** Waits until the recorder is in that phase. */
  reaches(phase: 'ready' | 'recording' | 'paused'): Promise<void>;
  /** Waits until the last upload has that status. */
  uploadIs(status: string): Promise<void>;
  /** The time that the page shows. */
  seconds(): Promise<number>;
  /** Errors that the page's scripts did not catch. */
  readonly crashes: readonly Error[];
}

export async function openRecorder(
  browser: Pick<Browser, 'newContext'>,
  url: string,
  options: BrowserContextOptions = {},
): Promise<RecorderDriver> {
  const context = await browser.newContext(options);
  context.setDefaultTimeout(HANG_MS);
  const page = await context.newPage();
  const crashes: Error[] = [];
  page.on('pageerror', (error) => crashes.push(error));
  const get = (id: string): Locator => page.getByTestId(id);
  await page.goto(new URL('/_recorder/', url).href);
  await page.locator('[data-testid=record]:enabled').waitFor();
  return {
    page,
    context,
    crashes,
    get,
    button: (name) => page.getByRole('button', { name, exact: true }),
    reaches: (phase) => page.locator(`[data-testid=recorder][data-phase=${phase}]`).waitFor(),
    uploadIs: (status) => get('files').locator(`li:first-child[data-status=${status}]`).waitFor(),
    seconds: async () => {
      const [minutes = 0, seconds = 0] = (await get('elapsed').innerText()).split(':').map(Number);
      return 60 * minutes + seconds;
    },
  };
}
