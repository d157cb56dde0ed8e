import type { UploadErrorInfo, UploadEvent, UploadResult, UploadSnapshot } from 'rx-obs-upload';
import { formatBytes, formatBytesOf } from '../format.js';
import type { Settings } from './read-settings.js';

/** What is worth a line of its own while an upload runs. */
export function remarkOn(event: UploadEvent): string | null {
  switch (event.type) {
    case 'started':
      return event.resumedBytes === 0
        ? null
        : `Resuming: ${formatBytesOf(event.resumedBytes, event.totalBytes)} are on the server already.`;
    case 'restarted':
      return 'The server no longer has the parts of this upload: it starts over.';
    case 'retrying': {
      const what = event.partNumber === null ? event.operation : `Part ${event.partNumber}`;
      return `${what} is sent again in ${(event.delayMs / 1000).toFixed(1)} s: ${event.error.message}`;
    }
    case 'warning':
      return `Warning: ${event.error.message}`;
    default:
      return null;
  }
}

export function resultInWords({ bucket, key, etag, totalBytes, verified }: UploadResult, { path }: Settings): string {
  const checked = verified === 'none' ? '' : `, checked by ${verified === 'etag' ? 'its ETag' : 'its size'}`;
  return `Uploaded ${path ?? 'standard input'} (${formatBytes(totalBytes)}) to ${bucket}/${key}: ETag ${etag}${checked}.`;
}

export function failureInWords(error: UploadErrorInfo, { path }: Settings): string {
  if (path === null) return `${error.message} Standard input cannot be read again, so what was sent is deleted.`;
  if (error.code === 'source-changed') {
    return `${path} is not the file whose upload began: --restart gives that upload up and starts over.`;
  }
  if (error.code === 'checkpoint') return unusableInWords(error.message);
  return error.resumable && error.checkpoint !== null
    ? `${error.message} Run the same command again to resume.`
    : error.message;
}

export function unusableInWords(reason: string): string {
  return `The checkpoint cannot be used: ${reason.replace(/^The checkpoint cannot be used: /, '')} --restart does that.`;
}

export function farewellInWords({ checkpoint, totalBytes }: UploadSnapshot, { path }: Settings): string {
  if (path === null) return 'Cancelled. Standard input cannot be read again, so what was sent is deleted.';
  if (checkpoint === null) return 'Cancelled. Run the same command again to start over.';
  const storedBytes = checkpoint.parts.reduce((bytes, { size }) => bytes + size, 0);
  return `Cancelled with ${formatBytesOf(storedBytes, totalBytes)} on the server. Run the same command again to send the rest.`;
}
