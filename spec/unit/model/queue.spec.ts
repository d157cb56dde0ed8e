import type { UploadCheckpoint } from '../../../lib/model/checkpoint.js';
import type { UploadErrorInfo } from '../../../lib/model/error-info.js';
import { emptyQueue, type QueueSnapshot } from '../../../lib/model/queue.js';
import { reduceQueue } from '../../../lib/model/reduce-queue.js';
import type { UploadNotification } from '../../../lib/model/event.js';
import { withoutFiles } from '../../../lib/model/without-files.js';

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

function ofA(...signals: readonly UploadNotification[]): QueueSnapshot {
  return after(...signals.map((signal) => ['a', signal] as const));
}

describe('reduceQueue', () => {
  it('does not let the progress of a file fall that resumes with less', () => {
    const goingOn = [queued, started, sent(55), paused, queued, { ...started, resumedBytes: 40 }] as const;
    expect(ofA(...goingOn, sent(42)).transferredBytes).toBe(55);
    expect(ofA(...goingOn, sent(60)).transferredBytes).toBe(60);
    expect(ofA(...goingOn, sent(60), restarted, started, sent(5)).transferredBytes).toBe(5);
  });

  it('starts over with a file that was completed', () => {
    const again = ofA(queued, started, sent(100), { type: 'completed', result, skipped: false }, queued);
    expect(again).toMatchObject({ transferredBytes: 0, totalBytes: 100, fraction: 0 });
    expect(again.files[0]?.upload.result).toBeNull();
  });

  it('resumes from what is left of a file that failed', () => {
    const error = { message: 'Gone.', checkpoint } as UploadErrorInfo;
    const failed = [queued, started, sent(55), { type: 'failed', error }] as const;
    const again = ofA(...failed, queued);
    expect(again).toMatchObject({ transferredBytes: 10, totalBytes: 100, fraction: 0.1 });
    expect(again.files[0]?.upload).toMatchObject({ status: 'waiting', error: null, checkpoint });
    expect(ofA(...failed, queued, { ...started, resumedBytes: 10 }, sent(12)).transferredBytes).toBe(12);
  });
});

describe('withoutFiles', () => {
  it('is as if they had never been there', () => {
    const both = after(['a', queued], ['a', started], ['a', sent(30)], ['b', queued], ['c', queued]);
    expect(withoutFiles(both, new Set(['a', 'unknown']))).toEqual(after(['b', queued], ['c', queued]));
    expect(withoutFiles(both, new Set(['a', 'b', 'c']))).toEqual(emptyQueue);
    expect(both.files).toHaveLength(3);
  });
});
