import {
  catchError,
  concat,
  concatMap,
  defaultIfEmpty,
  defer,
  EMPTY,
  finalize,
  from,
  ignoreElements,
  map,
  merge,
  NEVER,
  of,
  switchMap,
  takeWhile,
  tap,
  timer,
  type MonoTypeOperatorFunction,
  type Observable,
} from 'rxjs';
import type { CheckpointStore } from '../../ports/checkpoint-store/checkpoint-store.js';
import { toUploadErrorInfo } from '../../model/errors/is-upload-error.js';
import { StoreError } from '../../model/errors/store-error.js';
import type { UploadLock } from '../../ports/lock/upload-lock.js';
import type { UploadCheckpoint } from '../../model/checkpoint.js';
import { checkpointOf, result, isResult, concatResult, type Activity, type Step } from '../step.js';
import type { IdentifiedFile } from '../session/identify.js';
import { hasSameName } from '../session/same-file.js';
import { answer$, createCheckpointWriter, nameOf } from './checkpoint-writer.js';
import type { Upload } from '../upload.js';

/**
 * An upload with a memory, where a store is given: one subscriber at a time works on it, goes on where it stands, keeps
 * each checkpoint, and forgets it all once the object is made. What the store or the lock cannot do is told as a
 * warning.
 */
export function withCheckpointStore(
  upload: Upload,
  file: IdentifiedFile,
  run: (opened: Upload) => Observable<Activity>,
): Observable<Activity> {
  const { checkpointStore, lock } = upload;
  if (checkpointStore === null) return run(upload);
  const id = idOf(upload, file);
  const recall$ = upload.checkpoint === null ? restored$(upload, checkpointStore, id, file) : of(result(upload));
  return defer(() => {
    let seen: Upload | null = null;
    // Whoever held the lock may have completed the upload, and so forgotten it: then the object is found.
    const look$ = recall$.pipe(tap((said) => (seen = isResult(said) && said.value !== null ? said.value : seen)));
    const later$ = from(LOOKS_MS).pipe(
      concatMap((ms) => timer(ms)),
      concatMap(() => look$),
    );
    const glance$ = concat(look$, later$).pipe(ignoreElements());
    const work$ = recall$.pipe(
      concatResult((found) => resumed$(found ?? seen ?? upload, run).pipe(keepIn(checkpointStore, id))),
    );
    return lock === null ? work$ : underLock$(lock, id, glance$, work$);
  });
}

/**
 * When to look again whether another one that holds the lock has begun: its first checkpoint comes with the answer to
 * its first request.
 */
const LOOKS_MS = [1000, 4000, 25_000];

/**
 * Text that another file, or the same one for another place, does not have. Its name and date are not in it: a phone
 * gives the same file new ones.
 */
function idOf({ server, bucket, key }: Upload, { size, content }: IdentifiedFile): string {
  return JSON.stringify([server, bucket, key, size, content]);
}

/** The upload as it goes on from what is kept of it; null: nothing that is of use. */
function restored$(upload: Upload, store: CheckpointStore, id: string, file: IdentifiedFile): Step<Upload | null> {
  return answer$<unknown>(() => store.load(id)).pipe(
    map((found) => (found === null || found === undefined ? null : upload.resumedFrom(found))),
    concatMap((resumed): Step<Upload | null> => {
      const then = resumed?.checkpoint ?? null;
      const isRefused = then !== null && upload.verifyResume === 'sample' && !hasSameName(file, then.file);
      return isRefused ? of(warning(underAnotherName(then)), result(null)) : of(result(resumed));
    }),
    defaultIfEmpty(result(null)),
    catchError((cause: unknown) => of(warning(notFound(cause)), result(null))),
  );
}

function resumed$(upload: Upload, run: (opened: Upload) => Observable<Activity>): Observable<Activity> {
  const { checkpoint } = upload;
  return checkpoint === null ? run(upload) : concat(of<Activity>({ type: 'recalled', checkpoint }), run(upload));
}

function keepIn(store: CheckpointStore, id: string): MonoTypeOperatorFunction<Activity> {
  return (activity$) =>
    defer(() => {
      const keeper = createCheckpointWriter(store, id);
      const forget$ = keeper.forget$.pipe(catchError((cause: unknown) => of(warning(notForgotten(cause)))));
      const kept$ = activity$.pipe(
        tap((activity) => {
          const checkpoint = checkpointOf(activity);
          if (checkpoint !== null) keeper.keep(checkpoint);
        }),
        concatMap((activity) => (activity.type === 'completed' ? concat(forget$, of(activity)) : of(activity))),
        finalize(keeper.end),
      );
      return merge(keeper.failure$.pipe(map(warning)), kept$);
    });
}

function underLock$(
  lock: UploadLock,
  name: string,
  glance$: Observable<Activity>,
  work$: Observable<Activity>,
): Observable<Activity> {
  return defer(() => {
    let isWorking = false;
    return defer(() => lock.hold(name)).pipe(
      catchError((cause: unknown) => (isWorking ? NEVER : of(notLocked(cause)))),
      switchMap((said) => {
        if (said === 'waiting') return concat(of<Activity>({ type: 'waiting', reason: 'locked' }), glance$);
        isWorking = true;
        return concat(said === 'held' ? EMPTY : of(warning(said)), work$, of(null));
      }),
      takeWhile((activity) => activity !== null),
    );
  });
}

function warning(error: StoreError): Activity {
  return { type: 'warning', error: toUploadErrorInfo(error) };
}

function notFound(cause: unknown): StoreError {
  const message = `What is kept of this upload cannot be used${nameOf(cause)}, so it begins anew.`;
  return new StoreError(message, cause);
}

/** The older upload goes with the warning, as its place in the store is taken. */
function underAnotherName(checkpoint: UploadCheckpoint): StoreError {
  const { name } = checkpoint.file;
  const message =
    `This upload starts from the beginning, although one of the same size and sample is unfinished: of ${name ?? 'a file'}, ` +
    "with another name or date. verifyResume: 'parts' would resume it where the content is the same; abortUpload$ with " +
    "this warning's checkpoint deletes its parts.";
  return Object.assign(new StoreError(message), { checkpoint });
}

function notForgotten(cause: unknown): StoreError {
  return new StoreError(
    `The upload is result, but still in the checkpoint store${nameOf(cause)}, until it expires.`,
    cause,
  );
}

function notLocked(cause: unknown): StoreError {
  const message = `The lock cannot be had${nameOf(cause)}, so another tab could upload the same file meanwhile.`;
  return new StoreError(message, cause);
}
