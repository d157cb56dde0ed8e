import type { UploadCheckpoint } from '../checkpoint/checkpoint.js';
import type { UploadProgress, UploadNotification, UploadStarted } from './event.js';
import { idleSnapshot, type PartStatus, type UploadSnapshot } from './snapshot.js';

/**
 * Pure: the next snapshot after a notification. Fits an NgRx reducer and RxJS `scan`.
 *
 * @example
 * ```ts
 * const next = reduceUpload(idleSnapshot, { type: 'paused', checkpoint: null }); // next.status: 'paused'
 * ```
 */
export function reduceUpload(snapshot: UploadSnapshot, signal: UploadNotification): UploadSnapshot {
  const next = reduced(snapshot, signal);
  const error = next.status === 'failed' ? next.error : null;
  const result = next.status === 'completed' ? next.result : null;
  // What another attempt ended with is over.
  return error === next.error && result === next.result ? next : { ...next, error, result };
}

function reduced(snapshot: UploadSnapshot, signal: UploadNotification): UploadSnapshot {
  switch (signal.type) {
    case 'hashing':
      return { ...withTotal(snapshot, signal.totalBytes), status: 'starting', waitingFor: null };
    case 'started':
      return started(snapshot, signal);
    case 'restarted':
      return restarted(snapshot);
    case 'part-started':
      return active(withPartStatus(snapshot, signal.partNumber, 'sending'));
    case 'part-completed':
      return active(withPartStatus(snapshot, signal.partNumber, 'done'));
    case 'retrying':
      return active(
        signal.partNumber === null ? snapshot : withPartStatus(snapshot, signal.partNumber, 'retrying'),
        true,
      );
    case 'waiting':
      return {
        ...(signal.reason === 'queued' ? withTotal(snapshot, signal.totalBytes) : snapshot),
        status: 'waiting',
        waitingFor: signal.reason,
      };
    case 'warning':
      return snapshot;
    case 'progress':
      return progressed(snapshot, signal);
    case 'checkpoint':
      return withCheckpoint(snapshot, signal.checkpoint);
    case 'completing':
      return { ...snapshot, status: 'completing', waitingFor: null };
    case 'completed':
      return {
        ...snapshot,
        waitingFor: null,
        bytesPerSecond: null,
        remainingSeconds: null,
        totalBytes: snapshot.totalBytes ?? signal.result.totalBytes,
        fraction: 1,
        status: 'completed',
        // None was sent if the object was there already.
        parts: snapshot.parts.map(() => 'done'),
        checkpoint: null,
        result: signal.result,
      };
    case 'paused':
      return { ...stopped(snapshot), status: 'paused', checkpoint: signal.checkpoint ?? snapshot.checkpoint };
    case 'failed':
      return {
        ...stopped(snapshot),
        status: 'failed',
        checkpoint: signal.error.checkpoint ?? snapshot.checkpoint,
        error: signal.error,
      };
    default:
      return unknownSignal(signal, snapshot);
  }
}

function started(snapshot: UploadSnapshot, event: UploadStarted): UploadSnapshot {
  const transferredBytes = hasEnded(snapshot)
    ? event.resumedBytes
    : Math.max(snapshot.transferredBytes, event.resumedBytes);
  return {
    ...snapshot,
    status: 'uploading',
    waitingFor: null,
    totalBytes: event.totalBytes,
    availableBytes: event.totalBytes ?? Math.max(snapshot.availableBytes, event.resumedBytes),
    transferredBytes,
    fraction: fractionOf(transferredBytes, event.totalBytes),
    parts: new Array<PartStatus>(event.partCount ?? 0).fill('waiting'),
  };
}

function restarted({ totalBytes, availableBytes }: UploadSnapshot): UploadSnapshot {
  return { ...withTotal(idleSnapshot, totalBytes), status: 'starting', availableBytes };
}

/** The size of the file before anything is known of its upload; null: a stream. */
function withTotal(snapshot: UploadSnapshot, totalBytes: number | null): UploadSnapshot {
  if (totalBytes === null) return { ...snapshot, totalBytes, fraction: null };
  return { ...snapshot, totalBytes, availableBytes: totalBytes, fraction: snapshot.fraction ?? 0 };
}

/** Progress does not fall when a paused upload resumes; another upload starts with its own. */
function hasEnded({ status }: UploadSnapshot): boolean {
  return status === 'completed' || status === 'failed';
}

function progressed(snapshot: UploadSnapshot, event: UploadProgress): UploadSnapshot {
  const { totalBytes, transferredBytes, bytesPerSecond } = event;
  return {
    ...snapshot,
    transferredBytes,
    totalBytes,
    availableBytes: event.availableBytes,
    fraction: fractionOf(transferredBytes, totalBytes),
    elapsedSeconds: event.elapsedSeconds,
    bytesPerSecond,
    remainingSeconds: bytesPerSecond && totalBytes !== null ? (totalBytes - transferredBytes) / bytesPerSecond : null,
  };
}

/** An empty file is done only when it is completed. */
function fractionOf(bytes: number, total: number | null): number | null {
  if (total === null) return null;
  return total === 0 ? 0 : bytes / total;
}

function withPartStatus(snapshot: UploadSnapshot, partNumber: number, status: PartStatus): UploadSnapshot {
  const parts = snapshot.parts.slice();
  setStatus(parts, partNumber, status);
  return { ...snapshot, parts };
}

/** The parts of a stream are not known from the beginning. */
function setStatus(parts: PartStatus[], partNumber: number, status: PartStatus): void {
  while (parts.length < partNumber - 1) parts.push('waiting');
  parts[partNumber - 1] = status;
}

/** `uploading` outranks `retrying`, which outranks `waiting`. */
function active(snapshot: UploadSnapshot, retrying = false): UploadSnapshot {
  if (snapshot.status === 'completing') return snapshot;
  const status = snapshot.parts.includes('sending')
    ? 'uploading'
    : retrying || snapshot.parts.includes('retrying')
      ? 'retrying'
      : 'uploading';
  return { ...snapshot, status, waitingFor: null };
}

/** Usually one part has been added since the last checkpoint; after `started` or a repair all are compared. */
function withCheckpoint(snapshot: UploadSnapshot, checkpoint: UploadCheckpoint): UploadSnapshot {
  const last = snapshot.checkpoint;
  const known = last?.uploadId === checkpoint.uploadId ? last.parts.length : 0;
  const grows = checkpoint.parts.length > known && snapshot.parts.includes('done');
  const parts = grows
    ? snapshot.parts.slice()
    : snapshot.parts.map((part): PartStatus => (part === 'done' ? 'waiting' : part));
  for (const { partNumber } of checkpoint.parts.slice(grows ? known : 0)) setStatus(parts, partNumber, 'done');
  return { ...snapshot, parts, checkpoint };
}

/** Requests are aborted: parts in flight are waiting again. */
function stopped(snapshot: UploadSnapshot): UploadSnapshot {
  return {
    ...snapshot,
    waitingFor: null,
    bytesPerSecond: null,
    remainingSeconds: null,
    parts: snapshot.parts.map((part) => (part === 'done' ? 'done' : 'waiting')),
  };
}

/** Ignores notifications of newer versions of the library. */
function unknownSignal(_signal: never, snapshot: UploadSnapshot): UploadSnapshot {
  return snapshot;
}
