import { scan, startWith, type OperatorFunction } from 'rxjs';
import { emptyQueue, type QueueNotification, type QueueSnapshot } from '../model/queue.js';
import { reduceQueue } from '../model/reduce-queue.js';

/**
 * Folds the signals of many uploads into all that a view shows of them; begins at once with an empty queue.
 *
 * ```text
 * signals:             --(a: started)--(b: started)--(a: progress)-
 * toQueueSnapshot():  0--1-------------2-------------2-------------
 * ```
 * (the digits: how many files there are)
 *
 * @example
 * ```ts
 * uploadFiles$(obs, requests$).pipe(toQueueSnapshot()).subscribe(({ files, fraction }) => render(files, fraction));
 * ```
 */
export function toQueueSnapshot(): OperatorFunction<QueueNotification, QueueSnapshot> {
  return (signal$) => signal$.pipe(scan(reduceQueue, emptyQueue), startWith(emptyQueue));
}
