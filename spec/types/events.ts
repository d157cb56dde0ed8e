// Events are discriminated by their type, and a switch can handle every one.
import { reduceUpload, toUploadSnapshot, uploadFile$, uploadResult, idleSnapshot } from 'rx-obs-upload';
import type {
  ObsConnection,
  UploadCheckpoint,
  UploadCheckpointed,
  UploadErrorInfo,
  UploadEvent,
  UploadRequest,
  UploadResult,
  UploadNotification,
  UploadSnapshot,
} from 'rx-obs-upload';
import type { Observable } from 'rxjs';
import { expectSame } from './expect-same.js';

declare const obs: ObsConnection;
declare const request: UploadRequest;

export function described(signal: UploadNotification): string {
  switch (signal.type) {
    case 'hashing':
      return `${signal.hashedBytes} of ${signal.totalBytes}`;
    case 'started':
      expectSame<typeof signal.uploadId, string | null>();
      return signal.key;
    case 'restarted':
      expectSame<typeof signal.reason, 'upload-gone'>();
      return signal.reason;
    case 'part-started':
    case 'part-completed':
      expectSame<typeof signal.partNumber, number>();
      return String(signal.size);
    case 'retrying':
      expectSame<typeof signal.error, UploadErrorInfo>();
      return `${signal.operation} in ${signal.delayMs} ms`;
    case 'waiting':
      if (signal.reason === 'queued') return `${signal.totalBytes} bytes`;
      expectSame<typeof signal.reason, 'offline' | 'locked'>();
      return signal.reason;
    case 'warning':
    case 'failed':
      return signal.error.message;
    case 'progress':
      expectSame<typeof signal.bytesPerSecond, number | null>();
      return `${signal.transferredBytes} of ${signal.totalBytes}`;
    case 'checkpoint':
      expectSame<typeof signal.checkpoint, UploadCheckpoint>();
      return signal.checkpoint.uploadId;
    case 'paused':
      expectSame<typeof signal.checkpoint, UploadCheckpoint | null>();
      return 'paused';
    case 'completing':
      // @ts-expect-error - it carries nothing
      return signal.key;
    case 'completed':
      expectSame<typeof signal.result, UploadResult>();
      return signal.result.etag;
    default:
      expectSame<typeof signal, never>();
      return signal;
  }
}

export function streams(): void {
  const events$ = uploadFile$(obs, request);
  expectSame<typeof events$, Observable<UploadEvent>>();
  const snapshot$ = events$.pipe(toUploadSnapshot());
  expectSame<typeof snapshot$, Observable<UploadSnapshot>>();
  const result$ = events$.pipe(uploadResult());
  expectSame<typeof result$, Observable<UploadResult>>();
}

export function readonlyJson(event: UploadCheckpointed, snapshot: UploadSnapshot): void {
  // @ts-expect-error - events are readonly
  event.type = 'checkpoint';
  // @ts-expect-error - snapshots are readonly
  snapshot.fraction = 1;
  // @ts-expect-error - so are their lists
  snapshot.parts.push('done');
  // @ts-expect-error - and checkpoints, at every depth
  event.checkpoint.file.size = 1;
}

/** As in an NgRx reducer. */
export const reduced: UploadSnapshot = ([] as UploadNotification[]).reduce(reduceUpload, idleSnapshot);
// @ts-expect-error - no such signal
reduceUpload(idleSnapshot, { type: 'stopped' });
