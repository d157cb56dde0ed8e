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
  throwError,
  timer,
  type MonoTypeOperatorFunction,
  type Observable,
} from 'rxjs';
import type { CheckpointStore } from '../../ports/checkpoint-store/checkpoint-store.js';
import { toUploadErrorInfo } from '../../model/errors/is-upload-error.js';
import { StoreError } from '../../model/errors/errors.js';
import { withContext } from '../../model/errors/upload-error.js';
import type { UploadLock } from '../../ports/lock/upload-lock.js';
import type { UploadCheckpoint } from '../../model/checkpoint/checkpoint.js';
import { checkpointOf, concatResult, isResult, result, type Activity, type Step } from '../step.js';
import { isGrowing } from '../parts/growing.js';
import { hasSameName, type IdentifiedFile } from '../session/identify.js';
import { createCheckpointWriter, fromStore$, nameOf } from './checkpoint-writer.js';
import { serverOf } from '../../protocol/request/endpoint.js';
import { resumedFrom, type Upload } from '../upload.js';

/**
 * With a store, resumes an upload from its stored checkpoint, saves each new one, and removes it when the upload is
 * completed; only one subscriber at a time does so. Failures of the store or the lock are emitted as warnings.
 */
export function withCheckpointStore(
  upload: Upload,
  file: IdentifiedFile,
  run: (opened: Upload) => Observable<Activity>,
): Observable<Activity> {
  const { persistence } = upload;
  if (persistence === null) return run(upload);
  const { store, lock } = persistence;
  const id = idOf(upload, file);
  const { checkpoint, source } = upload;
  // The page that recorded a stream may have restarted its upload since a checkpoint without parts was listed.
  const isLooking = checkpoint === null || (isGrowing(source) && checkpoint.parts.length === 0);
  const load$ = isLooking ? loadFrom$(upload, store, id, file) : of(result(upload));
  return defer(() => {
    let lastSeen: Upload | null = null;
    // The holder of the lock may complete the upload and so remove its checkpoint: by this one's upload id, or by its parts
    // if it has all of them, the object is found.
    const look$ = load$.pipe(
      tap((activity) => (lastSeen = isResult(activity) && activity.value !== null ? activity.value : lastSeen)),
    );
    const lookLater$ = from(POLL_AFTER_MS).pipe(
      concatMap((ms) => timer(ms)),
      concatMap(() => look$),
    );
    const poll$ = concat(look$, lookLater$).pipe(ignoreElements());
    const work$ = load$.pipe(
      concatResult((found) => resumed$(found ?? lastSeen ?? upload, run).pipe(saveIn(store, id))),
    );
    return lock === null ? work$ : underLock$(lock, id, poll$, work$);
  });
}

/**
 * When to check again whether the holder of the lock has started: its first checkpoint comes with the response to its
 * first request.
 */
const POLL_AFTER_MS = [1000, 4000, 25_000];

/**
 * Unique per file and target. Name and date are not included: a phone gives the same file new ones.
 */
function idOf(
  { shared, bucket, key, source }: Pick<Upload, 'shared' | 'bucket' | 'key' | 'source'>,
  { size, content }: IdentifiedFile,
): string {
  return JSON.stringify([serverOf(shared.endpoint), bucket, key, isGrowing(source) ? null : size, content]);
}

/** The upload, resumed from its stored checkpoint; null if there is none that can be used. */
function loadFrom$(upload: Upload, store: CheckpointStore, id: string, file: IdentifiedFile): Step<Upload | null> {
  return fromStore$<unknown>(() => store.load(id)).pipe(
    map((found) => (found === null || found === undefined ? null : resumedFrom(upload, found))),
    concatMap((resumed): Step<Upload | null> => {
      const then = resumed?.checkpoint ?? null;
      const isRefused = then !== null && upload.verifyResume === 'sample' && !hasSameName(file, then.file);
      return isRefused ? of(warning(underAnotherName(then)), result(null)) : of(result(resumed));
    }),
    defaultIfEmpty(result(null)),
    catchError((cause: unknown) => of(warning(notLoaded(cause)), result(null))),
  );
}

function resumed$(upload: Upload, run: (opened: Upload) => Observable<Activity>): Observable<Activity> {
  const { checkpoint } = upload;
  return checkpoint === null ? run(upload) : concat(of<Activity>({ type: 'restored', checkpoint }), run(upload));
}

function saveIn(store: CheckpointStore, id: string): MonoTypeOperatorFunction<Activity> {
  return (activity$) =>
    defer(() => {
      const writer = createCheckpointWriter(store, id);
      const remove$ = writer.remove$.pipe(catchError((cause: unknown) => of(warning(notRemoved(cause)))));
      const saved$ = activity$.pipe(
        tap((activity) => {
          const checkpoint = checkpointOf(activity);
          if (checkpoint !== null) writer.save(checkpoint);
        }),
        concatMap((activity) => (activity.type === 'completed' ? concat(remove$, of(activity)) : of(activity))),
        finalize(writer.end),
      );
      return merge(writer.failure$.pipe(map(warning)), saved$);
    });
}

function underLock$(
  lock: UploadLock,
  name: string,
  poll$: Observable<Activity>,
  work$: Observable<Activity>,
): Observable<Activity> {
  return defer(() => {
    let isWorking = false;
    // A lock that completes without being held fails like one that is not available.
    return concat(
      defer(() => lock.hold(name)),
      throwError(() => new Error('The lock completed.')),
    ).pipe(
      catchError((cause: unknown) => (isWorking ? NEVER : of(notLocked(cause)))),
      switchMap((state) => {
        if (state === 'waiting') return concat(of<Activity>({ type: 'waiting', reason: 'locked' }), poll$);
        isWorking = true;
        return concat(state === 'held' ? EMPTY : of(warning(state)), work$, of(null));
      }),
      takeWhile((activity) => activity !== null),
    );
  });
}

function warning(error: StoreError): Activity {
  return { type: 'warning', error: toUploadErrorInfo(error) };
}

function notLoaded(cause: unknown): StoreError {
  const message = `The stored checkpoint of this upload cannot be used${nameOf(cause)}, so it starts from the beginning.`;
  return new StoreError(message, cause);
}

/** The warning carries the older checkpoint, which is replaced in the store. */
function underAnotherName(checkpoint: UploadCheckpoint): StoreError {
  const { name } = checkpoint.file;
  const message =
    `This upload starts from the beginning, although one of the same size and sample is unfinished: of ${name ?? 'a file'}, ` +
    "with another name or date. verifyResume: 'parts' would resume it where the content is the same; abortUpload$ with " +
    "this warning's checkpoint deletes its parts.";
  return withContext(new StoreError(message), { checkpoint });
}

function notRemoved(cause: unknown): StoreError {
  return new StoreError(
    `The upload is complete, but its checkpoint stays in the store${nameOf(cause)} until it expires.`,
    cause,
  );
}

function notLocked(cause: unknown): StoreError {
  const message = `The lock is not available${nameOf(cause)}, so another tab could upload the same file at the same time.`;
  return new StoreError(message, cause);
}
