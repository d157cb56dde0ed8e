import { readdir, stat } from 'node:fs/promises';
import { basename, join, relative, sep } from 'node:path';
import {
  concatMap,
  EMPTY,
  endWith,
  from,
  ignoreElements,
  map,
  merge,
  of,
  switchMap,
  take,
  tap,
  toArray,
  type Observable,
} from 'rxjs';
import {
  createObsConnection,
  emptyQueueState,
  uploadQueue$,
  type QueueCommand,
  type QueueRequest,
  type QueueRow,
} from 'rx-obs-upload';
import { directoryCheckpointStore, fileSource$ } from 'rx-obs-upload/node';
import { formatBytes, formatBytesOf } from '../format.js';
import { interruption$ } from './interruption.js';
import { printable } from './printable.js';
import { requestLine } from './request-line.js';
import { UsageError, type Settings } from './read-settings.js';

/** Uploads files and what is in folders, a few at a time; emits the exit code. */
export function uploadMany$(settings: Settings): Observable<number> {
  const { server, credentials, bucket, taskNum, partSize, checkpoints, verbose } = settings;
  const obs = createObsConnection({ server, credentials });
  const checkpointStore = directoryCheckpointStore(checkpoints, { expiresAfterMs: Infinity });
  const shown = new Set<string>();
  const log$ = verbose ? obs.requests$.pipe(tap((record) => print(requestLine(record)))) : EMPTY;
  return requests$(settings).pipe(
    switchMap((requests) => {
      const add$ = of<QueueCommand>({ type: 'add', requests });
      const defaults = { bucket, taskNum, ...(partSize === null ? {} : { partSize }) };
      let state = emptyQueueState;
      const state$ = uploadQueue$(obs, add$, { checkpointStore, defaults }).pipe(
        tap((next) => {
          const { rows, notices } = (state = next);
          for (const { id, text } of notices) printOnce(shown, id, text);
          for (const row of rows) if (isOver(row)) printOnce(shown, row.id, lineOf(row));
        }),
      );
      // Completes when every file has ended: also those that the queue refuses, which have no row.
      const ended$ = state$.pipe(ignoreElements(), endWith(null));
      return merge(ended$, interruption$(), log$.pipe(ignoreElements())).pipe(
        take(1),
        map((exitCode) => {
          const { counts, totals } = state;
          if (exitCode === null && counts.completed === requests.length) return 0;
          const sent = formatBytesOf(totals.transferredBytes, totals.totalBytes);
          const what = `${counts.completed} of ${requests.length} files are uploaded, ${sent}.`;
          process.stderr.write(`${what} Run the same command again to send the rest.\n`);
          return exitCode ?? 1;
        }),
      );
    }),
  );
}

function requests$({ paths }: Settings): Observable<readonly QueueRequest[]> {
  return from(paths).pipe(
    concatMap((path) => filesBelow(path)),
    concatMap((files) => files),
    concatMap(({ path, key }) => fileSource$(path).pipe(map((sourceFile) => ({ id: path, key, sourceFile })))),
    toArray(),
    tap((requests) => {
      const again = requests.find(({ id }, i) => requests.findIndex((other) => other.id === id) !== i);
      if (again !== undefined)
        throw new UsageError(`${again.id} is named twice: by itself and in a folder, or in two.`);
      const twin = requests.find(({ key }, i) => requests.findIndex((other) => other.key === key) !== i);
      if (twin !== undefined)
        throw new UsageError(`Two files would become ${twin.key}: upload them one by one, with --key.`);
    }),
  );
}

/** A file by its name; what is in a folder by its place in it, such as `holiday/day 1/sea.jpg`. */
async function filesBelow(path: string): Promise<readonly { readonly path: string; readonly key: string }[]> {
  const isFolder = await stat(path).then(
    (stats) => stats.isDirectory(),
    () => false,
  );
  if (!isFolder) return [{ path, key: basename(path) }];
  const entries = await readdir(path, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort()
    .map((file) => ({ path: file, key: [basename(path), ...relative(path, file).split(sep)].join('/') }));
}

function isOver({ status }: QueueRow): boolean {
  return status === 'completed' || status === 'failed';
}

function lineOf({ key, size, snapshot: { error } }: QueueRow): string {
  return error === null ? `Uploaded ${key} (${formatBytes(size ?? 0)}).` : `${key}: ${error.message}`;
}

function printOnce(printed: Set<string>, id: string, line: string): void {
  if (printed.has(id)) return;
  printed.add(id);
  print(line);
}

function print(line: string): void {
  process.stdout.write(`${printable(line)}\n`);
}
