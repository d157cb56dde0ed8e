import { catchError, of, scan, startWith, type Observable, type OperatorFunction } from 'rxjs';
import { toUploadErrorInfo } from '../model/errors/is-upload-error.js';
import type { UploadNotification } from '../model/upload/event.js';
import { reduceUpload } from '../model/upload/reduce-upload.js';
import { idleSnapshot, type UploadSnapshot } from '../model/upload/snapshot.js';
import { emptyQueue, type QueueNotification, type QueueSnapshot } from '../model/queue/queue.js';
import { reduceQueue } from '../model/queue/reduce-queue.js';

/**
 * Folds events into a snapshot for a view; emits an idle snapshot at once, and turns an error into a last one with
 * status `failed`.
 *
 * ```text
 * events:              --s--p--p--#
 * toUploadSnapshot():  i-u--u--u--(f|)
 * ```
 * (i: idle, u: uploading, f: failed)
 *
 * @example
 * ```ts
 * uploadFile$(obs, request).pipe(toUploadSnapshot()).subscribe(({ status, fraction }) => render(status, fraction));
 * ```
 */
export function toUploadSnapshot(): OperatorFunction<UploadNotification, UploadSnapshot> {
  return (notification$) =>
    notification$.pipe(
      catchError((error: unknown): Observable<UploadNotification> =>
        of({ type: 'failed', error: toUploadErrorInfo(error) }),
      ),
      scan(reduceUpload, idleSnapshot),
      startWith(idleSnapshot),
    );
}

/**
 * Folds the notifications of many uploads into a snapshot for a view; emits an empty queue at once.
 *
 * ```text
 * notifications:       --(a: started)--(b: started)--(a: progress)-
 * toQueueSnapshot():  0--1-------------2-------------2-------------
 * ```
 * (the digits: number of files)
 *
 * @example
 * ```ts
 * uploadFiles$(obs, requests$).pipe(toQueueSnapshot()).subscribe(({ files, fraction }) => render(files, fraction));
 * ```
 */
export function toQueueSnapshot(): OperatorFunction<QueueNotification, QueueSnapshot> {
  return (notification$) => notification$.pipe(scan(reduceQueue, emptyQueue), startWith(emptyQueue));
}
