import { finalize, tap, type MonoTypeOperatorFunction } from 'rxjs';
import { parseCheckpoint, type UploadCheckpoint, type UploadEvent } from 'rx-obs-upload';

const PREFIX = 'rx-obs-upload:';
const SAVE_EVERY_MS = 500;

/** Checkpoints that outlive the page. Where storage is blocked the page still uploads, it just forgets. */
export interface KeptCheckpoints {
  /** The unfinished uploads to this server. */
  list(): readonly UploadCheckpoint[];
  /** The checkpoint of this very file, if its upload is unfinished. */
  find(file: File): UploadCheckpoint | null;
  forget(checkpoint: UploadCheckpoint): void;
  /**
   * Saves the checkpoints that pass: the first at once, further ones not more often than twice a second (a large
   * upload's checkpoint is long), the last whatever ends the stream. A completed upload is forgotten.
   */
  keep(resumed: UploadCheckpoint | null): MonoTypeOperatorFunction<UploadEvent>;
}

export function keptCheckpoints(storage: Storage | null, server: string): KeptCheckpoints {
  const save = (checkpoint: UploadCheckpoint): void => {
    attempt(() => storage?.setItem(nameOf(checkpoint), JSON.stringify(checkpoint)));
  };
  const kept: KeptCheckpoints = {
    list: () =>
      (attempt(() => Object.keys(storage ?? {})) ?? [])
        .filter((name) => name.startsWith(PREFIX))
        .map((name) => attempt(() => parseCheckpoint(JSON.parse(storage?.getItem(name) ?? ''))))
        .filter((checkpoint) => checkpoint?.server === server)
        .filter((checkpoint) => checkpoint !== null),
    find: (file) => kept.list().find((checkpoint) => isOf(checkpoint, file)) ?? null,
    forget: (checkpoint) => {
      attempt(() => storage?.removeItem(nameOf(checkpoint)));
    },
    keep: (resumed) => (events$) => {
      let latest = resumed;
      let saved = resumed;
      let savedAt = -Infinity;
      const saveLatest = (): void => {
        if (latest === null || latest === saved) return;
        save(latest);
        saved = latest;
        savedAt = performance.now();
      };
      return events$.pipe(
        tap((event) => {
          if (event.type === 'checkpoint') {
            latest = event.checkpoint;
            if (performance.now() - savedAt >= SAVE_EVERY_MS) saveLatest();
          } else if (event.type === 'completed' && latest !== null) {
            kept.forget(latest);
            latest = null;
          }
        }),
        finalize(saveLatest),
      );
    },
  };
  return kept;
}

/** Two files of one name are two uploads, each with a checkpoint of its own. */
function nameOf({ bucket, key, file }: UploadCheckpoint): string {
  return `${PREFIX}${bucket}/${key}?size=${file.size}&modified=${file.lastModified ?? ''}`;
}

function isOf(checkpoint: UploadCheckpoint, file: File): boolean {
  const { name, size, lastModified } = checkpoint.file;
  return name === file.name && size === file.size && lastModified === file.lastModified;
}

/** Storage may be blocked, full or damaged. */
function attempt<T>(action: () => T): T | null {
  try {
    return action();
  } catch {
    return null;
  }
}
