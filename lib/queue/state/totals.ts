import { bytesPerSecond, type SpeedWindow } from '../../engine/speed.js';
import { emptyQueueState, type QueueRow, type QueueState, type QueueTotals } from '../../model/queue/queue-state.js';
import { fractionOf } from '../../model/queue/reduce-queue.js';
import { isActive } from './row.js';

type Counts = QueueState['counts'];

/** What all rows add up to; each change of a row adds the difference, so that it costs the same with 1,000 rows. */
export interface Sums {
  readonly counts: Counts;
  readonly transferredBytes: number;
  readonly totalBytes: number;
  /** Number of rows whose size is not known yet: streams that have not ended. */
  readonly growing: number;
  /** Of rows that wait or run. */
  readonly bytesLeft: number;
}

export const noSums: Sums = {
  counts: emptyQueueState.counts,
  transferredBytes: 0,
  totalBytes: 0,
  growing: 0,
  bytesLeft: 0,
};

export function sumsOf(rows: readonly QueueRow[]): Sums {
  const counts = { ...noSums.counts };
  let [transferred, total, growing, left] = [0, 0, 0, 0];
  for (const row of rows) {
    counts[row.status]++;
    transferred += row.snapshot.transferredBytes;
    total += totalOf(row);
    growing += growingOf(row);
    left += leftOf(row);
  }
  return { counts, transferredBytes: transferred, totalBytes: total, growing, bytesLeft: left };
}

export function withChangedRow(sums: Sums, before: QueueRow, now: QueueRow): Sums {
  const counts = before.status === now.status ? sums.counts : moved(sums.counts, before, now);
  return {
    counts,
    transferredBytes: sums.transferredBytes + now.snapshot.transferredBytes - before.snapshot.transferredBytes,
    totalBytes: sums.totalBytes + totalOf(now) - totalOf(before),
    growing: sums.growing + growingOf(now) - growingOf(before),
    bytesLeft: sums.bytesLeft + leftOf(now) - leftOf(before),
  };
}

function moved(counts: Counts, before: QueueRow, now: QueueRow): Counts {
  return { ...counts, [before.status]: counts[before.status] - 1, [now.status]: counts[now.status] + 1 };
}

/** Of a stream that has not ended: what is known of it. */
function totalOf({ snapshot: { totalBytes, availableBytes, transferredBytes } }: QueueRow): number {
  return totalBytes ?? Math.max(availableBytes, transferredBytes);
}

/** What has failed does not grow: a stream, or what is no valid file. */
function growingOf({ status, snapshot }: QueueRow): number {
  return snapshot.totalBytes === null && status !== 'failed' ? 1 : 0;
}

function leftOf(row: QueueRow): number {
  return isActive(row) ? Math.max(0, totalOf(row) - row.snapshot.transferredBytes) : 0;
}

export function isAnyActive({ counts }: Pick<Sums, 'counts'>): boolean {
  return counts.starting + counts.uploading + counts.waiting + counts.retrying + counts.completing > 0;
}

export function totalsOf(sums: Sums, rowCount: number, sentBytes: number, speeds: SpeedWindow): QueueTotals {
  const { counts, transferredBytes, growing, bytesLeft } = sums;
  const totalBytes = growing === 0 ? sums.totalBytes : null;
  const speed = bytesPerSecond(speeds);
  return {
    transferredBytes,
    totalBytes,
    sentBytes,
    fraction: fractionOf(transferredBytes, totalBytes, rowCount > 0 && counts.completed === rowCount),
    bytesPerSecond: speed,
    remainingSeconds: speed && growing === 0 ? bytesLeft / speed : null,
  };
}
