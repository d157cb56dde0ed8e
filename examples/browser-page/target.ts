import type { UploadCheckpoint } from 'rx-obs-upload';
import type { GivenFile } from './given-files.js';
import type { Sending } from './sending.js';
import type { UnfinishedUpload } from './unfinished.js';

export interface Target {
  /** The key of the object. */
  readonly id: string;
  /** That very file is on the list already. */
  readonly isThere: boolean;
}

/**
 * Which object a file becomes: that of its unfinished upload where there is one, else one of its path. Two files of one
 * path are two objects, so that none overwrites the other.
 */
export function targetOf(
  keyPrefix: string,
  given: GivenFile,
  { find }: Pick<Sending, 'find'>,
  unfinished: readonly UnfinishedUpload[],
): Target {
  const own = keyPrefix + given.path;
  const left = unfinished
    .filter(({ checkpoint }) => isOf(checkpoint, given.file))
    .map(({ checkpoint }) => checkpoint.key);
  const wanted = left.length === 0 || left.includes(own) ? own : (left[0] ?? own);
  for (let copy = 1; ; copy++) {
    const id = copy === 1 ? wanted : numbered(wanted, copy);
    const there = find(id);
    if (there === undefined) return { id, isThere: false };
    if (isSame(there.file, given.file)) return { id, isThere: true };
  }
}

/** `a/film.mp4` is `a/film (2).mp4`. */
function numbered(key: string, copy: number): string {
  return key.replace(/(\.[^./]+)?$/, (extension) => ` (${copy})${extension}`);
}

function isSame(a: File, b: File): boolean {
  return a.name === b.name && a.size === b.size && a.lastModified === b.lastModified;
}

function isOf({ file }: UploadCheckpoint, { name, size, lastModified }: File): boolean {
  return file.name === name && file.size === size && file.lastModified === lastModified;
}
