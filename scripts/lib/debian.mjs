import { existsSync } from 'node:fs';
import { run } from './run.mjs';

/**
 * Installs packages on Debian and the like, where this is root or may become it without asking. Gives whether it tried:
 * look for what was to be installed.
 */
export async function installDebianPackages(packages) {
  if (process.platform !== 'linux' || !existsSync('/usr/bin/apt-get')) return false;
  const prefix = process.getuid() === 0 ? [] : ['sudo', '--non-interactive'];
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const asRoot = async (...args) => {
    const [program, ...rest] = [...prefix, ...args];
    return (await run(program, rest, { quiet: true, env })).code === 0;
  };
  if (!(await asRoot('true'))) return false;
  process.stderr.write(`Installing from Debian: ${packages.join(', ')} ...\n`);
  await asRoot('apt-get', 'update');
  await asRoot('apt-get', 'install', '--yes', '--no-install-recommends', ...packages);
  return true;
}
