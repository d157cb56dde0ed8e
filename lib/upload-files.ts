import {
  catchError,
  concat,
  defer,
  EMPTY,
  filter,
  map,
  mergeMap,
  of,
  share,
  switchMap,
  takeUntil,
  tap,
  type Observable,
} from 'rxjs';
import { createStopGate } from './engine/stop-gate.js';
import { createSemaphore, type Semaphore } from './connection/limiter.js';
import type { ObsConnection } from './connection/obs-connection.js';
import { InvalidOptionsError } from './model/errors/errors.js';
import { toUploadErrorInfo } from './model/errors/is-upload-error.js';
import { toObservable, type AnyObservable } from './ports/from-port.js';
import { requireInteger } from './validation/check.js';
import type { UploadCheckpoint } from './model/checkpoint/checkpoint.js';
import type { UploadNotification } from './model/upload/event.js';
import type { QueueNotification } from './model/queue/queue.js';
import type { UploadRequest } from './upload-request.js';
import { toUploadSource } from './ports/source/to-upload-source.js';
import { uploadFile$ } from './upload-file.js';

/** A file of a queue; its `id`, chosen by the caller, tags its notifications and belongs to one file at a time. */
export type QueuedRequest = UploadRequest & { readonly id: string };

/** Options of `uploadFiles$`. */
export interface UploadFilesOptions {
  /**
   * Files in progress at once, a positive integer; the others wait in order of arrival. All share the connection's
   * `maxConcurrentRequests` fairly.
   * @defaultValue 3
   */
  readonly filesAtOnce?: number | undefined;
  /**
   * Cancels the file with that id, waiting or in progress: its requests are aborted, its parts stay. Between `started`
   * and the first checkpoint, it is cancelled after the checkpoint, without which its parts would be lost. Hot.
   */
  readonly cancel$?: AnyObservable<string> | undefined;
}

/**
 * Uploads many files, each as `uploadFile$` does, and continues when one of them fails: its last notification is
 * `failed`. A cancelled one ends with `paused` and its checkpoint; to resume it, send a request with that checkpoint
 * (and the same id, to continue the same entry), whose `elapsedSeconds` begin at 0 again. Files may be added until
 * `requests$` completes; the result completes when all files have ended as well.
 *
 * ```text
 * requests$:                     -a--b-----c|
 * uploadFiles$, filesAtOnce 2:   -a-ab-abb-b(ab)-cc-(c|)
 * ```
 *
 * A request whose `id` belongs to a file that has not ended fails with `InvalidOptionsError` in its `failed`
 * notification; the first one continues.
 *
 * @returns each file's notifications: first `waiting` with reason `queued`, last `completed`, `failed` or `paused`.
 * Fails if `requests$` or `cancel$` fails, and with `InvalidOptionsError` for `filesAtOnce`.
 *
 * @example
 * ```ts
 * const files$ = from(input.files).pipe(map((file) => ({ id: file.name, bucket: 'media', key: file.name, sourceFile: file })));
 * uploadFiles$(obs, files$, { filesAtOnce: 4, cancel$ }).pipe(toQueueSnapshot()).subscribe(render);
 * ```
 */
export function uploadFiles$(
  connection: ObsConnection,
  requests$: AnyObservable<QueuedRequest>,
  { filesAtOnce = 3, cancel$ = EMPTY }: UploadFilesOptions = {},
): Observable<QueueNotification> {
  return defer(() => {
    const turns = createSemaphore(requireInteger('filesAtOnce', filesAtOnce, 1));
    const cancelled$ = toObservable(cancel$).pipe(share());
    const ids = new Set<string>();
    return toObservable(requests$).pipe(
      mergeMap((request) => {
        const { id } = request;
        if (ids.has(id)) return of({ id, signal: failed(idInUse(id)) });
        ids.add(id);
        const free = (): void => void ids.delete(id);
        const isCancelled$ = cancelled$.pipe(filter((cancelled) => cancelled === id));
        return inTurn$(turns, connection, request, isCancelled$).pipe(
          // Before its last notification, on which the caller may send the next request with that id.
          tap({ next: (signal) => (isLast(signal) ? free() : undefined) }),
          map((signal) => ({ id, signal })),
        );
      }),
    );
  });
}

function isLast({ type }: UploadNotification): boolean {
  return type === 'completed' || type === 'failed' || type === 'paused';
}

function failed(error: unknown): UploadNotification {
  return { type: 'failed', error: toUploadErrorInfo(error) };
}

function idInUse(id: string): InvalidOptionsError {
  return new InvalidOptionsError(
    'id',
    `id ${JSON.stringify(id)} belongs to a file that is still waiting or being uploaded, which continues. Give each ` +
      'file an id of its own; it may be used again after completed, failed or paused.',
  );
}

/** One file from its request to its end. */
function inTurn$(
  turns: Semaphore,
  connection: ObsConnection,
  request: UploadRequest,
  cancelled$: Observable<unknown>,
): Observable<UploadNotification> {
  return defer(() => {
    let checkpoint: UploadCheckpoint | null = request.uploadCheckpoint ?? null;
    const queued$ = defer(() => {
      const { size } = toUploadSource(request.sourceFile);
      return of<UploadNotification>({ type: 'waiting', reason: 'queued', totalBytes: size });
    });
    const upload$ = turns.run(uploadFile$(connection, request)).pipe(
      tap((event) => {
        if (event.type === 'checkpoint') checkpoint = event.checkpoint;
      }),
    );
    const gate = createStopGate();
    let hasEnded = false;
    // Ends by completing rather than by `takeWhile`: completion passes on its turn and permit at once.
    const activity$ = concat(queued$, gate.follow(upload$)).pipe(
      catchError((error: unknown) => of(failed(error))),
      // Before it is emitted, as its subscriber may cancel.
      tap((signal) => (hasEnded = isLast(signal))),
      takeUntil(cancelled$.pipe(switchMap(() => gate.whenOpen$))),
    );
    const paused$ = defer(() => (hasEnded ? EMPTY : of<UploadNotification>({ type: 'paused', checkpoint })));
    return concat(activity$, paused$);
  });
}
