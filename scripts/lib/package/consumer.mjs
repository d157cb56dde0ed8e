import { cpSync, mkdtempSync, readFileSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Complaint } from '../project.mjs';
import { runNpm } from '../run.mjs';
import { readEntries } from './entries.mjs';

/**
 * A project that has installed the tarball, with what is in `template`. It stands outside of this one, so that
 * it finds nothing but what the package itself asks for; `use` gets it, and afterwards it is gone.
 */
export async function withConsumer(template, tarball, use) {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'rx-obs-upload-consumer-')));
  try {
    cpSync(template, folder, { recursive: true });
    await install(folder, tarball);
    const library = join(folder, 'node_modules', 'rx-obs-upload');
    const manifest = JSON.parse(readFileSync(join(library, 'package.json'), 'utf8'));
    return await use({ folder, library, manifest, entries: await readEntries(library, manifest) });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** In one go, with what the template's lock file names. */
async function install(folder, tarball) {
  const args = ['install', tarball, '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];
  const { code, output } = await runNpm(args, { cwd: folder, quiet: true });
  if (code !== 0) throw new Complaint(`npm install failed for the consumer of the package:\n${output}`);
}
