import { createReadStream } from 'node:fs';
import { mkdir, open, rm, rmdir } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { Effect, ObjectRecord, PartRecord, StateStore, UploadRecord } from '../fake-obs/state.js';
import { layoutOf, moveDurably, newName, syncDirectory, writeAtomically, type DiskLayout } from './disk.js';
import { load, type FileIndex } from './load.js';
import { createLocks } from './locks.js';
import { hashedName, placeFor, removeEmptyFolders } from './object-path.js';
import { partFileName, writeBucket, writeObject, writeUpload } from './records.js';

/** The disk behind a local OBS. */
export interface Storage {
  readonly layout: DiskLayout;
  load(): Promise<void>;
  /** Path of the bytes of a part or object. */
  readonly fileOf: (bytesId: string) => string;
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
  const fileOf = (bytesId: string): string => files.get(bytesId) ?? join(layout.temporary, 'missing');

  const storePart = async (uploadId: string, part: PartRecord, body: string): Promise<void> => {
    const path = join(layout.uploads, uploadId, partFileName(part));
    await moveDurably(body, path);
    const replaced = store.state.uploads.get(uploadId)?.parts.get(part.partNumber);
    if (replaced !== undefined) await forget(replaced);
    files.set(part.bytesId, path);
  };

  const forget = async ({ bytesId }: { readonly bytesId: string }): Promise<void> => {
    await rm(fileOf(bytesId), { force: true });
    files.delete(bytesId);
  };

  /** The record is written first: from then on the object is there, whatever happens to this process. */
  const storeObject = (object: ObjectRecord, staged: string): Promise<void> =>
    placing.run('any', async () => {
      const old = store.state.buckets.get(object.bucket)?.objects.get(object.key);
      const current = old === undefined ? null : fileOf(old.bytesId);
      const path = await placeFor(layout, object.bucket, object.key, current);
      const record = { object, file: relative(layout.root, path), staged: relative(layout.temporary, staged) };
      await writeAtomically(metaPath(layout, object), writeObject(record), layout.temporary);
      await moveDurably(staged, path);
      if (current !== null && current !== path) await rm(current, { force: true });
      if (old !== undefined) files.delete(old.bytesId);
      files.set(object.bytesId, path);
    });

  const complete = async (upload: UploadRecord, parts: readonly PartRecord[], object: ObjectRecord): Promise<void> => {
    const staged = join(layout.temporary, newName());
    await concatenate(
      parts.map((part) => fileOf(part.bytesId)),
      staged,
    );
    await storeObject(object, staged);
    await removeUpload(upload);
  };

  const removeUpload = async (upload: UploadRecord): Promise<void> => {
    const folder = join(layout.uploads, upload.uploadId);
    // Without its record a folder is no upload, so this one step ends it.
    await rm(join(folder, 'upload.json'), { force: true });
    await rm(folder, { recursive: true, force: true });
    for (const part of upload.parts.values()) files.delete(part.bytesId);
  };

  const createUpload = async (upload: UploadRecord): Promise<void> => {
    const folder = join(layout.uploads, upload.uploadId);
    await mkdir(folder);
    await writeAtomically(join(folder, 'upload.json'), writeUpload(upload), layout.temporary);
    await syncDirectory(layout.uploads);
  };

  const deleteObject = async (object: ObjectRecord): Promise<void> => {
    const path = fileOf(object.bytesId);
    await rm(metaPath(layout, object), { force: true });
    await forget(object);
    await removeEmptyFolders(path, join(layout.objects, object.bucket));
  };

  const persist = async (effect: Effect, body: string): Promise<void> => {
    switch (effect.type) {
      case 'create-bucket': {
        const { name } = effect.bucket;
        await mkdir(join(layout.objects, name), { recursive: true });
        await mkdir(join(layout.objectMeta, name), { recursive: true });
        return writeAtomically(join(layout.bucketMeta, `${name}.json`), writeBucket(effect.bucket), layout.temporary);
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
    load: () => load(layout, store, files),
    fileOf,
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
async function concatenate(paths: readonly string[], target: string): Promise<void> {
  const handle = await open(target, 'wx');
  try {
    for (const path of paths) {
      await pipeline(createReadStream(path, { highWaterMark: 1024 * 1024 }), async (chunks: AsyncIterable<Buffer>) => {
        for await (const chunk of chunks) await handle.writeFile(chunk);
      });
    }
    await handle.sync();
  } finally {
    await handle.close();
  }
}
