import { randomBytes } from 'node:crypto';
import { open, rename, rm, writeFile, type FileHandle } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { requireNoLink } from './links.js';
import { wallNow } from '../../time.js';

/** Where one local OBS stores everything. */
export interface DiskLayout {
  readonly root: string;
  /** The id of the process that has the directory. */
  readonly owner: string;
  /** `<bucket>/<key>`: finished objects as plain files. */
  readonly objects: string;
  /** `<bucket>/<hash of the key>`: objects whose key is no path that a file system takes. */
  readonly other: string;
  /** `<upload id>/<part number>_<id>_<etag>` */
  readonly uploads: string;
  readonly bucketMeta: string;
  /** `<bucket>/<hash of the key>.json` */
  readonly objectMeta: string;
  /** Files that are not finished, removed at each start unless a finished object names them. */
  readonly temporary: string;
}

export function layoutOf(root: string): DiskLayout {
  return {
    root,
    owner: join(root, 'meta', 'server.pid'),
    objects: join(root, 'objects'),
    other: join(root, 'other'),
    uploads: join(root, 'uploads'),
    bucketMeta: join(root, 'meta', 'buckets'),
    objectMeta: join(root, 'meta', 'objects'),
    temporary: join(root, 'temporary'),
  };
}

let counter = 0;

/** A fresh name; later ones sort after earlier ones. */
export function newName(): string {
  counter += 1;
  const parts = [wallNow().toString(36).padStart(9, '0'), counter.toString(36).padStart(6, '0')];
  return parts.join('') + randomBytes(4).toString('hex');
}

/** Replaces a file in one step: readers see the old or the new content, even after a crash. */
export async function writeAtomically(layout: DiskLayout, path: string, text: string): Promise<void> {
  const draft = join(layout.temporary, newName());
  try {
    await writeFile(draft, text, { flush: true, flag: 'wx' });
    await moveDurably(layout, draft, path);
  } catch (error) {
    // A full disk leaves half of it.
    await rm(draft, { force: true });
    throw error;
  }
}

/** @throws LinkRefused where a symbolic link is on the way */
export async function moveDurably({ root }: DiskLayout, from: string, to: string): Promise<void> {
  await requireNoLink(root, dirname(from));
  await requireNoLink(root, dirname(to));
  await rename(from, to);
  await syncDirectory(dirname(to));
  if (dirname(from) !== dirname(to)) await syncDirectory(dirname(from));
}

/** Makes names durable; where a system cannot do that (Windows), it does so by itself. */
export async function syncDirectory(path: string): Promise<void> {
  let handle: FileHandle | null = null;
  try {
    handle = await open(path, 'r');
    await handle.sync();
  } catch {
    // Not a reason to refuse what is written already.
  } finally {
    await handle?.close();
  }
}
