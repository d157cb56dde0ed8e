import { emptyQueue, type QueueSnapshot } from './queue.js';
import { totalsOf } from './reduce-queue.js';

/**
 * Pure: the queue without some of its files, for a view that removes them from its list. Cancel those in progress
 * first: a later notification of such a file would add it again.
 *
 * @example
 * ```ts
 * const done = queue.files.filter(({ upload }) => upload.status === 'completed').map(({ id }) => id);
 * queue = withoutFiles(queue, new Set(done));
 * ```
 */
export function withoutFiles(queue: QueueSnapshot, ids: ReadonlySet<string>): QueueSnapshot {
  const files = queue.files.filter(({ id }) => !ids.has(id));
  if (files.length === 0) return emptyQueue;
  const counts = { ...emptyQueue.counts };
  for (const { upload } of files) counts[upload.status]++;
  return { files, counts, ...totalsOf(files) };
}
