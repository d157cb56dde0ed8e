import { resumeOnError$, uploadResult, type UploadEvent } from 'rx-obs-upload';
import { fakeCheckpointStore, on } from 'rx-obs-upload/testing';
import {
  concatMap,
  exhaustMap,
  firstValueFrom,
  lastValueFrom,
  type Observable,
  repeat,
  retry,
  share,
  shareReplay,
  switchMap,
  takeUntil,
  timeout,
  timer,
  TimeoutError,
} from 'rxjs';
import { expectUploaded, resumeAsJson, THREE_ATTEMPTS } from '../support/scenario-world.js';
import { eventsOf, lastCheckpoint, uploadWorld, type UploadWorld } from '../support/upload-world.js';
import { at, inVirtualTime, record, runVirtually, type Recording } from '../support/virtual-time.js';

const INITIATE = 'initiateMultipartUpload';

type Project = (n: number) => Observable<UploadEvent>;

/** Emits 0, then 1 while the first upload runs. */
function twice(): Observable<number> {
  return timer(0, 150).pipe(takeUntil(timer(200)));
}

/** The fourth part fails until its attempts are used up, once. */
function failingOnce(): UploadWorld {
  return uploadWorld({ faults: [on('uploadPart', { partNumber: 4, times: 3 }).reset()] });
}

/** The behavior that docs/guides/rxjs-operators.md describes. */
describe('an upload with', () => {
  it('retry restarts from the beginning and leaves the first upload on the server', () => {
    const world = failingOnce();
    const events = runVirtually(() => record(world.upload({ retry: THREE_ATTEMPTS }).pipe(retry(2))));
    expect(events.completed).toBe(true);
    expect(world.fake.arrivals(INITIATE)).toHaveLength(2);
    expect(world.fake.uploads()).toHaveLength(1);
  });

  it('retry and a checkpoint store resumes and leaves nothing behind', () => {
    const world = failingOnce();
    const checkpointStore = fakeCheckpointStore();
    const events = runVirtually(() => record(world.upload({ retry: THREE_ATTEMPTS, checkpointStore }).pipe(retry(2))));
    expect(events.completed).toBe(true);
    expect(world.fake.arrivals(INITIATE)).toHaveLength(1);
    expect(world.fake.uploads()).toEqual([]);
  });

  it('resumeOnError$ resumes and leaves nothing behind', () => {
    const world = failingOnce();
    const upload$ = resumeOnError$((last) => world.resume(last, { retry: THREE_ATTEMPTS }), { count: 2 });
    const events = runVirtually(() => record(upload$));
    expect(events.completed).toBe(true);
    expect(world.fake.arrivals(INITIATE)).toHaveLength(1);
    expect(world.fake.uploads()).toEqual([]);
  });

  it('repeat uploads the file again', () => {
    const world = uploadWorld();
    const events = runVirtually(() => record(world.upload().pipe(repeat(2))));
    expect(eventsOf(events, 'completed')).toHaveLength(2);
    expect(world.fake.arrivals(INITIATE)).toHaveLength(2);
  });

  it('firstValueFrom is cancelled at its first event, unless uploadResult is used', async () => {
    const early = uploadWorld({ latencyMs: 0, bytesPerSecond: null });
    expect((await firstValueFrom(early.upload())).type).toBe('started');
    expect(early.fake.object('film.mp4')).toBeNull();
    expect(early.fake.uploads()).toHaveLength(1);
    const late = uploadWorld({ latencyMs: 0, bytesPerSecond: null });
    expect(await firstValueFrom(late.upload().pipe(uploadResult()))).toMatchObject({ key: 'film.mp4' });
    expect(late.fake.object('film.mp4')).not.toBeNull();
  });

  it('lastValueFrom resolves with `completed` or rejects with the error', async () => {
    const { upload } = uploadWorld({ latencyMs: 0, bytesPerSecond: null });
    expect(await lastValueFrom(upload())).toMatchObject({ type: 'completed', result: { key: 'film.mp4' } });
    await expect(lastValueFrom(upload({ taskNum: 0 }))).rejects.toMatchObject({ code: 'invalid-options' });
  });

  it('shareReplay(1) is one upload, which continues without subscribers', () => {
    const world = uploadWorld();
    inVirtualTime(() => {
      const shared$ = world.upload().pipe(shareReplay({ bufferSize: 1, refCount: false }));
      for (let i = 0; i < 2; i++) shared$.pipe(takeUntil(timer(50))).subscribe();
    });
    expect(world.fake.object('film.mp4')).not.toBeNull();
    expect(world.fake.arrivals(INITIATE)).toHaveLength(1);
  });

  it.each([
    ['shareReplay with refCount', shareReplay<UploadEvent>({ bufferSize: 1, refCount: true }), 1],
    ['share', share<UploadEvent>(), 2],
  ])('%s is one upload, cancelled with its last subscriber', (_, operator, uploads) => {
    const world = uploadWorld();
    let again: Recording<UploadEvent> | null = null;
    inVirtualTime(() => {
      const cancelled$ = world.upload().pipe(operator);
      for (const ms of [50, 100]) cancelled$.pipe(takeUntil(timer(ms))).subscribe();
      const shared$ = world.upload({ key: 'b.mp4' }).pipe(operator);
      shared$.subscribe();
      at(5000, () => (again = record(shared$)));
    });
    expect(world.fake.object('film.mp4')).toBeNull();
    expect((again as Recording<UploadEvent> | null)?.values.at(-1)?.type).toBe('completed');
    // A subscriber that comes after the end sees the last event again, or starts the upload again.
    expect(world.fake.arrivals(INITIATE)).toHaveLength(1 + uploads);
  });

  it('switchMap is cancelled by the next value, and its parts stay', () => {
    const world = uploadWorld();
    const events = runVirtually(() => record(twice().pipe(switchMap((n) => world.upload({ key: `${n}.mp4` })))));
    expect(eventsOf(events, 'completed').map(({ result }) => result.key)).toEqual(['1.mp4']);
    expect(world.fake.uploads().map(({ key }) => key)).toEqual(['0.mp4']);
  });

  it.each([
    ['exhaustMap drops the values that come while it runs', (project: Project) => exhaustMap(project), ['0.mp4']],
    [
      'concatMap queues the values that come while it runs',
      (project: Project) => concatMap(project),
      ['0.mp4', '1.mp4'],
    ],
  ])('%s', (_, operator, keys) => {
    const world = uploadWorld();
    const events = runVirtually(() => record(twice().pipe(operator((n) => world.upload({ key: `${n}.mp4` })))));
    expect(eventsOf(events, 'completed').map(({ result }) => result.key)).toEqual(keys);
    expect(world.fake.uploads()).toEqual([]);
  });

  it('takeUntil is cancelled, completes without `completed`, and resumes from its last checkpoint', () => {
    const world = uploadWorld();
    const events = runVirtually(() => record(world.upload().pipe(takeUntil(timer(150)))));
    expect(events.completed).toBe(true);
    expect(eventsOf(events, 'completed')).toEqual([]);
    expectUploaded(world, resumeAsJson(world, lastCheckpoint(events)));
    expect(world.fake.arrivals(INITIATE)).toHaveLength(1);
  });

  it('timeout is cancelled with an error that has no checkpoint', () => {
    const world = uploadWorld({ faults: [on('uploadPart', { partNumber: 3 }).stall('before-body')] });
    const events = runVirtually(() => record(world.upload().pipe(timeout({ each: 5000 }))));
    expect(events.error).toBeInstanceOf(TimeoutError);
    expect(events.error).not.toHaveProperty('checkpoint');
    expectUploaded(world, resumeAsJson(world, lastCheckpoint(events)));
  });
});
