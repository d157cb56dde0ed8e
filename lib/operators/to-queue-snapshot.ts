import { scan, startWith, type OperatorFunction } from 'rxjs';
import { emptyQueue, type QueueNotification, type QueueSnapshot } from '../model/queue/queue.js';
import { reduceQueue } from '../model/queue/reduce-queue.js';

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
