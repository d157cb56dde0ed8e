import { readFileSync } from 'node:fs';
import { Complaint, inProject } from './project.mjs';
import { runNpm } from './run.mjs';

const OLDEST_NODE = 20;

/** Makes a fresh clone ready: the dependencies are installed when they are missing or not those of the lock file. */
export async function ensureInstalled() {
  if (Number.parseInt(process.versions.node, 10) < OLDEST_NODE) {
    throw new Complaint(`Node ${OLDEST_NODE} or newer is needed; this is ${process.version}.`);
  }
  if (isInstalled()) return;
  process.stderr.write('Installing dependencies (npm ci) ...\n');
  const { code, output } = await runNpm(['ci', '--no-audit', '--no-fund', '--loglevel=error'], { quiet: true });
  if (code === 0 && isInstalled()) return;
  process.stderr.write(output);
  throw new Complaint(
    `The dependencies could not be installed: npm ci ended with ${code ?? 'no exit code'}, see above.`,
  );
}

/** npm keeps in `node_modules` the lock file of what it put there: compared by content, since git sets no times. */
function isInstalled() {
  const wanted = packagesOf('package-lock.json');
  const present = packagesOf('node_modules/.package-lock.json');
  if (wanted === null) throw new Complaint('package-lock.json is missing or damaged: check the clone.');
  if (present === null) return false;
  return Object.entries(wanted).every(
    ([path, { version, optional, devOptional }]) =>
      path === '' || present[path]?.version === version || (present[path] === undefined && (optional ?? devOptional)),
  );
}

function packagesOf(path) {
  try {
    return JSON.parse(readFileSync(inProject(path), 'utf8')).packages;
  } catch {
    return null;
  }
}
