import {
  catchError,
  combineLatest,
  concat,
  concatMap,
  defer,
  EMPTY,
  finalize,
  ignoreElements,
  last,
  lastValueFrom,
  map,
  of,
  startWith,
  switchMap,
  takeWhile,
  tap,
  type Observable,
} from 'rxjs';
import {
  abortUpload$,
  createObsConnection,
  isUploadError,
  streamSource,
  toUploadSnapshot,
  uploadFile$,
  type CheckpointStore,
  type ObsConnection,
  type UploadCheckpoint,
  type UploadEvent,
  type UploadSource,
  type UploadSnapshot,
} from 'rx-obs-upload';
import { fileSource$ } from 'rx-obs-upload/node';
import { checkpointPlace } from './checkpoint-place.js';
import { interruption$ } from './interruption.js';
import { printable } from './printable.js';
import { HELP, readSettings, UsageError, type Settings } from './read-settings.js';
import { requestLine } from './request-line.js';
import { progressDisplay } from './show-progress.js';
import { uploadMany$ } from './upload-many.js';
import { failureInWords, farewellInWords, remarkOn, resultInWords } from './words.js';

/** Uploads the files that the command line names. @returns the process's exit code */
export function main(args: readonly string[], env: NodeJS.ProcessEnv): Promise<number> {
  return lastValueFrom(
    defer(() => {
      const settings = readSettings(args, env);
      if (settings !== null) return settings.isMany ? uploadMany$(settings) : upload$(settings);
      process.stdout.write(HELP);
      return of(0);
    }).pipe(
      catchError((error: unknown) => {
        if (!(error instanceof UsageError) && !isUploadError(error)) throw error;
        process.stderr.write(`${printable(error.message)}\n`);
        return of(1);
      }),
    ),
  );
}

function upload$(settings: Settings): Observable<number> {
  // Nothing is left for a later run, which could not read it again.
  if (settings.path === null) return run$(settings, null, null);
  const { unfinished$, store } = checkpointPlace(settings);
  // What cannot be read cannot be given up either: --restart then begins without it.
  const found$ = settings.restart ? unfinished$.pipe(catchError(() => of(null))) : unfinished$;
  return found$.pipe(switchMap((unfinished) => run$(settings, unfinished, store)));
}

/** Emits the exit code when the upload is over, or a signal ends it: `takeWhile` then unsubscribes, which cancels. */
function run$(
  settings: Settings,
  unfinished: UploadCheckpoint | null,
  store: CheckpointStore | null,
): Observable<number> {
  const { server, credentials, verbose } = settings;
  const obs = createObsConnection({ server, credentials });
  const display = progressDisplay(process.stdout);
  const watching = verbose ? obs.requests$.subscribe((record) => display.printLine(requestLine(record))) : null;
  const snapshots$ = events$(settings, obs, unfinished, store).pipe(
    tap((event) => {
      const remark = remarkOn(event);
      if (remark !== null) display.printLine(remark);
    }),
    toUploadSnapshot(),
    tap(display.show),
  );
  return combineLatest([snapshots$, interruption$().pipe(startWith(null))]).pipe(
    takeWhile(([snapshot, exitCode]) => exitCode === null && !isOver(snapshot), true),
    last(),
    concatMap((ended) => concat(settings.path === null ? leftover$(obs, ended[0]) : EMPTY, of(ended))),
    map(([snapshot, exitCode]) => {
      display.end();
      if (snapshot.result !== null) return printOutcome(process.stdout, resultInWords(snapshot.result, settings), 0);
      if (snapshot.error !== null) return printOutcome(process.stderr, failureInWords(snapshot.error, settings), 1);
      return printOutcome(process.stderr, farewellInWords(snapshot, settings), exitCode ?? 1);
    }),
    finalize(() => {
      watching?.unsubscribe();
      // The command that writes may never end.
      if (settings.path === null) process.stdin.destroy();
    }),
  );
}

function events$(
  { path, bucket, key, partSize, taskNum, restart }: Settings,
  obs: ObsConnection,
  unfinished: UploadCheckpoint | null,
  store: CheckpointStore | null,
): Observable<UploadEvent> {
  const source$: Observable<UploadSource> = path === null ? of(streamSource(process.stdin)) : fileSource$(path);
  return source$.pipe(
    switchMap((sourceFile) =>
      concat(
        restart && store !== null ? abandoned$(obs, unfinished, store) : EMPTY,
        uploadFile$(obs, {
          bucket,
          key,
          sourceFile,
          taskNum,
          uploadCheckpoint: restart ? null : unfinished,
          ...(store === null ? {} : { checkpointStore: store }),
          ...(partSize === null ? {} : { partSize }),
        }),
      ),
    ),
  );
}

function abandoned$(
  obs: ObsConnection,
  unfinished: UploadCheckpoint | null,
  store: CheckpointStore,
): Observable<never> {
  return concat(
    unfinished === null ? EMPTY : abortUpload$(obs, unfinished),
    defer(() => store.remove('')).pipe(catchError(() => EMPTY)),
  ).pipe(ignoreElements());
}

/** Deletes the parts of an upload that cannot be resumed. */
function leftover$(obs: ObsConnection, { checkpoint, result }: UploadSnapshot): Observable<never> {
  if (checkpoint === null || result !== null) return EMPTY;
  return abortUpload$(obs, checkpoint).pipe(
    ignoreElements(),
    catchError(() => EMPTY),
  );
}

function isOver({ status }: UploadSnapshot): boolean {
  return status === 'completed' || status === 'failed';
}

function printOutcome(stream: NodeJS.WriteStream, line: string, exitCode: number): number {
  stream.write(`${printable(line)}\n`);
  return exitCode;
}
