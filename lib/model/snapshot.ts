import type { UploadCheckpoint } from './checkpoint.js';
import type { UploadErrorInfo } from './error-info.js';
import type { UploadResult } from './event.js';

export type UploadStatus =
  'idle' | 'starting' | 'uploading' | 'waiting' | 'retrying' | 'paused' | 'completing' | 'completed' | 'failed';

export type PartStatus = 'waiting' | 'sending' | 'retrying' | 'done';

/** Everything that a view shows about an upload, folded from its notifications; readonly plain JSON. */
export interface UploadSnapshot {
  readonly status: UploadStatus;
  /** Why, while `status` is `waiting`. */
  readonly waitingFor: 'offline' | 'locked' | 'queued' | null;
  readonly transferredBytes: number;
  /** null until the end of a stream */
  readonly totalBytes: number | null;
  /** What a stream has produced so far; of a file all of it. */
  readonly availableBytes: number;
  /** 0 to 1; a completed empty file is 1; null until the end of a stream */
  readonly fraction: number | null;
  readonly elapsedSeconds: number;
  readonly bytesPerSecond: number | null;
  /** null until a speed is known */
  readonly remainingSeconds: number | null;
  /** Part n is at index n - 1. Those of a stream are added as they are sent. */
  readonly parts: readonly PartStatus[];
  readonly checkpoint: UploadCheckpoint | null;
  readonly result: UploadResult | null;
  readonly error: UploadErrorInfo | null;
}

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
