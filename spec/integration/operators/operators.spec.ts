import { concat, EMPTY, NEVER, of, Subject, take, throwError, type Observable } from 'rxjs';
import { TestScheduler } from 'rxjs/testing';
import {
  NetworkError,
  toUploadSnapshot,
  uploadResult,
  type UploadCheckpoint,
  type UploadEvent,
  type UploadResult,
  type UploadSnapshot,
} from 'rx-obs-upload';
import { on } from 'rx-obs-upload/testing';
import { withContext } from '../../../lib/model/errors/with-context.js';
import { uploadWorld } from '../../support/upload-world.js';
import { record, runVirtually } from '../../support/virtual-time.js';

const result: UploadResult = {
  bucket: 'b',
  key: 'k',
  location: 'https://b.obs.test/k',
  etag: 'e',
  versionId: null,
  requestId: null,
  totalBytes: 10,
  verified: 'etag',
};
const started: UploadEvent = {
  type: 'started',
  bucket: 'b',
  key: 'k',
  uploadId: 'u',
  totalBytes: 10,
  partSize: 5,
  partCount: 2,
  resumedBytes: 0,
};
const progress: UploadEvent = {
  type: 'progress',
  transferredBytes: 5,
  totalBytes: 10,
  availableBytes: 10,
  elapsedSeconds: 1,
  bytesPerSecond: 5,
};
const completed: UploadEvent = { type: 'completed', result, skipped: false };
const values = { s: started, p: progress, d: completed };

function marbles(run: Parameters<TestScheduler['run']>[0]): void {
  new TestScheduler((actual, expected) => expect(actual).toEqual(expected)).run(run);
}

function statuses(snapshot$: Observable<UploadSnapshot>): string[] {
  const seen: string[] = [];
  snapshot$.subscribe((snapshot) => seen.push(snapshot.status));
  return seen;
}

describe('uploadResult', () => {
  it('keeps the result alone', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const events = cold('  --s--p--p--(d|)', values);
      expectObservable(events.pipe(uploadResult())).toBe('-----------(r|)', { r: result });
      expectSubscriptions(events.subscriptions).toBe('^----------!');
    });
  });

  it('is empty, silent or failed where the upload is', () => {
    marbles(({ cold, expectObservable }) => {
      expectObservable(cold<UploadEvent>('--s--|', values).pipe(uploadResult())).toBe('-----|');
      expectObservable(cold<UploadEvent>('--s---', values).pipe(uploadResult())).toBe('------');
      expectObservable(cold<UploadEvent>('--s--#', values).pipe(uploadResult())).toBe('-----#');
      expectObservable(EMPTY.pipe(uploadResult())).toBe('|');
      expectObservable(NEVER.pipe(uploadResult())).toBe('');
    });
  });

  it('unsubscribes when it is unsubscribed from', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const events = cold('  --s--p--p--(d|)', values);
      expectObservable(events.pipe(uploadResult()), '---!').toBe('---');
      expectSubscriptions(events.subscriptions).toBe('^--!');
    });
  });
});

describe('toUploadSnapshot', () => {
  it('begins at once, idle, even where nothing ever comes', () => {
    expect(statuses(NEVER.pipe(toUploadSnapshot()))).toEqual(['idle']);
    expect(statuses(EMPTY.pipe(toUploadSnapshot()))).toEqual(['idle']);
  });

  it('is one snapshot an event', () => {
    expect(statuses(of(started, progress, completed).pipe(toUploadSnapshot()))).toEqual([
      'idle',
      'uploading',
      'uploading',
      'completed',
    ]);
  });

  it('turns an error into a last snapshot, with what to show and what to resume with', () => {
    const checkpoint = { uploadId: 'u', parts: [] } as unknown as UploadCheckpoint;
    const error = withContext(new NetworkError('stalled', 'No progress.', { retryable: true }), { checkpoint });
    const seen: UploadSnapshot[] = [];
    concat(
      of(started),
      throwError(() => error),
    )
      .pipe(toUploadSnapshot())
      .subscribe((snapshot) => seen.push(snapshot));
    expect(seen.at(-1)).toMatchObject({
      status: 'failed',
      checkpoint,
      error: { code: 'stalled', message: 'No progress.' },
    });
  });

  it('recognizes other errors too', () => {
    const seen: UploadSnapshot[] = [];
    throwError(() => new TypeError('boom'))
      .pipe(toUploadSnapshot())
      .subscribe((snapshot) => seen.push(snapshot));
    expect(seen.at(-1)?.error).toMatchObject({ code: 'unexpected', message: 'boom', retryable: false });
  });

  it('starts over for each subscriber', () => {
    const events = new Subject<UploadEvent>();
    const snapshot$ = events.pipe(toUploadSnapshot());
    const first = statuses(snapshot$);
    events.next(started);
    expect(statuses(snapshot$)).toEqual(['idle']);
    expect(first).toEqual(['idle', 'uploading']);
  });

  it('says nothing more to who unsubscribes inside a snapshot', () => {
    expect(statuses(of(started, progress, completed).pipe(toUploadSnapshot(), take(2)))).toEqual(['idle', 'uploading']);
  });

  it('shows an upload with a failing part from beginning to end', () => {
    const world = uploadWorld({ faults: [on('uploadPart', { partNumber: 2 }).respond(503, 'SlowDown')] });
    const seen = runVirtually(() => record(world.upload({ taskNum: 1 }).pipe(toUploadSnapshot()))).values;
    const order = seen.map((snapshot) => snapshot.status).filter((status, i, all) => status !== all[i - 1]);
    expect(order).toEqual(['idle', 'uploading', 'retrying', 'uploading', 'completing', 'completed']);
    expect(seen.find((snapshot) => snapshot.status === 'retrying')?.parts).toEqual([
      'done',
      'retrying',
      'waiting',
      'waiting',
    ]);
    expect(seen.at(-1)).toMatchObject({ fraction: 1, parts: ['done', 'done', 'done', 'done'], error: null });
    expect(JSON.parse(JSON.stringify(seen))).toEqual(seen);
  });

  it('shows a completed empty file as all of it', () => {
    const world = uploadWorld();
    const seen = runVirtually(() => record(world.upload({ sourceFile: new Blob([]) }).pipe(toUploadSnapshot()))).values;
    expect(seen.at(-1)).toMatchObject({ status: 'completed', fraction: 1, totalBytes: 0 });
  });
});
