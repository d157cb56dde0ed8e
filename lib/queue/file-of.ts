import { BehaviorSubject } from 'rxjs';
import { createStopGate, type StopGate } from '../engine/stop-gate.js';
import { toUploadErrorInfo } from '../model/errors/is-upload-error.js';
import type { UploadCheckpoint } from '../model/checkpoint/checkpoint.js';
import type { UploadErrorInfo } from '../model/upload/error-info.js';
import type { QueueRow } from '../model/queue/queue-state.js';
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
  /** Its upload was started before: a handle then gives the file as it is now. */
  hasStarted: boolean;
  isRemembered: boolean;
}

/** A file and its row; one whose request has no valid file has failed. */
export function fileOf(
  id: string,
  requested: QueueRequest,
  defaults: QueueDefaults,
): { readonly file: QueueFile; readonly row: QueueRow } {
  const request = { ...defaults, ...given(requested) } as QueueRequest;
  const checkpoint = readCheckpoint(request.uploadCheckpoint);
  const bucket = textOf(request.bucket) ?? checkpoint?.bucket ?? '';
  const key = textOf(request.key) ?? checkpoint?.key ?? '';
  const source = readSource(request.sourceFile);
  const about = { id, name: source.name ?? key, bucket, key, size: source.size, checkpoint };
  const row = newRow(about);
  return {
    file: {
      request,
      fileKey: source.size === null ? null : fileKeyOf({ bucket, key, file: { ...source, size: source.size } }),
      gate: createStopGate(),
      saving$: new BehaviorSubject(0),
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
