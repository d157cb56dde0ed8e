import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { Complaint, inProject } from '../project.mjs';
import { runNpm } from '../run.mjs';

/** Packs what is built, as `npm publish` does, and gives the tarball's path. */
export async function packLibrary() {
  const folder = inProject('build', 'package');
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  // The library is built already; npm's own hook would build it again.
  const { code, output } = await runNpm(['pack', '--ignore-scripts', `--pack-destination=${folder}`], { quiet: true });
  const [tarball] = readdirSync(folder);
  if (code !== 0 || tarball === undefined) throw new Complaint(`npm pack failed:\n${output}`);
  return join(folder, tarball);
}
