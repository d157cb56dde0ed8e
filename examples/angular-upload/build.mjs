// node examples/angular-upload/build.mjs: the application, by the Angular CLI, with the library as it is packed.
import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildLibrary } from '../../scripts/lib/build.mjs';
import { packLibrary } from '../../scripts/lib/package/pack.mjs';
import { command, Complaint, inProject } from '../../scripts/lib/project.mjs';
import { run, runNpm } from '../../scripts/lib/run.mjs';

const here = dirname(fileURLToPath(import.meta.url));

/**
 * In a folder of its own, where nothing of this project is found but what was packed. What npm has installed there is
 * used again while the lock file is the same.
 * @returns the folder of the built application
 */
export async function buildAngularApp() {
  await buildLibrary();
  const folder = inProject('build', 'angular-upload');
  mkdirSync(folder, { recursive: true });
  for (const name of readdirSync(folder)) {
    if (name !== 'node_modules' && name !== 'installed') rmSync(join(folder, name), { recursive: true });
  }
  const parts = [
    'src',
    'angular.json',
    'package.json',
    'package-lock.json',
    'tsconfig.app.json',
    'tsconfig.worker.json',
  ];
  for (const name of parts) cpSync(join(here, name), join(folder, name), { recursive: true });
  await install(folder, await packLibrary());
  const ng = join(folder, 'node_modules', '@angular', 'cli', 'bin', 'ng.js');
  await must('ng build', run(process.execPath, [ng, 'build'], { cwd: folder, quiet: true }));
  return join(folder, 'dist');
}

async function install(folder, tarball) {
  const marker = join(folder, 'installed');
  const lock = createHash('sha256')
    .update(readFileSync(join(here, 'package-lock.json')))
    .digest('hex');
  const npm = (...args) =>
    must(
      `npm ${args[0]}`,
      runNpm([...args, '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'], {
        cwd: folder,
        quiet: true,
      }),
    );
  if (!existsSync(marker) || readFileSync(marker, 'utf8') !== lock) {
    rmSync(marker, { force: true });
    await npm('ci');
    writeFileSync(marker, lock);
  }
  await npm('install', '--no-save', '--no-package-lock', tarball);
}

async function must(what, running) {
  const { code, output } = await running;
  if (code !== 0) throw new Complaint(`${what} failed for the Angular application:\n${output}`);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await command(async () => void (await buildAngularApp()));
