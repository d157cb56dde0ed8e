import type { Browser } from 'playwright-core';
import { HANG_MS } from '../until.js';
import type { Engine } from './engine.js';

export function chromiumEngine(browser: Browser): Engine {
  return {
    async open(url) {
      const context = await browser.newContext();
      context.setDefaultTimeout(HANG_MS);
      const page = await context.newPage();
      await page.goto(url);
      return {
        choose: (path) => page.setInputFiles('input[type=file]', path),
        run: (expression) => page.evaluate(expression),
        async reload() {
          await page.reload();
        },
        setOffline: (offline) => context.setOffline(offline),
        close: () => context.close(),
      };
    },
    close: () => browser.close(),
  };
}
