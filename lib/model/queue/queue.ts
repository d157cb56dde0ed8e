import type { UploadNotification } from '../upload/event.js';
import type { UploadSnapshot, UploadStatus } from '../upload/snapshot.js';

/** What `uploadFiles$` emits: a notification of one of the files. */
export interface QueueNotification {
  /** The file's. */
  readonly id: string;
  /** What the file's upload emitted. */
  readonly signal: UploadNotification;
}

/**
 * Everything that a view shows about many uploads; readonly plain JSON. Bytes are summed over all files, including
 * waiting ones.
 */
export interface QueueSnapshot {
  /** In the order of arrival. */
  readonly files: readonly QueuedFile[];
  /** Number of files by status. */
  readonly counts: Readonly<Record<UploadStatus, number>>;
  /** Bytes that the server has or is receiving. */
  readonly transferredBytes: number;
  /** null while one of them is a stream that has not ended */
  readonly totalBytes: number | null;
  /** 0 to 1; 1 if there are only empty files and all are completed; null as `totalBytes` */
  readonly fraction: number | null;
  /** Of all files together; null until one of them has a speed. */
  readonly bytesPerSecond: number | null;
  /** For files that are neither paused nor failed; null until a speed is known. */
  readonly remainingSeconds: number | null;
}

/** One file of a queue. */
export interface QueuedFile {
  /** The one that was given, else one that was made. */
  readonly id: string;
  /** Everything that a view shows about it. */
  readonly upload: UploadSnapshot;
}

/** The snapshot of a queue without files. */
export const emptyQueue: QueueSnapshot = Object.freeze({
  files: Object.freeze([]),
  counts: Object.freeze({
    idle: 0,
    starting: 0,
    uploading: 0,
    waiting: 0,
    retrying: 0,
    paused: 0,
    completing: 0,
    completed: 0,
    failed: 0,
  }),
  transferredBytes: 0,
  totalBytes: 0,
  fraction: 0,
  bytesPerSecond: null,
  remainingSeconds: null,
});
