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
import { withContext } from '../../../lib/model/errors/upload-error.js';
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

function inMarbles(run: Parameters<TestScheduler['run']>[0]): void {
  new TestScheduler((actual, expected) => expect(actual).toEqual(expected)).run(run);
}

function statuses(snapshot$: Observable<UploadSnapshot>): string[] {
  const emitted: string[] = [];
  snapshot$.subscribe((snapshot) => emitted.push(snapshot.status));
  return emitted;
}

describe('uploadResult', () => {
  it('emits only the result', () => {
    inMarbles(({ cold, expectObservable, expectSubscriptions }) => {
      const events = cold('  --s--p--p--(d|)', values);
      expectObservable(events.pipe(uploadResult())).toBe('-----------(r|)', { r: result });
      expectSubscriptions(events.subscriptions).toBe('^----------!');
    });
  });

  it('completes, fails or never emits as the upload does', () => {
    inMarbles(({ cold, expectObservable }) => {
      expectObservable(cold<UploadEvent>('--s--|', values).pipe(uploadResult())).toBe('-----|');
      expectObservable(cold<UploadEvent>('--s---', values).pipe(uploadResult())).toBe('------');
      expectObservable(cold<UploadEvent>('--s--#', values).pipe(uploadResult())).toBe('-----#');
      expectObservable(EMPTY.pipe(uploadResult())).toBe('|');
      expectObservable(NEVER.pipe(uploadResult())).toBe('');
    });
  });

  it('unsubscribes from the upload', () => {
    inMarbles(({ cold, expectObservable, expectSubscriptions }) => {
      const events = cold('  --s--p--p--(d|)', values);
      expectObservable(events.pipe(uploadResult()), '---!').toBe('---');
      expectSubscriptions(events.subscriptions).toBe('^--!');
    });
  });
});

describe('toUploadSnapshot', () => {
  it('emits an idle snapshot at once, even without any event', () => {
    expect(statuses(NEVER.pipe(toUploadSnapshot()))).toEqual(['idle']);
    expect(statuses(EMPTY.pipe(toUploadSnapshot()))).toEqual(['idle']);
  });

  it('emits a snapshot for each event', () => {
    expect(statuses(of(started, progress, completed).pipe(toUploadSnapshot()))).toEqual([
      'idle',
      'uploading',
      'uploading',
      'completed',
    ]);
  });

  it('turns an error into a last snapshot with the error and the checkpoint', () => {
    const checkpoint = { uploadId: 'u', parts: [] } as unknown as UploadCheckpoint;
    const error = withContext(new NetworkError('stalled', 'No progress.', { retryable: true }), { checkpoint });
    const snapshots: UploadSnapshot[] = [];
    concat(
      of(started),
      throwError(() => error),
    )
      .pipe(toUploadSnapshot())
      .subscribe((snapshot) => snapshots.push(snapshot));
    expect(snapshots.at(-1)).toMatchObject({
      status: 'failed',
      checkpoint,
      error: { code: 'stalled', message: 'No progress.' },
    });
  });

  it('turns any other error into an unexpected error', () => {
    const snapshots: UploadSnapshot[] = [];
    throwError(() => new TypeError('boom'))
      .pipe(toUploadSnapshot())
      .subscribe((snapshot) => snapshots.push(snapshot));
    expect(snapshots.at(-1)?.error).toMatchObject({ code: 'unexpected', message: 'boom', retryable: false });
  });

  it('starts again for each subscriber', () => {
    const events = new Subject<UploadEvent>();
    const snapshot$ = events.pipe(toUploadSnapshot());
    const first = statuses(snapshot$);
    events.next(started);
    expect(statuses(snapshot$)).toEqual(['idle']);
    expect(first).toEqual(['idle', 'uploading']);
  });

  it('emits nothing more after an unsubscribe inside a snapshot', () => {
    expect(statuses(of(started, progress, completed).pipe(toUploadSnapshot(), take(2)))).toEqual(['idle', 'uploading']);
  });

  it('shows all states of an upload with a failing part', () => {
    const world = uploadWorld({ faults: [on('uploadPart', { partNumber: 2 }).respond(503, 'SlowDown')] });
    const snapshots = runVirtually(() => record(world.upload({ taskNum: 1 }).pipe(toUploadSnapshot()))).values;
    const order = snapshots.map((snapshot) => snapshot.status).filter((status, i, all) => status !== all[i - 1]);
    expect(order).toEqual(['idle', 'uploading', 'retrying', 'uploading', 'completing', 'completed']);
    expect(snapshots.find((snapshot) => snapshot.status === 'retrying')?.parts).toEqual([
      'done',
      'retrying',
      'waiting',
      'waiting',
    ]);
    expect(snapshots.at(-1)).toMatchObject({ fraction: 1, parts: ['done', 'done', 'done', 'done'], error: null });
    expect(JSON.parse(JSON.stringify(snapshots))).toEqual(snapshots);
  });

  it('has a fraction of 1 for a completed empty file', () => {
    const world = uploadWorld();
    const snapshots = runVirtually(() =>
      record(world.upload({ sourceFile: new Blob([]) }).pipe(toUploadSnapshot())),
    ).values;
    expect(snapshots.at(-1)).toMatchObject({ status: 'completed', fraction: 1, totalBytes: 0 });
  });
});
