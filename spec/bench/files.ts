import { mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Work } from './work.js';

/** The files to upload, which are sparse: the disk is not to be measured. */
export interface TemporaryFiles {
  readonly paths: readonly string[];
  remove(): void;
}

export function makeFiles({ files, bytes }: Pick<Work, 'files' | 'bytes'>): TemporaryFiles {
  const folder = mkdtempSync(join(tmpdir(), 'rx-obs-upload-files-'));
  const paths = Array.from({ length: files }, (_, i) => join(folder, `file-${i}.bin`));
  for (const path of paths) {
    writeFileSync(path, '');
    truncateSync(path, bytes);
  }
  return { paths, remove: () => rmSync(folder, { recursive: true, force: true }) };
}
