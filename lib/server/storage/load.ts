import { access, lstat, mkdir, readdir, readFile, rename, rm } from 'node:fs/promises';
import { constants } from 'node:fs';
import { dirname, join } from 'node:path';
import type { ObjectRecord, PartRecord, StateStore, UploadRecord } from '../../fake-obs/state/state.js';
import type { DiskLayout } from './disk.js';
import { isLinked, LinkRefused, requireNoLink } from './links.js';
import { lockDirectory } from './locks.js';
import { readBucket, readObject, readPartFileName, readUpload } from './records.js';

/** Where the bytes of parts and objects are, by their id. */
export type FileIndex = Map<string, string>;

/**
 * Makes the folders and rebuilds the state from what is in them. What was not finished is removed, what was decided
 * but not carried out is carried out.
 * @returns what gives the directory back
 * @throws an Error for people where the directory cannot be used
 */
export async function load(layout: DiskLayout, store: StateStore, files: FileIndex): Promise<() => Promise<void>> {
  await makeFolders(layout);
  const release = await lockDirectory(layout);
  for (const name of await readdir(layout.bucketMeta)) {
    const bucket = readBucket(await readFile(join(layout.bucketMeta, name), 'utf8'));
    if (bucket !== null) store.apply({ type: 'create-bucket', bucket });
  }
  const completed = new Set<string>();
  for (const bucket of store.state.buckets.keys()) {
    for (const object of await loadObjects(layout, bucket, files)) {
      store.apply({ type: 'put-object', object });
      if (object.uploadId !== null) completed.add(object.uploadId);
    }
  }
  for (const entry of await readdir(layout.uploads, { withFileTypes: true })) {
    const uploadId = entry.name;
    const isOver = completed.has(uploadId) || !entry.isDirectory();
    const upload = isOver ? null : await loadUpload(layout, uploadId, files);
    if (upload === null) await rm(join(layout.uploads, uploadId), { recursive: true, force: true });
    else store.apply({ type: 'create-upload', upload });
  }
  for (const name of await readdir(layout.temporary)) await rm(join(layout.temporary, name), { force: true });
  await sweepOther(layout);
  return release;
}

/** A process that ended amid a move to the plain path has left the old file, which no record names any more. */
async function sweepOther(layout: DiskLayout): Promise<void> {
  for (const bucket of await readdir(layout.other, { withFileTypes: true })) {
    if (!bucket.isDirectory()) continue;
    const folder = join(layout.other, bucket.name);
    for (const name of await readdir(folder)) {
      const record = join(layout.objectMeta, bucket.name, `${name}.json`);
      const stored = readObject(await readFile(record, 'utf8').catch(() => ''));
      if (stored?.file !== join('other', bucket.name, name))
        await rm(join(folder, name), { recursive: true, force: true });
    }
  }
}

async function makeFolders(layout: DiskLayout): Promise<void> {
  try {
    const { root, objects, other, uploads, bucketMeta, objectMeta, temporary } = layout;
    for (const folder of [root, objects, other, uploads, bucketMeta, objectMeta, temporary]) {
      await requireNoLink(root, folder);
      await mkdir(folder, { recursive: true });
      await access(folder, constants.W_OK);
    }
  } catch (cause) {
    if (cause instanceof LinkRefused) throw cause;
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new Error(`The directory ${layout.root} cannot be written to (${reason}). Choose another one.`, { cause });
  }
}

async function loadObjects(layout: DiskLayout, bucket: string, files: FileIndex): Promise<readonly ObjectRecord[]> {
  const objects: ObjectRecord[] = [];
  const folder = join(layout.objectMeta, bucket);
  for (const each of [folder, join(layout.objects, bucket), join(layout.other, bucket)]) {
    await requireNoLink(layout.root, each);
  }
  await mkdir(folder, { recursive: true });
  for (const name of await readdir(folder)) {
    const stored = readObject(await readFile(join(folder, name), 'utf8'));
    if (stored?.object.bucket !== bucket) continue;
    const path = join(layout.root, stored.file);
    if (await isLinked(layout.root, dirname(path))) continue;
    await finishMove(join(layout.temporary, stored.staged), path);
    const size = await sizeOf(path);
    // This process may have ended amid its deletion, or a person deleted it.
    if (size === null) await rm(join(folder, name), { force: true });
    // A person may have changed it: it is then no longer the object.
    if (size !== stored.object.size) continue;
    files.set(stored.object.bytesId, path);
    objects.push(stored.object);
  }
  return objects;
}

/** The record is what decides; the process may have ended before the file was moved to its place. */
async function finishMove(staged: string, path: string): Promise<void> {
  if ((await sizeOf(staged)) === null) return;
  await mkdir(dirname(path), { recursive: true });
  await rename(staged, path);
}

async function loadUpload(layout: DiskLayout, uploadId: string, files: FileIndex): Promise<UploadRecord | null> {
  const folder = join(layout.uploads, uploadId);
  const upload = readUpload(await readFile(join(folder, 'upload.json'), 'utf8').catch(() => ''));
  if (upload === null) return null;
  const parts = new Map<number, PartRecord>();
  // Names sort by time within a part number: the last one that came wins.
  const entries = await readdir(folder, { withFileTypes: true });
  for (const name of entries.flatMap((entry) => (entry.isFile() ? [entry.name] : [])).sort()) {
    const facts = readPartFileName(name);
    if (facts === null) continue;
    const path = join(folder, name);
    const { size, mtimeMs } = await lstat(path);
    const replaced = parts.get(facts.partNumber);
    if (replaced !== undefined) await rm(files.get(replaced.bytesId) ?? '', { force: true });
    parts.set(facts.partNumber, { ...facts, size, modifiedAt: Math.floor(mtimeMs) });
    files.set(facts.bytesId, path);
  }
  return { ...upload, parts };
}

async function sizeOf(path: string): Promise<number | null> {
  try {
    const stats = await lstat(path);
    return stats.isFile() ? stats.size : null;
  } catch {
    return null;
  }
}
