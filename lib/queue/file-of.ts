import { BehaviorSubject } from 'rxjs';
import { createStopGate, type StopGate } from '../engine/stop-gate.js';
import { toUploadErrorInfo } from '../model/errors/is-upload-error.js';
import type { UploadCheckpoint } from '../model/checkpoint/checkpoint.js';
import type { UploadErrorInfo } from '../model/upload/error-info.js';
import type { QueuePending, QueueRow } from '../model/queue/queue-state.js';
import { fileKeyOf } from '../ports/checkpoint-store/file-handle.js';
import { toUploadSource } from '../ports/source/to-upload-source.js';
import { parseCheckpoint } from '../validation/checkpoint.js';
import type { QueueRequest } from './command.js';
import type { QueueDefaults } from './options.js';
import { newRow, notified } from './state/row.js';

/** What a queue knows of a row's file beside its state, which is plain JSON. */
export interface QueueFile {
  readonly request: QueueRequest;
  /** Which file goes to which object; null if that is not known. */
  readonly fileKey: string | null;
  readonly gate: StopGate;
  /** Writes to its store in progress; the last one begins when the upload is stopped. */
  readonly saving$: BehaviorSubject<number>;
  /** The row's checkpoint, if it is known only from the store: the upload loads it by itself, and may refuse it. */
  stored: UploadCheckpoint | null;
  /** Its upload was started before: a handle then gives the file as it is now. */
  hasStarted: boolean;
  isRemembered: boolean;
}

/**
 * A file and its row; one whose request has no valid file has failed.
 * @param pending - where what the store has of it is found
 */
export function fileOf(
  id: string,
  requested: QueueRequest,
  defaults: QueueDefaults,
  pending: readonly QueuePending[],
): { readonly file: QueueFile; readonly row: QueueRow } {
  const request = { ...defaults, ...given(requested) } as QueueRequest;
  const checkpoint = readCheckpoint(request.uploadCheckpoint);
  const bucket = textOf(request.bucket) ?? checkpoint?.bucket ?? '';
  const key = textOf(request.key) ?? checkpoint?.key ?? '';
  const source = readSource(request.sourceFile);
  const fileKey = source.size === null ? null : fileKeyOf({ bucket, key, file: { ...source, size: source.size } });
  const isOwn = ({ isBusy, checkpoint: found }: QueuePending): boolean => !isBusy && fileKeyOf(found) === fileKey;
  const hasOwnStore = request.checkpointStore !== undefined;
  const stored = checkpoint === null && !hasOwnStore ? (pending.find(isOwn)?.checkpoint ?? null) : null;
  const about = { id, name: source.name ?? key, bucket, key, size: source.size };
  const row = newRow({ ...about, checkpoint: checkpoint ?? stored });
  return {
    file: {
      request,
      fileKey,
      gate: createStopGate(),
      saving$: new BehaviorSubject(0),
      stored,
      hasStarted: false,
      isRemembered: false,
    },
    row: source.error === null ? row : notified(row, { type: 'failed', error: source.error }),
  };
}

/** Other values are the upload's to report. */
function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

/** Options that are undefined do not replace defaults. */
function given(request: QueueRequest): Partial<QueueRequest> {
  return Object.fromEntries(Object.entries(request).filter(([, value]) => value !== undefined));
}

/**
 * What the store has under the id of a file's upload, if the upload resumes it: under another name or date it does so only
 * with `verifyResume: 'parts'`.
 */
export function storedFor(
  { request, fileKey }: QueueFile,
  { bucket, key }: QueueRow,
  server: string,
  found: unknown,
): UploadCheckpoint | null {
  const checkpoint = readCheckpoint(found);
  if (checkpoint?.server !== server || checkpoint.bucket !== bucket || checkpoint.key !== key) return null;
  const isResumed = fileKey === null || request.verifyResume === 'parts' || fileKeyOf(checkpoint) === fileKey;
  return isResumed ? checkpoint : null;
}

/** An invalid one is the upload's to report. */
function readCheckpoint(checkpoint: unknown): UploadCheckpoint | null {
  if (checkpoint === null || checkpoint === undefined) return null;
  try {
    return parseCheckpoint(checkpoint);
  } catch {
    return null;
  }
}

interface ReadSource {
  readonly name: string | null;
  readonly size: number | null;
  readonly lastModified: number | null;
  readonly error: UploadErrorInfo | null;
}

function readSource(sourceFile: unknown): ReadSource {
  try {
    const { name, size, lastModified } = toUploadSource(sourceFile);
    return { name, size, lastModified, error: null };
  } catch (error) {
    return { name: null, size: null, lastModified: null, error: toUploadErrorInfo(error) };
  }
}
