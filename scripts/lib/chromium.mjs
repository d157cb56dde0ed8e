import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { promisify } from 'node:util';
import { onPath } from './on-path.mjs';
import { Complaint } from './project.mjs';

const COMMANDS = ['chromium', 'chromium-browser', 'google-chrome-stable', 'google-chrome', 'microsoft-edge'];
const PATHS = [
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
  'C:\\Program Files (x86)\\Google\\Chrome\\Application\\chrome.exe',
];

/** The path of a Chromium that runs: the one that CHROMIUM_PATH names, else the system's, else playwright's own. */
export async function ensureChromium() {
  const named = process.env.CHROMIUM_PATH;
  if (named) {
    if (await runs(named)) return named;
    throw new Complaint(`CHROMIUM_PATH names ${named}, which is no browser that runs.`);
  }
  const path = await installed();
  if (path !== null) return path;
  throw new Complaint(
    'Chromium is missing. On Debian and Ubuntu: sudo apt-get install chromium. Elsewhere: npx playwright-core install ' +
      'chromium. Or name a Chromium, Chrome or Edge that is there in CHROMIUM_PATH.',
  );
}

async function installed() {
  for (const path of candidates()) if (await runs(path)) return path;
  const own = await playwrightPath();
  return own !== null && (await runs(own)) ? own : null;
}

function candidates() {
  return [...COMMANDS.flatMap(onPath), ...PATHS.filter(existsSync)];
}

/** A path alone proves little: on some systems `chromium` only says how to install it. */
async function runs(path) {
  // There `--version` would open a window.
  if (process.platform === 'win32') return existsSync(path);
  try {
    await promisify(execFile)(path, ['--version'], { timeout: 20_000 });
    return true;
  } catch {
    return false;
  }
}

async function playwrightPath() {
  const { chromium } = await import('playwright-core');
  return chromium.executablePath() || null;
}
