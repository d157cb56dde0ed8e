import { randomBytes } from 'node:crypto';
import { open, rename, writeFile, type FileHandle } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { wallNow } from '../time.js';

/** Where one local OBS keeps everything. */
export interface DiskLayout {
  readonly root: string;
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

/** Replaces a file in one step: whoever reads it sees the old or the new content, after a crash too. */
export async function writeAtomically(path: string, text: string, temporary: string): Promise<void> {
  const draft = join(temporary, newName());
  await writeFile(draft, text, { flush: true });
  await moveDurably(draft, path);
}

export async function moveDurably(from: string, to: string): Promise<void> {
  await rename(from, to);
  await syncDirectory(dirname(to));
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

/** Whether an error of the file system has one of these codes. */
export function hasCode(error: unknown, ...codes: readonly string[]): boolean {
  return typeof error === 'object' && error !== null && 'code' in error && codes.includes(String(error.code));
}
