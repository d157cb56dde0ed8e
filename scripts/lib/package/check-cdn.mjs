import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { inProject } from '../project.mjs';
import { runEsbuild } from './bundlers.mjs';
import { inChromium } from './in-chromium.mjs';

const PAGES = ['module.html', 'module-without-rxjs.html', 'script.html'];
const BYTES = Buffer.alloc(300_000, 'abcdefg');
/** For what hangs, not for what is slow. */
const HANG_MS = 240_000;

/** Plain pages that load the files for CDNs, each in its way, and upload a file in Chromium. */
export async function checkCdn({ folder, library }) {
  const rxjs = await bundledRxjs(folder);
  const contentOf = (path, settings) => {
    if (path === '/settings.json') return JSON.stringify(settings);
    if (path === '/rxjs.js') return rxjs;
    const file = path.startsWith('/dist/') ? join(library, path) : join(inProject('spec/package/cdn'), path);
    return existsSync(file) ? readFileSync(file) : null;
  };
  return inChromium(contentOf, async ({ browser, store, url }) => {
    const problems = [];
    for (const name of PAGES) {
      const outcome = await uploadBy(await browser.newPage(), `${url}/${name}`);
      const stored = store.fileOf('media', name);
      const isStored = stored !== null && readFileSync(stored).equals(BYTES);
      if (outcome !== 'completed' || !isStored) problems.push(`${name}: ${outcome}`);
    }
    return problems;
  });
}

/** What the page's title says in the end. */
async function uploadBy(page, url) {
  const errors = [];
  page.setDefaultTimeout(HANG_MS);
  page.on('pageerror', (error) => errors.push(error.message));
  await page.goto(url);
  await page.waitForFunction(() => document.title === 'ready').catch(() => errors.push('It does not load.'));
  if (errors.length > 0) return errors.join(' ');
  await page.setInputFiles('input', { name: 'a.bin', mimeType: 'application/octet-stream', buffer: BYTES });
  const going = 'ready started progress checkpoint part-started part-completed completing retrying'.split(' ');
  await page.waitForFunction((names) => !names.includes(document.title), going).catch(() => undefined);
  return page.title();
}

/** rxjs itself has no ES module that a browser could load as it is. */
async function bundledRxjs(folder) {
  const stdin = { contents: `export * from 'rxjs';`, resolveDir: folder };
  const { outputFiles } = await runEsbuild({ stdin, write: false });
  return outputFiles[0].text;
}
