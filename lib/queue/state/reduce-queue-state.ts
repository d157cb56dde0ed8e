import { withSample, type SpeedWindow } from '../../engine/speed.js';
import type { UploadCheckpoint } from '../../model/checkpoint/checkpoint.js';
import type { UploadErrorInfo } from '../../model/upload/error-info.js';
import type { UploadNotification } from '../../model/upload/event.js';
import {
  emptyQueueState,
  type QueueNotice,
  type QueuePending,
  type QueueRow,
  type QueueState,
} from '../../model/queue/queue-state.js';
import { abortBegun, aborted, abortFailed, notified, paused, queued, restored, starting } from './row.js';
import { isAnyActive, noSums, sumsOf, totalsOf, withChangedRow, type Sums } from './totals.js';

/** A state of the queue, and what the next one is computed from. */
export interface QueueMemory {
  readonly state: QueueState;
  readonly sums: Sums;
  readonly speeds: SpeedWindow;
}

export const emptyMemory: QueueMemory = { state: emptyQueueState, sums: noSums, speeds: [] };

/** Ids that a command is for; null: all rows. */
type Ids = readonly string[] | null;

export type QueueChange =
  | { readonly type: 'added'; readonly rows: readonly QueueRow[] }
  | { readonly type: 'pause' | 'resume' | 'retry' | 'abort' | 'remove' | 'moveToFront'; readonly ids: Ids }
  | { readonly type: 'starting'; readonly id: string; readonly atMs: number }
  | {
      readonly type: 'notified';
      readonly id: string;
      readonly notification: UploadNotification;
      /** Milliseconds on a monotonic clock. */
      readonly atMs: number;
    }
  | { readonly type: 'restored'; readonly id: string; readonly checkpoint: UploadCheckpoint }
  | { readonly type: 'aborted'; readonly id: string }
  | { readonly type: 'abort-failed'; readonly id: string; readonly error: UploadErrorInfo }
  | { readonly type: 'listed'; readonly pending: readonly QueuePending[] }
  | { readonly type: 'noticed'; readonly notice: QueueNotice }
  | { readonly type: 'dismiss'; readonly ids: Ids };

const MAX_NOTICES = 50;

/** Pure: the next memory after a command or after something that happened. The same one if nothing changes. */
export function reduceQueueState(memory: QueueMemory, change: QueueChange): QueueMemory {
  const { state } = memory;
  switch (change.type) {
    case 'added':
      return change.rows.length === 0 ? memory : withRows(memory, [...state.rows, ...change.rows]);
    case 'pause':
      return mapped(memory, change.ids, ({ can }) => can.pause, paused);
    case 'resume':
      return mapped(memory, change.ids, ({ can }) => can.resume, queued);
    case 'retry': {
      const isMeant = ({ can, status }: QueueRow): boolean => can.retry && (change.ids !== null || status === 'failed');
      return mapped(memory, change.ids, isMeant, queued);
    }
    case 'abort':
      return mapped(memory, change.ids, ({ can }) => can.abort, abortBegun);
    case 'remove': {
      const isMeant = meant(change.ids);
      const rows = state.rows.filter((row) => !(row.can.remove && isMeant(row)));
      return rows.length === state.rows.length ? memory : withRows(memory, rows);
    }
    case 'moveToFront':
      return movedToFront(memory, change.ids);
    case 'starting': {
      const next = withRow(memory, change.id, starting);
      return next.speeds.length > 0 ? next : withSpeeds(next, change.atMs, 0);
    }
    case 'notified':
      return afterNotification(memory, change.id, change.notification, change.atMs);
    case 'restored':
      return withRow(memory, change.id, (row) => restored(row, change.checkpoint));
    case 'aborted':
      return withRow(memory, change.id, aborted);
    case 'abort-failed':
      return withRow(memory, change.id, (row) => abortFailed(row, change.error));
    case 'listed':
      return withPending(memory, change.pending);
    case 'noticed':
      return withState(memory, { notices: [...state.notices, change.notice].slice(-MAX_NOTICES) });
    case 'dismiss': {
      const isMeant = meant(change.ids);
      const notices = state.notices.filter((notice) => !isMeant(notice));
      return notices.length === state.notices.length ? memory : withState(memory, { notices });
    }
  }
}

function meant(ids: Ids): (row: { readonly id: string }) => boolean {
  if (ids === null) return () => true;
  const wanted = new Set(ids);
  return ({ id }) => wanted.has(id);
}

function mapped(
  memory: QueueMemory,
  ids: Ids,
  applies: (row: QueueRow) => boolean,
  change: (row: QueueRow) => QueueRow,
): QueueMemory {
  const { rows } = memory.state;
  const isMeant = meant(ids);
  const changed = rows.map((row) => (isMeant(row) && applies(row) ? change(row) : row));
  return changed.every((row, i) => row === rows[i]) ? memory : withRows(memory, changed);
}

function movedToFront(memory: QueueMemory, ids: Ids): QueueMemory {
  const { rows } = memory.state;
  const byId = new Map(rows.map((row) => [row.id, row]));
  const found = new Set((ids ?? []).flatMap((id) => byId.get(id) ?? []));
  const moved = [...found, ...rows.filter((row) => !found.has(row))];
  return moved.every((row, i) => row === rows[i]) ? memory : withState(memory, { rows: moved });
}

function afterNotification(
  memory: QueueMemory,
  id: string,
  notification: UploadNotification,
  atMs: number,
): QueueMemory {
  const next = withRow(memory, id, (row) => notified(row, notification));
  if (notification.type !== 'progress') return next;
  return withSpeeds(next, atMs, Math.max(0, next.sums.transferredBytes - memory.sums.transferredBytes));
}

function withRow(memory: QueueMemory, id: string, change: (row: QueueRow) => QueueRow): QueueMemory {
  const index = memory.state.rows.findIndex((row) => row.id === id);
  const before = memory.state.rows[index];
  if (before === undefined) return memory;
  const now = change(before);
  const rows = memory.state.rows.slice();
  rows[index] = now;
  return withTotals(memory, rows, withChangedRow(memory.sums, before, now));
}

function withRows(memory: QueueMemory, rows: readonly QueueRow[]): QueueMemory {
  return withPending(withTotals(memory, rows, sumsOf(rows)), memory.state.pending);
}

/** An unfinished upload that a row is about is no longer pending. */
function withPending(memory: QueueMemory, pending: readonly QueuePending[]): QueueMemory {
  const { state } = memory;
  if (pending.length === 0 && state.pending.length === 0) return memory;
  const objects = new Set(state.rows.map(objectOf));
  const left = pending.filter(({ checkpoint }) => !objects.has(objectOf(checkpoint)));
  const isSame = left.length === state.pending.length && left.every((upload, i) => upload === state.pending[i]);
  return isSame ? memory : withState(memory, { pending: left });
}

function objectOf({ bucket, key }: { readonly bucket: string; readonly key: string }): string {
  return JSON.stringify([bucket, key]);
}

function withSpeeds(memory: QueueMemory, atMs: number, bytes: number): QueueMemory {
  const sentBytes = memory.state.totals.sentBytes + bytes;
  const speeds = withSample(memory.speeds, atMs, sentBytes);
  const totals = totalsOf(memory.sums, memory.state.rows.length, sentBytes, speeds);
  return { ...withState(memory, { totals }), speeds };
}

/** A pause is no slow time: measuring starts again. */
function withTotals(memory: QueueMemory, rows: readonly QueueRow[], sums: Sums): QueueMemory {
  const speeds = isAnyActive(sums) ? memory.speeds : [];
  const totals = totalsOf(sums, rows.length, memory.state.totals.sentBytes, speeds);
  return { state: { ...memory.state, rows, counts: sums.counts, totals }, sums, speeds };
}

function withState(memory: QueueMemory, part: Partial<QueueState>): QueueMemory {
  return { ...memory, state: { ...memory.state, ...part } };
}
