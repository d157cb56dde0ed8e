import type { UploadNotification } from '../upload/event.js';
import { emptyQueue, type QueuedFile, type QueueNotification, type QueueSnapshot } from './queue.js';
import { reduceUpload } from '../upload/reduce-upload.js';
import { idleSnapshot, type UploadSnapshot } from '../upload/snapshot.js';

/**
 * Pure: the next snapshot of many uploads after a notification of one of them. A new id is a new file; a known one is
 * the same file resuming, whose progress does not fall, or, once it has ended, another attempt.
 *
 * @example
 * ```ts
 * uploadFiles$(obs, requests)
 *   .pipe(scan(reduceQueue, emptyQueue))
 *   .subscribe(({ fraction }) => render(fraction));
 * ```
 */
export function reduceQueue(queue: QueueSnapshot, { id, signal }: QueueNotification): QueueSnapshot {
  const found = queue.files.findIndex((file) => file.id === id);
  const before = queue.files[found]?.upload;
  const upload = continueUpload(before ?? idleSnapshot, signal);
  const files: QueuedFile[] = queue.files.slice();
  files[found === -1 ? files.length : found] = { id, upload };
  const counts = { ...queue.counts };
  if (before !== undefined) counts[before.status]--;
  counts[upload.status]++;
  return { files, counts, ...totalsOf(files) };
}

/** Pure: the next snapshot of an upload that may be paused and resumed, or fail and be sent again. */
export function continueUpload(upload: UploadSnapshot, signal: UploadNotification): UploadSnapshot {
  if (signal.type === 'waiting' && signal.reason === 'queued') return reduceUpload(again(upload), signal);
  // Bytes in flight at a pause are sent again, but progress does not fall.
  const isBehind = signal.type === 'progress' && signal.transferredBytes < upload.transferredBytes;
  return reduceUpload(upload, isBehind ? { ...signal, transferredBytes: upload.transferredBytes } : signal);
}

/** A failed upload starts from its checkpoint, a completed one from nothing. */
function again(upload: UploadSnapshot): UploadSnapshot {
  const { status, totalBytes, availableBytes, checkpoint } = upload;
  const elapsedSeconds = checkpoint === null ? 0 : upload.elapsedSeconds;
  if (status !== 'failed' && status !== 'completed') return upload;
  const transferredBytes = checkpoint?.parts.reduce((bytes, { size }) => bytes + size, 0) ?? 0;
  const fraction = totalBytes === null ? null : transferredBytes / (totalBytes || 1);
  return { ...idleSnapshot, transferredBytes, totalBytes, availableBytes, fraction, elapsedSeconds, checkpoint };
}

type Totals = Omit<QueueSnapshot, 'files' | 'counts'>;

export function totalsOf(files: readonly QueuedFile[]): Totals {
  let transferredBytes = 0;
  let totalBytes: number | null = 0;
  let activeBytesLeft: number | null = 0;
  let speed: number | null = null;
  let allCompleted = true;
  for (const { upload } of files) {
    const { status, bytesPerSecond } = upload;
    transferredBytes += upload.transferredBytes;
    totalBytes = plus(totalBytes, upload.totalBytes);
    if (bytesPerSecond !== null) speed = (speed ?? 0) + bytesPerSecond;
    if (status !== 'completed') allCompleted = false;
    if (status !== 'paused' && status !== 'failed') {
      activeBytesLeft = plus(activeBytesLeft, plus(upload.totalBytes, -upload.transferredBytes));
    }
  }
  return {
    transferredBytes,
    totalBytes,
    fraction: fractionOf(transferredBytes, totalBytes, allCompleted),
    bytesPerSecond: speed,
    remainingSeconds: speed && activeBytesLeft !== null ? activeBytesLeft / speed : null,
  };
}

/** A sum with an unknown is unknown. */
function plus(a: number | null, b: number | null): number | null {
  return a === null || b === null ? null : a + b;
}

/** Of many files: empty ones are done only when all are completed. */
export function fractionOf(bytes: number, total: number | null, allCompleted: boolean): number | null {
  if (total === null) return null;
  return total === 0 ? Number(allCompleted) : bytes / total;
}

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
