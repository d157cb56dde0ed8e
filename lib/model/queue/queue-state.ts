import type { StoredCheckpoint } from '../../ports/checkpoint-store/checkpoint-store.js';
import type { UploadErrorInfo } from '../upload/error-info.js';
import { emptyQueue } from './queue.js';
import type { UploadSnapshot, UploadStatus } from '../upload/snapshot.js';

/** Everything that a view shows about an upload queue: readonly plain JSON. What has not changed is the same object. */
export interface QueueState {
  /** In the order in which they take their turns. */
  readonly rows: readonly QueueRow[];
  /** Number of rows by status. */
  readonly counts: Readonly<Record<QueueRowStatus, number>>;
  /** Sums over all files. */
  readonly totals: QueueTotals;
  /** Uploads that an earlier page or another tab left unfinished and that no row is about, the last saved first. */
  readonly pending: readonly QueuePending[];
  /** What became of a command that no row can show, the oldest first: at most the last 50 until they are dismissed. */
  readonly notices: readonly QueueNotice[];
}

/**
 * Of an upload, or `aborting`: the server is being asked to delete its parts; or `aborted`: they are deleted, and the
 * file can be started again.
 */
export type QueueRowStatus = UploadStatus | 'aborting' | 'aborted';

/** A file of an upload queue. */
export interface QueueRow {
  /** Names the row in commands. */
  readonly id: string;
  /** The file's name, or the object's key if the file has none. */
  readonly name: string;
  /** The bucket's name. */
  readonly bucket: string;
  /** The object's key, without a leading slash. */
  readonly key: string;
  /** bytes; null: a stream that has not ended, or no valid file */
  readonly size: number | null;
  /** That of the upload, or what the queue does with it. */
  readonly status: QueueRowStatus;
  /** Everything that a view shows about the upload. */
  readonly snapshot: UploadSnapshot;
  /** Why it is being retried, a problem that did not stop it, or why it could not be aborted. */
  readonly note: QueueNote | null;
  /** Which buttons make sense now. */
  readonly can: QueueRowActions;
}

/** What the row shows besides its progress. */
export interface QueueNote {
  /** What it is about. */
  readonly type: 'retrying' | 'restarted' | 'warning' | 'abort-failed';
  /** For people. */
  readonly text: string;
  /** null where there is none. */
  readonly error: UploadErrorInfo | null;
}

/** The commands that have an effect on a row in its present state. */
export interface QueueRowActions {
  /** While it waits or runs. */
  readonly pause: boolean;
  /** While it is paused. */
  readonly resume: boolean;
  /** When it failed or was aborted. */
  readonly retry: boolean;
  /** While it runs or has parts on the server, except while its object is assembled or another tab is uploading it. */
  readonly abort: boolean;
  /** Takes the row out of the queue; the server's parts stay. */
  readonly remove: boolean;
}

/** Of all rows together. A stream that has not ended counts as far as it has been produced. */
export interface QueueTotals {
  /** Bytes that the server has or is receiving. */
  readonly transferredBytes: number;
  /** null while one of them is a stream that has neither ended nor failed */
  readonly totalBytes: number | null;
  /** Bytes sent by this queue: unlike `transferredBytes` without those that the server had before. Never falls. */
  readonly sentBytes: number;
  /** 0 to 1; 1 if there are only empty files and all are completed; null as `totalBytes` */
  readonly fraction: number | null;
  /** Over the last seconds; null while nothing runs, and until it is known. */
  readonly bytesPerSecond: number | null;
  /** For rows that wait or run; null while nothing does, and until a speed is known. */
  readonly remainingSeconds: number | null;
}

/** An unfinished upload of an earlier page: `pick` resumes it, `discard` deletes its parts. */
export interface QueuePending extends StoredCheckpoint {
  /** Whether `pick` finds the file by itself; the browser may ask for permission. Otherwise the user must choose it. */
  readonly hasFile: boolean;
  /** Another tab is uploading it, or it is being discarded. */
  readonly isBusy: boolean;
}

/** A message about the queue, for the user. */
export interface QueueNotice {
  /** Of this notice; `about` names the row. */
  readonly id: string;
  /**
   * `id-in-use`, `same-file`: a request was refused, because of its id, or because a row is about the same file and
   * object; `pick-failed`, `discard-failed`, `discarded`: of an unfinished upload; `store-unreadable`: unfinished
   * uploads cannot be listed.
   */
  readonly code: 'id-in-use' | 'same-file' | 'pick-failed' | 'discarded' | 'discard-failed' | 'store-unreadable';
  /** For people. */
  readonly text: string;
  /** The id of the row or of the unfinished upload. */
  readonly about: string | null;
  /** null where there is none. */
  readonly error: UploadErrorInfo | null;
}

/** A queue without files. */
export const emptyQueueState: QueueState = Object.freeze({
  rows: Object.freeze([]),
  counts: Object.freeze({ ...emptyQueue.counts, aborting: 0, aborted: 0 }),
  totals: Object.freeze({
    transferredBytes: 0,
    totalBytes: 0,
    sentBytes: 0,
    fraction: 0,
    bytesPerSecond: null,
    remainingSeconds: null,
  }),
  pending: Object.freeze([]),
  notices: Object.freeze([]),
});
