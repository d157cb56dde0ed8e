import { constants } from 'node:fs';
import { lstat, open, type FileHandle } from 'node:fs/promises';
import { dirname, join, relative, sep } from 'node:path';
import { hasCode } from './has-code.js';

/** Thrown if a path contains a symbolic link, and so may lead out of the directory. */
export class LinkRefused extends Error {
  readonly code = 'ELOOP';

  constructor(root: string, path: string) {
    super(`${relative(root, path)} is a symbolic link: the local OBS follows none. Remove it.`);
  }
}

/** Whether a folder below the root, or one on the way to it, is a symbolic link. The root itself may be one. */
export async function isLinked(root: string, folder: string): Promise<boolean> {
  return (await linkOnTheWay(root, folder)) !== null;
}

/** @throws {@link LinkRefused} where a folder is a symbolic link, or one on the way to it */
export async function requireNoLink(root: string, folder: string): Promise<void> {
  const link = await linkOnTheWay(root, folder);
  if (link !== null) throw new LinkRefused(root, link);
}

/**
 * Opens a file for reading, unless a symbolic link leads to it.
 * @throws {@link LinkRefused}
 */
export async function openPlain(root: string, path: string): Promise<FileHandle> {
  await requireNoLink(root, dirname(path));
  try {
    // The second flag is undefined on Windows, which counts as 0: to make a link needs an administrator there.
    return await open(path, constants.O_RDONLY | constants.O_NOFOLLOW);
  } catch (error) {
    if (hasCode(error, 'ELOOP', 'EMLINK')) throw new LinkRefused(root, path);
    throw error;
  }
}

async function linkOnTheWay(root: string, folder: string): Promise<string | null> {
  let path = root;
  for (const name of relative(root, folder).split(sep)) {
    if (name === '') continue;
    path = join(path, name);
    try {
      if ((await lstat(path)).isSymbolicLink()) return path;
    } catch (error) {
      if (hasCode(error, 'ENOENT', 'ENOTDIR', 'ENAMETOOLONG', 'EINVAL', 'EILSEQ')) return null;
      throw error;
    }
  }
  return null;
}
