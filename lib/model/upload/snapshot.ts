import type { UploadCheckpoint } from '../checkpoint/checkpoint.js';
import type { UploadErrorInfo } from './error-info.js';
import type { UploadResult } from './event.js';

/** What an upload is doing. */
export type UploadStatus =
  | 'idle'
  | 'starting'
  | 'uploading'
  | 'waiting'
  | 'retrying'
  | 'paused'
  | 'completing'
  | 'completed'
  | 'failed';

/** What a part is doing. */
export type PartStatus = 'waiting' | 'sending' | 'retrying' | 'done';

/** Everything that a view shows about an upload, folded from its notifications; readonly plain JSON. */
export interface UploadSnapshot {
  /** What the upload is doing. */
  readonly status: UploadStatus;
  /** Why, while `status` is `waiting`. */
  readonly waitingFor: 'offline' | 'locked' | 'queued' | null;
  /** Bytes that the server has or is receiving. */
  readonly transferredBytes: number;
  /** null until the end of a stream */
  readonly totalBytes: number | null;
  /** What a stream has produced so far; of a file all of it. */
  readonly availableBytes: number;
  /** 0 to 1; a completed empty file is 1; null until the end of a stream */
  readonly fraction: number | null;
  /** Seconds since the upload began, pauses not counted. */
  readonly elapsedSeconds: number;
  /** Over the last seconds; null until it is known. */
  readonly bytesPerSecond: number | null;
  /** null until a speed is known */
  readonly remainingSeconds: number | null;
  /** Part n is at index n - 1. Those of a stream are added as they are sent. */
  readonly parts: readonly PartStatus[];
  /** The last one; null before the first. */
  readonly checkpoint: UploadCheckpoint | null;
  /** null until `status` is `completed`. */
  readonly result: UploadResult | null;
  /** null unless `status` is `failed`. */
  readonly error: UploadErrorInfo | null;
}

/** The snapshot before an upload starts. */
export const idleSnapshot: UploadSnapshot = Object.freeze({
  status: 'idle',
  waitingFor: null,
  transferredBytes: 0,
  totalBytes: 0,
  availableBytes: 0,
  fraction: 0,
  elapsedSeconds: 0,
  bytesPerSecond: null,
  remainingSeconds: null,
  parts: Object.freeze([]),
  checkpoint: null,
  result: null,
  error: null,
});
