// A caught error is unknown until a type guard has narrowed it.
import { CheckpointError, isUploadError, NetworkError, parseCheckpoint, toUploadErrorInfo } from 'rx-obs-upload';
import type { Operation, UploadCheckpoint, UploadError, UploadErrorCode, UploadErrorInfo } from 'rx-obs-upload';
import { expectSame } from './expect-same.js';

export function caught(error: unknown): UploadCheckpoint | null {
  expectSame<ReturnType<typeof toUploadErrorInfo>, UploadErrorInfo>();
  if (!isUploadError(error)) return null;
  expectSame<typeof error, UploadError>();
  expectSame<typeof error.code, UploadErrorCode>();
  expectSame<typeof error.operation, Operation | null>();
  // @ts-expect-error - no such code
  if (error.code === 'timeout') return null;
  // @ts-expect-error - errors are readonly: several uploads may fail with the same one
  error.checkpoint = null;
  // @ts-expect-error - as above
  error.operation = 'uploadPart';
  // @ts-expect-error - only some errors have a status
  if (error.status === 404) return null;
  return error.checkpoint;
}

export function made(): readonly UploadError[] {
  expectSame<ReturnType<typeof parseCheckpoint>, UploadCheckpoint>();
  // @ts-expect-error - this code is of another class
  const wrong = new NetworkError('service', 'no');
  return [wrong, new NetworkError('stalled', 'yes', { retryable: true }), new CheckpointError('key', 'no key')];
}
