import { launch, type ElementHandle } from 'puppeteer-core';
import type { Engine } from './engine.js';

/** Firefox, driven by WebDriver BiDi. */
export async function startFirefox(executablePath: string): Promise<Engine> {
  const browser = await launch({ browser: 'firefox', executablePath, headless: true });
  return {
    async open(url) {
      const context = await browser.createBrowserContext();
      const page = await context.newPage();
      await page.goto(url);
      return {
        async choose(path) {
          const input = (await page.waitForSelector('input[type=file]')) as ElementHandle<HTMLInputElement>;
          await input.uploadFile(path);
        },
        // As text: BiDi itself truncates deeply nested values.
        run: async (expression) =>
          JSON.parse(
            (await page.evaluate(`(async () => JSON.stringify((await ${expression}) ?? null))()`)) as string,
          ) as unknown,
        async reload() {
          await page.reload();
        },
        setOffline: (offline) => page.setOfflineMode(offline),
        close: () => context.close(),
      };
    },
    close: () => browser.close(),
  };
}
