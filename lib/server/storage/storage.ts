import { mkdir, open, readFile, rm, rmdir, type FileHandle } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { Effect, ObjectRecord, PartRecord, StateStore, UploadRecord } from '../../fake-obs/state/state.js';
import { layoutOf, moveDurably, newName, syncDirectory, writeAtomically, type DiskLayout } from './disk.js';
import { hasCode } from './has-code.js';
import { isLinked, openPlain, requireNoLink } from './links.js';
import { load, type FileIndex } from './load.js';
import { createLocks } from './locks.js';
import { hashedName, placeFor, removeEmptyFolders } from './object-path.js';
import { partFileName, writeBucket, writeObject, writeUpload } from './records.js';

/** The disk behind a local OBS. */
export interface Storage {
  readonly layout: DiskLayout;
  load(): Promise<void>;
  /** Gives the directory back, so that another process can have it. */
  close(): Promise<void>;
  /** Path of the bytes of a part or object. */
  readonly fileOf: (bytesId: string) => string;
  /**
   * Opens the bytes of a part or object.
   * @throws LinkRefused where somebody has put a symbolic link in their place
   */
  readonly openFile: (bytesId: string) => Promise<FileHandle>;
  /** Path for a body that is coming in. */
  temporaryPath(): string;
  /**
   * Makes an effect durable, then applies it.
   * @param body - the temporary file with the bytes of a part or of a single PUT
   */
  carryOut(effect: Effect, body: string | null): Promise<void>;
}

export function createStorage(directory: string, store: StateStore): Storage {
  const layout = layoutOf(directory);
  const files: FileIndex = new Map();
  const placing = createLocks();
  let release = (): Promise<void> => Promise.resolve();
  const fileOf = (bytesId: string): string => files.get(bytesId) ?? join(layout.temporary, 'missing');

  const openFile = (bytesId: string): Promise<FileHandle> => openPlain(layout.root, fileOf(bytesId));

  const storePart = async (uploadId: string, part: PartRecord, body: string): Promise<void> => {
    const path = join(layout.uploads, uploadId, partFileName(part));
    await moveDurably(layout, body, path);
    const replaced = store.state.uploads.get(uploadId)?.parts.get(part.partNumber);
    if (replaced !== undefined) await forget(replaced);
    files.set(part.bytesId, path);
  };

  const forget = async ({ bytesId }: { readonly bytesId: string }): Promise<void> => {
    await removeInside(fileOf(bytesId));
    files.delete(bytesId);
  };

  /** Through a symbolic link a foreign file would be deleted. */
  const removeInside = async (path: string): Promise<void> => {
    if (!(await isLinked(layout.root, dirname(path)))) await rm(path, { force: true });
  };

  /** The record is written first: from then on the object is there, whatever happens to this process. */
  const storeObject = (object: ObjectRecord, staged: string): Promise<void> =>
    placing.run('any', async () => {
      const old = store.state.buckets.get(object.bucket)?.objects.get(object.key);
      const current = old === undefined ? null : fileOf(old.bytesId);
      const path = await placeFor(layout, object.bucket, object.key, current);
      const record = { object, file: relative(layout.root, path), staged: relative(layout.temporary, staged) };
      await replaceRecord(metaPath(layout, object), writeObject(record), () => moveDurably(layout, staged, path));
      if (current !== null && current !== path) await removeInside(current);
      if (old !== undefined) files.delete(old.bytesId);
      files.set(object.bytesId, path);
    });

  /** Writes a record and does what it says; where that fails, the record is what it was. */
  const replaceRecord = async (path: string, text: string, carryOut: () => Promise<void>): Promise<void> => {
    const before = await readFile(path, 'utf8').catch(() => null);
    await writeAtomically(layout, path, text);
    try {
      await carryOut();
    } catch (error) {
      if (before === null) await rm(path, { force: true });
      else await writeAtomically(layout, path, before);
      throw error;
    }
  };

  const complete = async (upload: UploadRecord, parts: readonly PartRecord[], object: ObjectRecord): Promise<void> => {
    const staged = join(layout.temporary, newName());
    try {
      await concatenate(
        parts.map((part) => () => openFile(part.bytesId)),
        staged,
      );
      await storeObject(object, staged);
    } finally {
      // On a full disk a partial file remains; files that were stored have been moved.
      await rm(staged, { force: true });
    }
    await removeUpload(upload);
  };

  const removeUpload = async (upload: UploadRecord): Promise<void> => {
    const folder = join(layout.uploads, upload.uploadId);
    await requireNoLink(layout.root, folder);
    // Without its record a folder is no upload, so this one step ends it.
    await rm(join(folder, 'upload.json'), { force: true });
    await rm(folder, { recursive: true, force: true });
    for (const part of upload.parts.values()) files.delete(part.bytesId);
  };

  const createUpload = async (upload: UploadRecord): Promise<void> => {
    const folder = join(layout.uploads, upload.uploadId);
    await mkdir(folder);
    try {
      await writeAtomically(layout, join(folder, 'upload.json'), writeUpload(upload));
    } catch (error) {
      await rm(folder, { recursive: true, force: true });
      throw error;
    }
    await syncDirectory(layout.uploads);
  };

  /** Not while an object is put into its place: the folder that it needs may be empty until then. */
  const deleteObject = (object: ObjectRecord): Promise<void> =>
    placing.run('any', async () => {
      const path = fileOf(object.bytesId);
      const doomed = join(layout.temporary, newName());
      // The file goes first, in one step: a record without a file is no object, but a file without a record would stay.
      const isAway = await moveAway(path, doomed);
      try {
        await rm(metaPath(layout, object), { force: true });
      } catch (error) {
        if (isAway) await moveDurably(layout, doomed, path);
        throw error;
      }
      await rm(doomed, { force: true });
      files.delete(object.bytesId);
      if (isAway) await removeEmptyFolders(path, join(layout.objects, object.bucket));
    });

  /** false if there is nothing to move, or only through a symbolic link */
  const moveAway = async (path: string, to: string): Promise<boolean> => {
    if (await isLinked(layout.root, dirname(path))) return false;
    try {
      await moveDurably(layout, path, to);
      return true;
    } catch (error) {
      if (hasCode(error, 'ENOENT', 'ENOTDIR')) return false;
      throw error;
    }
  };

  const persist = async (effect: Effect, body: string): Promise<void> => {
    switch (effect.type) {
      case 'create-bucket': {
        const { name } = effect.bucket;
        for (const folder of [join(layout.objects, name), join(layout.objectMeta, name)]) {
          await requireNoLink(layout.root, folder);
          await mkdir(folder, { recursive: true });
        }
        return writeAtomically(layout, join(layout.bucketMeta, `${name}.json`), writeBucket(effect.bucket));
      }
      case 'delete-bucket':
        await rm(join(layout.bucketMeta, `${effect.bucket}.json`), { force: true });
        return rmdir(join(layout.objects, effect.bucket)).catch(() => undefined);
      case 'create-upload':
        return createUpload(effect.upload);
      case 'store-part':
        return storePart(effect.uploadId, effect.part, body);
      case 'delete-part':
        return forget(effect.part);
      case 'abort-upload':
        return removeUpload(effect.upload);
      case 'complete-upload':
        return complete(effect.upload, effect.parts, effect.object);
      case 'put-object':
        return storeObject(effect.object, body);
      case 'delete-object':
        return deleteObject(effect.object);
    }
  };

  return {
    layout,
    async load() {
      release = await load(layout, store, files);
    },
    close: () => release(),
    fileOf,
    openFile,
    temporaryPath: () => join(layout.temporary, newName()),
    async carryOut(effect, body) {
      await persist(effect, body ?? '');
      store.apply(effect);
    },
  };
}

function metaPath(layout: DiskLayout, { bucket, key }: ObjectRecord): string {
  return join(layout.objectMeta, bucket, `${hashedName(key)}.json`);
}

/** Files in a row become one, piece by piece, whatever their size. */
async function concatenate(opened: readonly (() => Promise<FileHandle>)[], target: string): Promise<void> {
  const handle = await open(target, 'wx');
  try {
    for (const openPart of opened) {
      const part = await openPart();
      await pipeline(part.createReadStream({ highWaterMark: 1024 * 1024 }), async (chunks: AsyncIterable<Buffer>) => {
        for await (const chunk of chunks) await handle.writeFile(chunk);
      });
    }
    await handle.sync();
  } finally {
    await handle.close();
  }
}
