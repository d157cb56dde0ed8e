import { formatBytes, formatCount, formatPercent, formatSeconds } from '../format.js';
import type { PageState } from './page-state.js';
import { countOf } from './part-grid.js';

/** One or two words: what the upload is doing. */
export function statusOf({ upload, abort }: PageState): string {
  if (abort !== null) return abort === 'deleting' ? 'Deleting parts' : 'Aborted';
  switch (upload.status) {
    case 'idle':
      return 'Ready';
    case 'starting':
      return 'Starting';
    case 'uploading':
      return 'Uploading';
    case 'waiting':
      return upload.waitingFor === 'offline' ? 'Offline' : 'Busy elsewhere';
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

/** What the part grid shows, in words. */
export function partsInWords({ upload: { parts } }: PageState): string {
  const others = (['sending', 'retrying', 'waiting'] as const)
    .map((status) => [countOf(parts, status), status] as const)
    .filter(([count]) => count > 0)
    .map(([count, status]) => `, ${count} ${status}`);
  return `${countOf(parts, 'done')} of ${parts.length} parts done${others.join('')}`;
}

export function partCountInWords({ upload: { parts } }: PageState): string {
  return parts.length === 0 ? '–' : `${formatCount(countOf(parts, 'done'))} of ${formatCount(parts.length)}`;
}

/** For a screen reader: changes only with the status and with every tenth of the file, so that it can be listened to. */
export function announcementOf(page: PageState): string {
  if (page.file === null) return page.discarded ?? '';
  const { status, fraction } = page.upload;
  const tenths = formatPercent(Math.floor(fraction * 10) / 10);
  if (status === 'uploading') return `Uploading ${page.file.name}: ${tenths}`;
  if (status === 'paused') return `${statusOf(page)} at ${formatPercent(fraction)}. ${page.note ?? ''}`;
  return page.discarded ?? `${statusOf(page)}: ${page.file.name}`;
}

export function speedInWords({ upload: { bytesPerSecond } }: PageState): string {
  return bytesPerSecond === null ? '–' : `${formatBytes(bytesPerSecond)}/s`;
}

export function remainingInWords({ upload: { status, remainingSeconds } }: PageState): string {
  return status === 'uploading' && remainingSeconds !== null ? formatSeconds(remainingSeconds) : '–';
}

export function verifiedInWords(verified: 'etag' | 'size' | 'none'): string {
  switch (verified) {
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
