import { idleSnapshot, reduceUpload, type UploadNotification, type UploadSnapshot } from 'rx-obs-upload';

const error = {
  name: 'NetworkError',
  code: 'network',
  message: 'm',
  retryable: true,
  resumable: true,
  operation: 'uploadPart',
  partNumber: 2,
  status: null,
  serviceCode: null,
  requestId: null,
  cause: null,
  checkpoint: null,
} as const;
const started: UploadNotification = {
  type: 'started',
  bucket: 'b',
  key: 'k',
  uploadId: 'u',
  totalBytes: 20,
  partSize: 10,
  partCount: 2,
  resumedBytes: 10,
};
const sending = (partNumber: number): UploadNotification => ({
  type: 'part-started',
  partNumber,
  size: 10,
  attempt: 1,
});
const retrying = (partNumber: number | null): UploadNotification => ({
  type: 'retrying',
  operation: 'uploadPart',
  partNumber,
  attempt: 1,
  delayMs: 10,
  error,
});

function fold(...signals: UploadNotification[]): UploadSnapshot {
  return signals.reduce(reduceUpload, idleSnapshot);
}

describe('reduceUpload', () => {
  it('does not modify the given snapshot', () => {
    const before = Object.freeze(fold(started));
    const copy = structuredClone(before);
    for (const signal of [sending(1), retrying(1), { type: 'completing' } as const]) reduceUpload(before, signal);
    expect(before).toEqual(copy);
  });

  it.each([
    ['uploading outranks retrying', [started, sending(1), sending(2), retrying(2)], 'uploading'],
    ['retrying if nothing is being sent', [started, sending(2), retrying(2)], 'retrying'],
    ['waiting outranks idle', [{ type: 'waiting', reason: 'locked' }], 'waiting'],
    ['retrying before started', [retrying(null)], 'retrying'],
    [
      'uploading once a part is sent again after waiting',
      [started, { type: 'waiting', reason: 'offline' }, sending(1)],
      'uploading',
    ],
    ['completing outranks retrying', [started, { type: 'completing' }, retrying(null)], 'completing'],
    ['paused', [started, sending(1), { type: 'paused', checkpoint: null }], 'paused'],
    ['started after paused', [started, { type: 'paused', checkpoint: null }, started], 'uploading'],
    ['failed', [started, sending(1), { type: 'failed', error }], 'failed'],
    ['restarted', [started, { type: 'restarted', reason: 'upload-gone', lostBytes: 10 }], 'starting'],
  ] as [string, UploadNotification[], string][])('reports the status: %s', (_, signals, status) => {
    expect(fold(...signals).status).toBe(status);
  });

  it('derives the remaining time from the speed', () => {
    const progress: UploadNotification = {
      type: 'progress',
      transferredBytes: 15,
      totalBytes: 20,
      availableBytes: 20,
      elapsedSeconds: 3,
      bytesPerSecond: 2.5,
    };
    expect(fold(started, progress)).toMatchObject({ fraction: 0.75, remainingSeconds: 2, bytesPerSecond: 2.5 });
  });

  it('marks the parts of the first checkpoint as done', () => {
    const parts = [{ partNumber: 2, size: 10, etag: 'e' }];
    const checkpoint = { uploadId: 'u', parts } as never;
    expect(fold(started, { type: 'checkpoint', checkpoint }).parts).toEqual(['waiting', 'done']);
  });

  it('marks the same parts again after a resume with the same checkpoint', () => {
    const parts = [{ partNumber: 2, size: 10, etag: 'e' }];
    const saved: UploadNotification = { type: 'checkpoint', checkpoint: { uploadId: 'u', parts } as never };
    const paused: UploadNotification = { type: 'paused', checkpoint: null };
    expect(fold(started, saved, paused, started, saved).parts).toEqual(['waiting', 'done']);
  });

  it('resets a part that a later checkpoint lacks, since it is sent again', () => {
    const withParts = (...numbers: number[]): UploadNotification => ({
      type: 'checkpoint',
      checkpoint: { uploadId: 'u', parts: numbers.map((partNumber) => ({ partNumber, size: 10, etag: 'e' })) } as never,
    });
    expect(fold(started, withParts(), withParts(1), withParts(1, 2), withParts(2)).parts).toEqual(['waiting', 'done']);
  });

  it('marks all parts as done when the upload completes, even if none had to be sent', () => {
    const completed = { type: 'completed', result: { totalBytes: 20 } as never, skipped: true } as const;
    expect(fold(started, completed).parts).toEqual(['done', 'done']);
  });

  it('resets parts in flight to waiting when the upload is paused or fails', () => {
    expect(fold(started, sending(1), { type: 'paused', checkpoint: null }).parts).toEqual(['waiting', 'waiting']);
    expect(fold(started, sending(1), { type: 'failed', error }).parts).toEqual(['waiting', 'waiting']);
  });

  const completed: UploadNotification = { type: 'completed', result: { totalBytes: 20 } as never, skipped: false };
  it.each<UploadNotification>([
    { type: 'hashing', hashedBytes: 0, totalBytes: 20 },
    { type: 'waiting', reason: 'locked' },
    { type: 'waiting', reason: 'queued', totalBytes: 20 },
    { type: 'paused', checkpoint: null },
    { type: 'completing' },
    retrying(null),
    sending(1),
    started,
  ])('has neither the error nor the result of an attempt before: $type', (signal) => {
    for (const end of [completed, { type: 'failed', error } as const]) {
      expect(fold(started, end, signal)).toMatchObject({ error: null, result: null });
    }
  });

  it('has the error of an attempt that fails at once, after one that has completed', () => {
    const failed: UploadNotification = { type: 'failed', error };
    expect(fold(started, completed, failed)).toMatchObject({ status: 'failed', error, result: null });
    expect(fold(started, failed, completed)).toMatchObject({ status: 'completed', error: null });
  });

  it('has all bytes of a file available while it is hashed', () => {
    const hashing: UploadNotification = { type: 'hashing', hashedBytes: 5, totalBytes: 20 };
    expect(fold(hashing)).toMatchObject({ totalBytes: 20, availableBytes: 20, fraction: 0, status: 'starting' });
  });
});
