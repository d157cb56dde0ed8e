import { formatBytes, formatBytesOf, formatCount, formatPercent, formatSeconds } from '../format.js';
import type { PartStatus, QueueRow, QueueState, QueueTotals, UploadResult, UploadSnapshot } from 'rx-obs-upload';
import { countOf } from './part-grid.js';

const STATUSES: Readonly<Record<QueueRow['status'], string>> = {
  idle: 'Ready',
  starting: 'Starting',
  uploading: 'Uploading',
  waiting: 'Waiting',
  retrying: 'Trying again',
  paused: 'Paused',
  completing: 'Finishing',
  completed: 'Completed',
  failed: 'Failed',
  aborting: 'Deleting parts',
  aborted: 'Aborted',
};

/** One to four words: what a file is doing. */
export function statusOf({ status, snapshot: { waitingFor } }: QueueRow): string {
  if (waitingFor === 'offline') return 'Offline';
  return waitingFor === 'locked' ? 'Busy in another tab' : STATUSES[status];
}

/** Of a file that failed, what is stored of it: what else was sent is lost. */
function shownBytes({ status, transferredBytes, checkpoint }: UploadSnapshot): number {
  return status === 'failed' ? (checkpoint?.parts.reduce((sum, { size }) => sum + size, 0) ?? 0) : transferredBytes;
}

export function shownFraction(upload: UploadSnapshot): number {
  return upload.status === 'failed' ? shownBytes(upload) / (upload.totalBytes || 1) : (upload.fraction ?? 0);
}

/** How far a file is, in a line. */
export function progressInWords({ snapshot, can }: QueueRow): string {
  const { status, totalBytes, availableBytes, bytesPerSecond, remainingSeconds } = snapshot;
  const transferredBytes = shownBytes(snapshot);
  const size = formatBytes(totalBytes ?? availableBytes);
  if (status === 'completed' || (transferredBytes === 0 && !can.pause)) return size;
  const facts = [formatBytesOf(transferredBytes, totalBytes)];
  if (bytesPerSecond !== null && can.pause) facts.push(`${formatBytes(bytesPerSecond)}/s`);
  if (remainingSeconds !== null && status === 'uploading') facts.push(`${formatSeconds(remainingSeconds)} left`);
  return facts.join(' · ');
}

/** What the part grid shows, in words. */
export function partsInWords(parts: readonly PartStatus[]): string {
  const others = (['sending', 'retrying', 'waiting'] as const)
    .map((status) => [countOf(parts, status), status] as const)
    .filter(([count]) => count > 0)
    .map(([count, status]) => `, ${formatCount(count)} ${status}`);
  return `${formatCount(countOf(parts, 'done'))} of ${formatCount(parts.length)} parts done${others.join('')}`;
}

export const verifiedInWords: Readonly<Record<UploadResult['verified'], string>> = {
  crc64: 'CRC-64: the store computed the same one',
  etag: 'ETag: the object is what was sent, byte for byte',
  size: 'size',
  none: 'nothing: the store shows neither ETag nor size',
};

/** Where the local OBS stores the object: a key that is not a valid file name on every system gets another one. */
export function storedFileInWords(folder: string, key: string): string {
  const isPlain = key.split('/').every((name) => /^[^<>:"|?*\\%\p{Cc}]{1,80}$/u.test(name) && !/[. ]$/.test(name));
  return isPlain ? `${folder}/${key}` : `in ${folder}`;
}

/** Such as `3 of 20 done, 1 failed`. */
export function filesInWords({ rows, counts }: QueueState): string {
  const failed = counts.failed === 0 ? '' : `, ${formatCount(counts.failed)} failed`;
  return `${formatCount(counts.completed)} of ${formatCount(rows.length)} done${failed}`;
}

export function speedInWords({ bytesPerSecond }: Pick<QueueTotals, 'bytesPerSecond'>): string {
  return bytesPerSecond === null ? '–' : `${formatBytes(bytesPerSecond)}/s`;
}

export function isAnyRunning({ rows, counts }: QueueState): boolean {
  const { idle, paused, completed, failed, aborting, aborted } = counts;
  return rows.length > idle + paused + completed + failed + aborting + aborted;
}

/** For a screen reader: changes only with what matters and with every tenth, so that it can be listened to. */
export function announcementOf(state: QueueState): string {
  const { rows, counts, totals } = state;
  if (rows.length === 0) return '';
  const only = rows.length === 1 ? rows[0] : undefined;
  const what = only?.key ?? `${formatCount(rows.length)} files`;
  const failed = counts.failed === 0 ? '' : ` ${only === undefined ? formatCount(counts.failed) : 'It'} failed.`;
  if (isAnyRunning(state))
    return `Uploading ${what}: ${formatPercent(totals.fraction && Math.floor(totals.fraction * 10) / 10)}.${failed}`;
  if (counts.paused > 0) return `Paused: ${what}, at ${formatPercent(totals.fraction)}.${failed}`;
  return counts.failed > 0 ? `Ended: ${what}.${failed}` : `Completed: ${what}.`;
}
