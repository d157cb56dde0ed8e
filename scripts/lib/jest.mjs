import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { inProject } from './project.mjs';
import { runBin } from './run.mjs';

/** How long Jest may take to end once it has reported. */
const MAX_EXIT_MS = 20_000;

/**
 * Runs a project of jest.config.ts and reads the report. Specs that leave something open, so that Jest does not end,
 * have failed.
 * @param options - `args`: which paths, and more of Jest's arguments; `inTurn`: one file at a time; `name` of
 * the report, where several run at once; `quiet`, `env`, `signal` as for a program
 * @returns `report`: Jest's JSON, null if it wrote none; `succeeded`; `output` with `quiet`
 */
export async function runJest(project, { args = [], inTurn = false, name = project, signal, ...options } = {}) {
  const path = inProject('build', `report-${name}.json`);
  mkdirSync(inProject('build'), { recursive: true });
  rmSync(path, { force: true });
  const hung = new AbortController();
  const watch = setInterval(() => {
    if (!existsSync(path)) return;
    clearInterval(watch);
    setTimeout(() => hung.abort(), MAX_EXIT_MS).unref();
  }, 500);
  const all = [
    ...args,
    '--selectProjects',
    project,
    ...(inTurn ? ['--runInBand'] : []),
    '--json',
    `--outputFile=${path}`,
  ];
  const either = signal === undefined ? hung.signal : AbortSignal.any([hung.signal, signal]);
  const { code, output } = await runBin('jest', 'jest', all, { ...options, signal: either });
  clearInterval(watch);
  const report = existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')) : null;
  return { report, succeeded: code === 0 && report?.success === true, output };
}
