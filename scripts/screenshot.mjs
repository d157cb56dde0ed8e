// npm run screenshot: drives the example page and the playground in Chromium, and takes docs/images while files are
// uploading.
import { mkdirSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { buildPage } from './lib/build.mjs';
import { ensureChromium } from './lib/chromium.mjs';
import { ensureInstalled } from './lib/install.mjs';
import { startLocalObs } from './lib/local-obs.mjs';
import { DEFAULT_PORT } from './lib/options.mjs';
import { command, inProject } from './lib/project.mjs';

const MIB = 1024 * 1024;
const PARTS_DONE = 30;
const FILES = { 'holiday.mp4': 600, 'interview.wav': 90, 'contract.pdf': 2, 'raw footage.mov': 300 };

await command(async () => {
  await ensureInstalled();
  await buildPage();
  const executablePath = await ensureChromium();
  const { chromium } = await import('playwright-core');
  const { on } = await import('rx-obs-upload/server');
  const folder = mkdtempSync(join(tmpdir(), 'rx-obs-upload-'));
  const ofFilm = ({ key }) => key === 'holiday.mp4';
  const obs = await startLocalObs({
    port: DEFAULT_PORT,
    directory: join(folder, 'obs'),
    // A line as people have it, and one part that has to be sent again.
    faults: [
      on('uploadPart', { times: Infinity }).slow({ bytesPerSecond: 8 * MIB }),
      on('uploadPart', { partNumber: PARTS_DONE + 1, times: 4, when: ofFilm }).respond(503, 'SlowDown', {
        message: 'Please reduce your request rate.',
      }),
    ],
  });
  const sandbox = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
  const browser = await chromium.launch({ executablePath, args: ['--disable-background-networking', ...sandbox] });
  try {
    await takePlayground(browser);
    const page = await open(browser, 2);
    await page.goto(`http://localhost:${obs.port}/`);
    const files = Object.entries(FILES).map(([name, mib]) => makeFile(join(folder, name), mib * MIB));
    await page.locator('[data-testid=file-input]:enabled').setInputFiles(files);
    await page.getByRole('button', { name: 'Pause raw footage.mov' }).click();
    await page.locator('[data-id="holiday.mp4"] [data-testid=details-toggle]').click();
    await page.waitForFunction((done) => {
      const count = (status) => document.querySelectorAll(`[data-testid=part-grid] [data-status=${status}]`).length;
      return count('done') >= done && count('sending') > 0 && count('retrying') === 1;
    }, PARTS_DONE);
    await page.mouse.move(0, 0);
    await take(page, 'page.png');
  } finally {
    await browser.close();
    await obs.close();
    rmSync(folder, { recursive: true, force: true });
  }
});

/** With the network broken, when the parts that were under way are retried. */
async function takePlayground(browser) {
  const page = await open(browser, 1);
  await page.goto(pathToFileURL(inProject('build/playground/index.html')).href);
  await page.getByTestId('generate').click();
  await page.waitForFunction(
    () => document.querySelectorAll('[data-testid=part-grid] [data-status=done]').length >= 14,
  );
  await page.getByTestId('break').click();
  await page.waitForFunction(() => document.querySelectorAll('[data-testid=log] [data-type=retrying]').length >= 6);
  await take(page, 'playground.png');
  await page.close();
}

function open(browser, deviceScaleFactor) {
  return browser.newPage({ viewport: { width: 920, height: 720 }, deviceScaleFactor, colorScheme: 'light' });
}

async function take(page, name) {
  const path = `docs/images/${name}`;
  mkdirSync(inProject('docs/images'), { recursive: true });
  await page.screenshot({ path: inProject(path), fullPage: name === 'page.png', animations: 'disabled' });
  process.stdout.write(`${path}\n`);
}

/** All holes: it takes no room. */
function makeFile(path, size) {
  writeFileSync(path, '');
  truncateSync(path, size);
  return path;
}
