import { createHash } from 'node:crypto';
import { closeSync, fsyncSync, mkdirSync, openSync, readFileSync, renameSync, rmSync, writeSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { finalize, tap, type MonoTypeOperatorFunction } from 'rxjs';
import { parseCheckpoint, type UploadCheckpoint, type UploadEvent } from 'rx-obs-upload';
import type { Settings } from './read-settings.js';

const SAVE_EVERY_MS = 500;

/** The checkpoint of one upload as a file, so that the next run of the same command goes on where this one stops. */
export interface CheckpointFile {
  /** null where there is none; fails when there is one that cannot be used. */
  load(): UploadCheckpoint | null;
  /** null where there is none that can be used. */
  loadAnyway(): UploadCheckpoint | null;
  /**
   * Saves the checkpoints that pass: the first at once, then not more often than twice a second (a large upload's
   * checkpoint is long), the last whatever ends the stream. A completed upload's file is removed.
   */
  keep(): MonoTypeOperatorFunction<UploadEvent>;
}

export function checkpointFile({ checkpoints, server, bucket, key, path }: Settings): CheckpointFile {
  const name = createHash('sha256')
    .update(JSON.stringify([server, bucket, key, path]))
    .digest('hex')
    .slice(0, 32);
  const file = join(checkpoints, `${name}.json`);
  const load = (): UploadCheckpoint | null => {
    const text = readText(file);
    return text === null ? null : parseCheckpoint(parseJson(text));
  };
  return {
    load,
    loadAnyway: () => {
      try {
        return load();
      } catch {
        return null;
      }
    },
    keep: () => (events$) => {
      let unsaved: UploadCheckpoint | null = null;
      let savedAt = -Infinity;
      const save = (): void => {
        if (unsaved === null) return;
        replaceFile(file, JSON.stringify(unsaved));
        unsaved = null;
        savedAt = performance.now();
      };
      return events$.pipe(
        tap((event) => {
          if (event.type === 'checkpoint') {
            unsaved = event.checkpoint;
            if (performance.now() - savedAt >= SAVE_EVERY_MS) save();
          } else if (event.type === 'completed') {
            unsaved = null;
            rmSync(file, { force: true });
          }
        }),
        finalize(save),
      );
    },
  };
}

function readText(file: string): string | null {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return null;
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** Written beside and renamed, so that whenever the process dies there is a whole file, the old one or the new one. */
function replaceFile(file: string, text: string): void {
  mkdirSync(dirname(file), { recursive: true });
  const draft = `${file}.${process.pid}.tmp`;
  const handle = openSync(draft, 'w', 0o600);
  try {
    writeSync(handle, text);
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
  renameSync(draft, file);
}
