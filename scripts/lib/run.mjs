import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { inProject, root } from './project.mjs';

/**
 * Runs a program (by default in the project's folder) to its end; never fails. `code` is null where it could not be
 * started or was ended by a signal. With `quiet` its output is captured instead of shown; aborting `signal` kills it.
 */
export function run(program, args, { quiet = false, env = process.env, shell = false, signal, cwd = root } = {}) {
  return new Promise((resolve) => {
    const stdio = quiet ? ['ignore', 'pipe', 'pipe'] : ['ignore', 'inherit', 'inherit'];
    const child = spawn(program, args, { cwd, env, shell, stdio, signal, killSignal: 'SIGKILL' });
    let output = '';
    const collect = (chunk) => (output = (output + chunk).slice(-20_000));
    child.stdout?.on('data', collect);
    child.stderr?.on('data', collect);
    child.on('error', (error) => resolve({ code: null, output: `${output}${error.message}\n` }));
    child.on('close', (code) => resolve({ code, output }));
  });
}

/** Runs the npm that runs this script, else the one on the path. */
export function runNpm(args, options) {
  const npm = process.env.npm_execpath;
  if (npm?.endsWith('npm-cli.js')) return run(process.execPath, [npm, ...args], options);
  // On Windows npm is a script, which only a shell starts.
  return run('npm', args, { ...options, shell: process.platform === 'win32' });
}

/** Runs an installed package's command without npx: nothing is looked up, nothing downloaded. */
export function runBin(packageName, command, args, options) {
  const folder = inProject('node_modules', packageName);
  const { bin } = JSON.parse(readFileSync(`${folder}/package.json`, 'utf8'));
  const path = typeof bin === 'string' ? bin : bin[command];
  return run(process.execPath, [`${folder}/${path}`, ...args], options);
}
