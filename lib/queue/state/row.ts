import type { UploadCheckpoint } from '../../model/checkpoint/checkpoint.js';
import type { UploadErrorInfo } from '../../model/upload/error-info.js';
import type { UploadNotification } from '../../model/upload/event.js';
import type { QueueNote, QueueRow, QueueRowActions, QueueRowStatus } from '../../model/queue/queue-state.js';
import { continueUpload } from '../../model/queue/reduce-queue.js';
import { idleSnapshot, type UploadSnapshot } from '../../model/upload/snapshot.js';

/** What a row is about. */
export interface NewRow extends Pick<QueueRow, 'id' | 'name' | 'bucket' | 'key' | 'size'> {
  readonly checkpoint: UploadCheckpoint | null;
}

/** A row that waits for its turn. */
export function newRow({ checkpoint, ...about }: NewRow): QueueRow {
  const transferredBytes = checkpoint?.parts.reduce((bytes, { size }) => bytes + size, 0) ?? 0;
  const fraction = about.size === null ? null : transferredBytes / (about.size || 1);
  const snapshot = { ...idleSnapshot, checkpoint, transferredBytes, totalBytes: about.size, fraction };
  return queued({ ...about, status: 'idle', snapshot, note: null, can: nothing });
}

const nothing: QueueRowActions = { pause: false, resume: false, retry: false, abort: false, remove: false };

export function isActive({ status }: Pick<QueueRow, 'status'>): boolean {
  return !['idle', 'paused', 'completed', 'failed', 'aborting', 'aborted'].includes(status);
}

/** Whether the row waits for its turn. */
export function isQueued({ status, snapshot }: QueueRow): boolean {
  return status === 'waiting' && snapshot.waitingFor === 'queued';
}

export function queued(row: QueueRow): QueueRow {
  return notified(row, { type: 'waiting', reason: 'queued', totalBytes: row.snapshot.totalBytes });
}

export function starting(row: QueueRow): QueueRow {
  return changed(row, { ...row.snapshot, status: 'starting', waitingFor: null });
}

export function paused(row: QueueRow): QueueRow {
  return notified(row, { type: 'paused', checkpoint: null });
}

export function notified(row: QueueRow, notification: UploadNotification): QueueRow {
  return changed(row, continueUpload(row.snapshot, notification), noteAfter(notification, row.note));
}

/** The store has a checkpoint of its upload. */
export function restored(row: QueueRow, checkpoint: UploadCheckpoint): QueueRow {
  return changed(row, { ...row.snapshot, checkpoint });
}

/** Nothing runs any more: what has a checkpoint is `aborting`, the rest has no parts. */
export function abortBegun(row: QueueRow): QueueRow {
  const stopped = paused(row);
  return stopped.snapshot.checkpoint === null ? aborted(stopped) : changed(stopped, stopped.snapshot, null, 'aborting');
}

export function aborted(row: QueueRow): QueueRow {
  const lostBytes = row.snapshot.transferredBytes;
  const lost = continueUpload(row.snapshot, { type: 'restarted', reason: 'upload-gone', lostBytes });
  return changed(row, continueUpload(lost, { type: 'paused', checkpoint: null }), null, 'aborted');
}

/** It has its parts still, and can be resumed or aborted again. */
export function abortFailed(row: QueueRow, error: UploadErrorInfo): QueueRow {
  const text = `Its parts are not deleted: ${error.message}`;
  return changed(row, row.snapshot, { type: 'abort-failed', text, error });
}

function changed(
  row: QueueRow,
  snapshot: UploadSnapshot,
  note: QueueNote | null = row.note,
  status: QueueRowStatus = snapshot.status,
): QueueRow {
  const size = row.size ?? snapshot.totalBytes;
  return { ...row, size, status, snapshot, note, can: sameOr(row.can, actionsOf(status, snapshot)) };
}

function actionsOf(status: QueueRowStatus, { waitingFor, checkpoint }: UploadSnapshot): QueueRowActions {
  const active = isActive({ status });
  const hasStopped = status === 'paused' || status === 'failed';
  return {
    pause: active,
    resume: status === 'paused',
    retry: status === 'failed' || status === 'aborted',
    abort: active ? status !== 'completing' && waitingFor !== 'locked' : hasStopped && checkpoint !== null,
    remove: status !== 'aborting',
  };
}

function sameOr(before: QueueRowActions, now: QueueRowActions): QueueRowActions {
  const isSame =
    before.pause === now.pause &&
    before.resume === now.resume &&
    before.retry === now.retry &&
    before.abort === now.abort &&
    before.remove === now.remove;
  return isSame ? before : now;
}

/** A retry is noted until it is sent; a warning until the upload is started again. */
function noteAfter(notification: UploadNotification, note: QueueNote | null): QueueNote | null {
  switch (notification.type) {
    case 'retrying': {
      const { partNumber, delayMs, error } = notification;
      const what = partNumber === null ? 'A request' : `Part ${partNumber}`;
      const text = `${what} is sent again in ${(delayMs / 1000).toFixed(1)} s: ${error.message}`;
      return { type: 'retrying', text, error };
    }
    case 'restarted': {
      const text = 'The server no longer has the parts of this upload: it starts over.';
      return { type: 'restarted', text, error: null };
    }
    case 'warning':
      return { type: 'warning', text: notification.error.message, error: notification.error };
    case 'part-started':
      return notification.attempt > 1 ? lasting(note) : note;
    case 'completing':
    case 'completed':
    case 'paused':
    case 'failed':
      return lasting(note);
    case 'waiting':
      return notification.reason === 'queued' ? null : note;
    default:
      return note;
  }
}

function lasting(note: QueueNote | null): QueueNote | null {
  return note?.type === 'retrying' ? null : note;
}
