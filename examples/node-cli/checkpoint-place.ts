import { catchError, defaultIfEmpty, defer, throwError, type Observable } from 'rxjs';
import { isUploadError, type CheckpointStore, type UploadCheckpoint } from 'rx-obs-upload';
import { directoryCheckpointStore } from 'rx-obs-upload/node';
import { UsageError, type Settings } from './read-settings.js';
import { unusableInWords } from './words.js';

/** Where the next run of the same command finds what this one leaves unfinished. */
export interface CheckpointPlace {
  /** Emits null where there is none; fails where there is one that cannot be used. */
  readonly unfinished$: Observable<UploadCheckpoint | null>;
  readonly store: CheckpointStore;
}

/**
 * A store of one checkpoint, named by what was typed and not by what the file is: so a file that has changed since is
 * found out, instead of being uploaded beside parts that nobody would ever delete.
 */
export function checkpointPlace({ checkpoints, server, bucket, key, path }: Settings): CheckpointPlace {
  const id = JSON.stringify([server, bucket, key, path]);
  const directory = directoryCheckpointStore(checkpoints, { expiresAfterMs: Infinity });
  return {
    unfinished$: defer(() => directory.load(id)).pipe(
      catchError((error: unknown) => throwError(() => inWords(error, checkpoints))),
      defaultIfEmpty(null),
    ),
    store: {
      load: () => directory.load(id),
      save: (_, checkpoint) => directory.save(id, checkpoint),
      remove: () => directory.remove(id),
      list: () => directory.list(),
    },
  };
}

function inWords(error: unknown, folder: string): UsageError {
  if (isUploadError(error)) return new UsageError(unusableInWords(error.message));
  const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown error';
  return new UsageError(
    `What an earlier run left in ${folder} cannot be read (${code}): name another folder with --checkpoints.`,
  );
}
