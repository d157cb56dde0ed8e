import { formatBytes, formatBytesOf, formatCount, formatPercent, formatSeconds } from '../format.js';
import type { PartStatus, QueueSnapshot, UploadErrorInfo, UploadResult, UploadSnapshot } from 'rx-obs-upload';
import { isAnyRunning, isRunning, type Remark } from './page-state.js';
import { countOf } from './part-grid.js';
import type { Speed } from './speed.js';

/** One to four words: what a file is doing. */
export function statusOf(upload: UploadSnapshot, { abort }: Remark): string {
  if (abort !== null) return abort === 'deleting' ? 'Deleting parts' : 'Aborted';
  switch (upload.status) {
    case 'idle':
      return 'Ready';
    case 'starting':
      return 'Starting';
    case 'uploading':
      return 'Uploading';
    case 'waiting':
      return waitingFor(upload.waitingFor);
    case 'retrying':
      return 'Trying again';
    case 'paused':
      return 'Paused';
    case 'completing':
      return 'Finishing';
    case 'completed':
      return 'Completed';
    case 'failed':
      return 'Failed';
  }
}

function waitingFor(what: UploadSnapshot['waitingFor']): string {
  switch (what) {
    case 'offline':
      return 'Offline';
    case 'locked':
      return 'Busy in another tab';
    default:
      return 'Waiting';
  }
}

/** Of a file that failed, what is kept of it: what else went out is lost. */
function shownBytes({ status, transferredBytes, checkpoint }: UploadSnapshot): number {
  return status === 'failed' ? (checkpoint?.parts.reduce((sum, { size }) => sum + size, 0) ?? 0) : transferredBytes;
}

export function shownFraction(upload: UploadSnapshot): number {
  return upload.status === 'failed' ? shownBytes(upload) / (upload.totalBytes || 1) : (upload.fraction ?? 0);
}

/** How far a file is, in a line. */
export function progressInWords(upload: UploadSnapshot): string {
  const { status, totalBytes, availableBytes, bytesPerSecond, remainingSeconds } = upload;
  const transferredBytes = shownBytes(upload);
  const size = formatBytes(totalBytes ?? availableBytes);
  if (status === 'completed' || (transferredBytes === 0 && !isRunning(upload))) return size;
  const facts = [formatBytesOf(transferredBytes, totalBytes)];
  if (bytesPerSecond !== null && isRunning(upload)) facts.push(`${formatBytes(bytesPerSecond)}/s`);
  if (remainingSeconds !== null && status === 'uploading') facts.push(`${formatSeconds(remainingSeconds)} left`);
  return facts.join(' · ');
}

/** What went wrong, and where it is known, what the service calls it. */
export function errorInWords({ message, serviceCode }: UploadErrorInfo): string {
  return serviceCode === null || message.includes(serviceCode) ? message : `${serviceCode}: ${message}`;
}

/** What the part grid shows, in words. */
export function partsInWords(parts: readonly PartStatus[]): string {
  const others = (['sending', 'retrying', 'waiting'] as const)
    .map((status) => [countOf(parts, status), status] as const)
    .filter(([count]) => count > 0)
    .map(([count, status]) => `, ${formatCount(count)} ${status}`);
  return `${formatCount(countOf(parts, 'done'))} of ${formatCount(parts.length)} parts done${others.join('')}`;
}

export function verifiedInWords(verified: UploadResult['verified']): string {
  switch (verified) {
    case 'crc64':
      return 'CRC-64: the store computed the same one';
    case 'etag':
      return 'ETag: the object is what was sent, byte for byte';
    case 'size':
      return 'size';
    case 'none':
      return 'nothing: the store shows neither ETag nor size';
  }
}

/** Where the local OBS keeps the object: a key that is no file name on every system is kept under another one. */
export function storedFileInWords(folder: string, key: string): string {
  const isPlain = key.split('/').every((name) => /^[^<>:"|?*\\%\p{Cc}]{1,80}$/u.test(name) && !/[. ]$/.test(name));
  return isPlain ? `${folder}/${key}` : `in ${folder}`;
}

/** Such as `3 of 20 done, 1 failed`. */
export function filesInWords({ files, counts }: QueueSnapshot): string {
  const failed = counts.failed === 0 ? '' : `, ${formatCount(counts.failed)} failed`;
  return `${formatCount(counts.completed)} of ${formatCount(files.length)} done${failed}`;
}

export function speedInWords({ bytesPerSecond }: Speed): string {
  return bytesPerSecond === null ? '–' : `${formatBytes(bytesPerSecond)}/s`;
}

/** By what goes out of all files together: each of a thousand small ones is too quick to have a speed of its own. */
export function remainingInWords({ files }: QueueSnapshot, { bytesPerSecond }: Speed): string {
  if (!bytesPerSecond) return '–';
  const left = files.reduce(
    (bytes, { upload }) =>
      isRunning(upload) ? bytes + (upload.totalBytes ?? upload.availableBytes) - upload.transferredBytes : bytes,
    0,
  );
  return formatSeconds(left / bytesPerSecond);
}

/** For a screen reader: changes only with what matters and with every tenth, so that it can be listened to. */
export function announcementOf(queue: QueueSnapshot): string {
  const { files, counts, fraction } = queue;
  if (files.length === 0) return '';
  const only = files.length === 1 ? files[0] : undefined;
  const what = only?.id ?? `${formatCount(files.length)} files`;
  const failed = counts.failed === 0 ? '' : ` ${only === undefined ? formatCount(counts.failed) : 'It'} failed.`;
  if (isAnyRunning(queue))
    return `Uploading ${what}: ${formatPercent(fraction && Math.floor(fraction * 10) / 10)}.${failed}`;
  if (counts.paused > 0) return `Paused: ${what}, at ${formatPercent(fraction)}.${failed}`;
  return counts.failed > 0 ? `Ended: ${what}.${failed}` : `Completed: ${what}.`;
}
