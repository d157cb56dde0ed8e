import { createHash } from 'node:crypto';
import {
  closeSync,
  createReadStream,
  mkdtempSync,
  openSync,
  readdirSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';

export const MIB = 1024 * 1024;

/** Creates a temporary folder for one spec. */
export function makeFolder(): { readonly path: string; remove(): void } {
  const path = mkdtempSync(join(tmpdir(), 'rx-obs-upload-'));
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}

/** Makes a file without equal blocks, so that swapped parts are detected; name and size determine its content. */
export function makeFile(path: string, size: number): string {
  const file = openSync(path, 'w');
  const block = createHash('shake256', { outputLength: 64 * 1024 })
    .update(`${basename(path)} ${size}`)
    .digest();
  for (let written = 0; written < size; written += block.length) {
    block.writeDoubleLE(written);
    writeSync(file, block, 0, Math.min(block.length, size - written));
  }
  closeSync(file);
  return path;
}

/** Makes a sparse file: all zeros, using no disk space. */
export function makeHoles(path: string, size: number): string {
  writeFileSync(path, '');
  truncateSync(path, size);
  return path;
}

export async function sha256(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer);
  return hash.digest('hex');
}

/** Paths of all files below a folder. */
export function filesBelow(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((name) => join(folder, name))
    .filter((path) => statSync(path).isFile());
}
