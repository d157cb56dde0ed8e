import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { ensureChromium } from './chromium.mjs';
import { onPath } from './on-path.mjs';
import { Complaint, inProject } from './project.mjs';
import { runNpm } from './run.mjs';

/** Each makes sure that an engine is there, and gives what spec/e2e/support/hosts.ts wants to know of it. */
export const ENGINES = {
  chromium: async () => ({ chromium: await ensureChromium() }),
  firefox: async () => ({ firefox: ensureFirefox() }),
  webkit: async () => ({ webkit: ensureWebKit() }),
  node: async () => ({ node: await ensureNodes() }),
};

function ensureFirefox() {
  const path = named('FIREFOX_PATH') ?? first('firefox-esr') ?? first('firefox');
  return path ?? missing('Firefox', ['firefox-esr'], 'FIREFOX_PATH');
}

/** WebKitGTK's WebDriver, its MiniBrowser (no command, so it lies among the libraries), and a screen for it. */
function ensureWebKit() {
  const paths = {
    driver: first('WebKitWebDriver'),
    browser: named('MINIBROWSER_PATH') ?? miniBrowser(),
    display: first('Xvfb'),
  };
  if (Object.values(paths).every((path) => path !== null)) return paths;
  return missing('WebKitGTK with its WebDriver and Xvfb', ['webkit2gtk-driver', 'xvfb'], 'MINIBROWSER_PATH');
}

function miniBrowser() {
  const roots = ['/usr/lib', '/usr/libexec'].filter(existsSync);
  const folders = roots.flatMap((root) => [root, ...readdirSync(root).map((name) => join(root, name))]);
  const paths = folders.flatMap((folder) =>
    ['webkit2gtk-4.1', 'webkitgtk-6.0', 'webkit2gtk-4.0'].map((name) => join(folder, name, 'MiniBrowser')),
  );
  return paths.find(existsSync) ?? null;
}

/** The oldest Node that the package allows, the one of most servers, and the newest: npm has the binaries. */
async function ensureNodes() {
  const binaries = await Promise.all(['20', '24', 'latest'].map(ensureNode));
  const versions = await Promise.all(binaries.map(versionOf));
  return Object.fromEntries(versions.map((version, i) => [version, binaries[i]]));
}

async function ensureNode(version) {
  const platform = process.platform === 'win32' ? 'win' : process.platform;
  const name = `node-${platform}-${process.arch}`;
  const folder = inProject('build', 'node', version);
  const binary = join(folder, 'node_modules', name, 'bin', platform === 'win' ? 'node.exe' : 'node');
  if (existsSync(binary)) return binary;
  mkdirSync(folder, { recursive: true });
  const flags = ['--no-save', '--no-audit', '--no-fund', '--loglevel=error'];
  const { output } = await runNpm(['install', '--prefix', folder, ...flags, `${name}@${version}`], { quiet: true });
  if (existsSync(binary)) return binary;
  throw new Complaint(`Node ${version} could not be installed (${name} from npm). ${output.trim()}`);
}

async function versionOf(binary) {
  const { stdout } = await promisify(execFile)(binary, ['--version']);
  return stdout.trim().slice(1).split('.')[0];
}

function named(variable) {
  const path = process.env[variable];
  if (!path) return null;
  if (existsSync(path)) return path;
  throw new Complaint(`${variable} names ${path}, which is not there.`);
}

const first = (command) => onPath(command)[0] ?? null;

function missing(what, packages, variable) {
  throw new Complaint(
    `${what} is missing. On Debian and Ubuntu: sudo apt-get install ${packages.join(' ')}. Or name it in ${variable}.`,
  );
}
