import type { UploadCheckpoint } from '../../../../lib/model/checkpoint/checkpoint.js';
import type { UploadErrorInfo } from '../../../../lib/model/upload/error-info.js';
import { emptyQueue, type QueueSnapshot } from '../../../../lib/model/queue/queue.js';
import { reduceQueue, withoutFiles } from '../../../../lib/model/queue/reduce-queue.js';
import type { UploadNotification } from '../../../../lib/model/upload/event.js';

const started: UploadNotification = {
  type: 'started',
  bucket: 'media',
  key: 'a',
  uploadId: 'u',
  totalBytes: 100,
  partSize: 10,
  partCount: 10,
  resumedBytes: 0,
};
const queued: UploadNotification = { type: 'waiting', reason: 'queued', totalBytes: 100 };
const sent = (transferredBytes: number): UploadNotification => ({
  type: 'progress',
  transferredBytes,
  totalBytes: 100,
  availableBytes: 100,
  elapsedSeconds: 1,
  bytesPerSecond: 10,
});
const paused: UploadNotification = { type: 'paused', checkpoint: null };
const checkpoint: UploadCheckpoint = {
  version: 1,
  server: 'http://127.0.0.1:8642',
  bucket: 'media',
  key: 'a',
  uploadId: 'u',
  partSize: 10,
  file: { name: 'a', size: 100, lastModified: 1, sample: 's' },
  object: {},
  sseCustomerKeyMd5: null,
  parts: [{ partNumber: 2, size: 10, etag: 'e' }],
};
const restarted: UploadNotification = { type: 'restarted', reason: 'upload-gone', lostBytes: 55 };
const result = {
  bucket: 'media',
  key: 'a',
  location: '',
  etag: '',
  versionId: null,
  requestId: null,
  totalBytes: 100,
  verified: 'size',
} as const;

function after(...signals: readonly (readonly [id: string, signal: UploadNotification])[]): QueueSnapshot {
  return signals.reduce((queue, [id, signal]) => reduceQueue(queue, { id, signal }), emptyQueue);
}

function afterA(...signals: readonly UploadNotification[]): QueueSnapshot {
  return after(...signals.map((signal) => ['a', signal] as const));
}

describe('reduceQueue', () => {
  it('does not lower the progress of a file that resumes with fewer bytes', () => {
    const resumed = [queued, started, sent(55), paused, queued, { ...started, resumedBytes: 40 }] as const;
    expect(afterA(...resumed, sent(42)).transferredBytes).toBe(55);
    expect(afterA(...resumed, sent(60)).transferredBytes).toBe(60);
    expect(afterA(...resumed, sent(60), restarted, started, sent(5)).transferredBytes).toBe(5);
  });

  it('starts over with a completed file that is queued again', () => {
    const requeued = afterA(queued, started, sent(100), { type: 'completed', result, skipped: false }, queued);
    expect(requeued).toMatchObject({ transferredBytes: 0, totalBytes: 100, fraction: 0 });
    expect(requeued.files[0]?.upload).toMatchObject({ elapsedSeconds: 0, result: null });
  });

  it('resumes a failed file from its checkpoint', () => {
    const error = { message: 'Gone.', checkpoint } as UploadErrorInfo;
    const failed = [queued, started, sent(55), { type: 'failed', error }] as const;
    const requeued = afterA(...failed, queued);
    expect(requeued).toMatchObject({ transferredBytes: 10, totalBytes: 100, fraction: 0.1 });
    expect(requeued.files[0]?.upload).toMatchObject({ status: 'waiting', error: null, elapsedSeconds: 1, checkpoint });
    expect(afterA(...failed, queued, { ...started, resumedBytes: 10 }, sent(12)).transferredBytes).toBe(12);
  });
});

describe('withoutFiles', () => {
  it('is the queue as if it had never had the files', () => {
    const both = after(['a', queued], ['a', started], ['a', sent(30)], ['b', queued], ['c', queued]);
    expect(withoutFiles(both, new Set(['a', 'unknown']))).toEqual(after(['b', queued], ['c', queued]));
    expect(withoutFiles(both, new Set(['a', 'b', 'c']))).toEqual(emptyQueue);
    expect(both.files).toHaveLength(3);
  });
});
