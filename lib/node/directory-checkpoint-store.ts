import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { defer, EMPTY, mergeMap, of } from 'rxjs';
import type { CheckpointStore } from '../ports/checkpoint-store/checkpoint-store.js';
import {
  checkpointStoreOver,
  fromJson,
  ttlOf,
  type CheckpointStoreOptions,
} from '../ports/checkpoint-store/checkpoint-store-over.js';
import { requireText } from '../validation/check.js';
import { readTextOf, readTexts, removeDrafts, removeFile, replaceFile } from './text-files.js';

/**
 * Stores checkpoints as files in a directory (Node), which is created if necessary: one file each, readable only by its
 * owner. Several processes may share it; if one of them dies while writing, the old or the new file is intact, and the
 * temporary file is removed by the next save or list. Damaged or foreign files are left alone; a symbolic link in place
 * of a file is never followed.
 *
 * @throws InvalidOptionsError
 * @example
 * ```ts
 * const checkpointStore = directoryCheckpointStore(join(homedir(), '.cache', 'my-uploads'));
 * fileSource$('a.mp4')
 *   .pipe(switchMap((sourceFile) => uploadFile$(obs, { bucket: 'media', key: 'a.mp4', sourceFile, checkpointStore })))
 *   .subscribe();
 * ```
 */
export function directoryCheckpointStore(path: string, options?: CheckpointStoreOptions): CheckpointStore {
  const directory = requireText('path', path);
  const fileOf = (id: string): string => join(directory, `${createHash('sha256').update(id).digest('hex')}${SUFFIX}`);
  let sweeping: Promise<void> | null = null;
  const swept = (): Promise<void> => (sweeping ??= removeDrafts(directory, SUFFIX).catch(() => undefined));
  return checkpointStoreOver(
    {
      get: (id) =>
        defer(() => readTextOf(fileOf(id))).pipe(mergeMap((text) => (text === null ? EMPTY : of(fromJson(text))))),
      put: async (record) => {
        await swept();
        await replaceFile(fileOf(record.id), JSON.stringify(record));
      },
      delete: (id) => removeFile(fileOf(id)),
      all: async () => {
        await swept();
        return (await readTexts(directory, SUFFIX)).map(fromJson);
      },
    },
    ttlOf(options),
  );
}

const SUFFIX = '.checkpoint.json';
