import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { inProject } from './project.mjs';
import { runBin } from './run.mjs';

/** How long Jest may take to end once it has reported. */
const MAX_EXIT_MS = 20_000;

/**
 * Runs Jest and reads its report. Specs that leave something open, so that Jest does not end, have failed.
 * @returns `report`: Jest's JSON, null if it wrote none; `succeeded`; `output` with `quiet`
 */
export async function runJest(name, args, { signal, ...options } = {}) {
  const path = inProject('build', `report-${name}.json`);
  mkdirSync(inProject('build'), { recursive: true });
  rmSync(path, { force: true });
  const hung = new AbortController();
  const watch = setInterval(() => {
    if (!existsSync(path)) return;
    clearInterval(watch);
    setTimeout(() => hung.abort(), MAX_EXIT_MS).unref();
  }, 500);
  const all = [...args, '--json', `--outputFile=${path}`];
  const either = signal === undefined ? hung.signal : AbortSignal.any([hung.signal, signal]);
  const { code, output } = await runBin('jest', 'jest', all, { ...options, signal: either });
  clearInterval(watch);
  const report = existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')) : null;
  return { report, succeeded: code === 0 && report?.success === true, output };
}
