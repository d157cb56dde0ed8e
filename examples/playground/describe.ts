import type { UploadNotification, UploadSnapshot } from 'rx-obs-upload';
import { formatBytes } from '../format.js';

const STATUSES: Readonly<Record<UploadSnapshot['status'], string>> = {
  idle: 'No file yet',
  starting: 'Starting',
  uploading: 'Uploading',
  waiting: 'Waiting',
  retrying: 'Retrying',
  paused: 'Paused',
  completing: 'Completing',
  completed: 'Completed',
  failed: 'Failed',
};

export function statusInWords({ status }: UploadSnapshot): string {
  return STATUSES[status];
}

/** A line for the log; null where there is nothing to say, as of each step of progress. */
export function notificationInWords(notification: UploadNotification): string | null {
  switch (notification.type) {
    case 'started': {
      const { partCount, resumedBytes } = notification;
      return resumedBytes > 0
        ? `Resumed: the store already has ${formatBytes(resumedBytes)}`
        : `Started: ${partCount ?? 1} parts`;
    }
    case 'part-completed':
      return `Part ${notification.partNumber} acknowledged`;
    case 'retrying': {
      const { partNumber, attempt, delayMs, error } = notification;
      const what = partNumber === null ? notification.operation : `Part ${partNumber}`;
      const why = error.serviceCode ?? error.code;
      return `${what} failed (${why}, attempt ${attempt}): sent again in ${(delayMs / 1000).toFixed(1)} s`;
    }
    case 'warning':
      return notification.error.message;
    case 'restarted':
      return 'The upload was gone from the store: it starts from the beginning';
    case 'paused':
      return 'Paused: requests in flight were aborted, acknowledged parts stay';
    case 'completing':
      return 'All parts are there: the object is being completed';
    case 'completed':
      return `Completed, verified by ${notification.result.verified}`;
    default:
      return null;
  }
}
