import { createHash } from 'node:crypto';
import { lstat, mkdir, rmdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { DiskLayout } from './disk.js';
import { hasCode } from './has-code.js';
import { isLinked, requireNoLink } from './links.js';

const maxNameBytes = 255;
const deviceName = /^(con|prn|aux|nul|com\d|lpt\d)(\.|$)/i;

/**
 * A key as a path below the bucket's folder, the way a person expects it; null where no file system could hold it:
 * empty, dot and overlong segments. `%` is encoded as well, so that two keys never share a path.
 */
export function plainPathOf(key: string): string | null {
  const names = key.split('/').map(plainName);
  return names.includes(null) ? null : join(...names.map((name) => name ?? ''));
}

function plainName(segment: string): string | null {
  if (segment === '' || segment === '.' || segment === '..') return null;
  let name = segment.replace(/[\u0000-\u001f\u007f<>:"|?*\\%]/g, encode).replace(/[. ]$/, encode);
  if (deviceName.test(name)) name = encode(name.charAt(0)) + name.slice(1);
  return Buffer.byteLength(name) > maxNameBytes ? null : name;
}

function encode(char: string): string {
  return `%${char.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`;
}

/** A name for any key, of fixed length. */
export function hashedName(key: string): string {
  return createHash('sha256').update(key).digest('hex');
}

/**
 * Where an object's file goes: at its plain path unless something else, or a symbolic link, is there or on the way to it, else under the
 * hash of its key. Makes the folders.
 * @param current - where the key's object is now, if there is one
 */
export async function placeFor(
  layout: DiskLayout,
  bucket: string,
  key: string,
  current: string | null,
): Promise<string> {
  const plain = plainPathOf(key);
  if (plain !== null) {
    const path = join(layout.objects, bucket, plain);
    const isLinkedThere = await isLinked(layout.root, dirname(path));
    if (!isLinkedThere && (path === current || (await isFree(path)))) return path;
  }
  const folder = join(layout.other, bucket);
  await requireNoLink(layout.root, folder);
  await mkdir(folder, { recursive: true });
  return join(folder, hashedName(key));
}

async function isFree(path: string): Promise<boolean> {
  try {
    await mkdir(dirname(path), { recursive: true });
    await lstat(path);
    return false;
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return true;
    if (hasCode(error, 'EEXIST', 'ENOTDIR', 'ENAMETOOLONG', 'EINVAL', 'EILSEQ')) return false;
    throw error;
  }
}

/** Removes the folders above a file that is gone, as far as they are empty. */
export async function removeEmptyFolders(path: string, root: string): Promise<void> {
  for (let folder = dirname(path); folder.startsWith(root) && folder !== root; folder = dirname(folder)) {
    try {
      await rmdir(folder);
    } catch {
      return;
    }
  }
}
