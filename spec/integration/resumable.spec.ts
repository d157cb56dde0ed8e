import { BehaviorSubject, concat, EMPTY, from, NEVER, of, Subject, throwError, type Observable } from 'rxjs';
import { TestScheduler } from 'rxjs/testing';
import {
  resumable$,
  toUploadSnapshot,
  type UploadCheckpoint,
  type UploadEvent,
  type UploadNotification,
  type UploadSnapshot,
} from 'rx-obs-upload';
import { fakeSource } from 'rx-obs-upload/testing';
import { expectObject, PART, uploadWorld } from '../support/upload-world.js';
import { at, record, runVirtually, type Recording } from '../support/virtual-time.js';

function inMarbles(spec: (scheduler: TestScheduler) => void): void {
  const scheduler = new TestScheduler((actual, expected) => expect(actual).toEqual(expected));
  scheduler.run(() => spec(scheduler));
}

const paused = { t: true, f: false };
const checkpoint = { uploadId: 'u' } as UploadCheckpoint;
const events: Record<string, UploadEvent> = {
  c: { type: 'checkpoint', checkpoint },
  m: { type: 'completing' },
  d: { type: 'completed', result: { etag: 'e' } } as UploadEvent,
};
const notifications: Record<string, UploadNotification> = {
  ...events,
  P: { type: 'paused', checkpoint },
  N: { type: 'paused', checkpoint: null },
};

describe('resumable$', () => {
  it.each<[what: string, paused: string, upload: string, subscriptions: string[], result: string]>([
    ['never paused', '           ----------', '-c-m-(d|)', ['^----!'], '-c-m-(d|)'],
    ['ends instantly', '         |         ', '-c-m-(d|)', ['^----!'], '-c-m-(d|)'],
    ['unpaused at once', '       f---------', '-c-m-(d|)', ['^----!'], '-c-m-(d|)'],
    ['paused and unpaused', '    --t----f--------', '-c-m-(d|)', ['^-!', '-------^----!'], '-cP-----c-m-(d|)'],
    ['paused twice in a row', '  --t-t--f--------', '-c-m-(d|)', ['^-!', '-------^----!'], '-cP-----c-m-(d|)'],
    ['paused for good', '        --t|', '-c-m-(d|)', ['^-!'], '-cP|'],
    ['ends midway', '            ----|', '-c-m-(d|)', ['^----!'], '-c-m-(d|)'],
  ])('follows paused$: %s', (_, pausedMarbles, uploadMarbles, subscriptions, result) => {
    inMarbles((scheduler) => {
      const upload$ = scheduler.createColdObservable(uploadMarbles, events);
      const paused$ = scheduler.createColdObservable(pausedMarbles.trim(), paused);
      scheduler.expectObservable(resumable$(() => upload$, { paused$ })).toBe(result, notifications);
      scheduler.expectSubscriptions(upload$.subscriptions).toBe(subscriptions);
    });
  });

  it.each<[what: string, upload: string, unsubscribed: string, result: string, subscriptions: string]>([
    ['an error', '-c-#', '------', '-c-#', '^--!'],
    ['silence', '--------', '----!', '-----', '^---!'],
    ['an unsubscribe', '-c------', '---!', '-c', '^--!'],
  ])('passes on %s', (_, uploadMarbles, unsubscribed, result, subscriptions) => {
    inMarbles((scheduler) => {
      const upload$ = scheduler.createColdObservable(uploadMarbles, events);
      scheduler
        .expectObservable(
          resumable$(() => upload$, { paused$: NEVER }),
          unsubscribed.includes('!') ? unsubscribed : undefined,
        )
        .toBe(result, notifications);
      scheduler.expectSubscriptions(upload$.subscriptions).toBe([subscriptions]);
    });
  });

  it('does not start until it is unpaused if it is paused from the start', () => {
    const paused$ = new BehaviorSubject(true);
    let starts = 0;
    const seen: string[] = [];
    resumable$(() => (starts++, of(events.d as UploadEvent)), { paused$ }).subscribe(({ type }) => seen.push(type));
    expect([starts, seen]).toEqual([0, ['paused']]);
    paused$.next(false);
    expect([starts, seen]).toEqual([1, ['paused', 'completed']]);
  });

  it('starts with null, then with the last checkpoint', () => {
    const checkpoints: (UploadCheckpoint | null)[] = [];
    const paused$ = new Subject<boolean>();
    const start = (last: UploadCheckpoint | null): Observable<UploadEvent> => {
      checkpoints.push(last);
      return concat(of<UploadEvent>({ type: 'checkpoint', checkpoint }), NEVER);
    };
    resumable$(start, { paused$ }).subscribe();
    for (const isPaused of [true, false]) paused$.next(isPaused);
    expect(checkpoints).toEqual([null, checkpoint]);
  });

  it('fails with the error of paused$, and with what start throws', () => {
    const errors: unknown[] = [];
    resumable$(() => NEVER, { paused$: throwError(() => new Error('p')) }).subscribe({
      error: (error: unknown) => errors.push(error),
    });
    const start = (): never => {
      throw new Error('s');
    };
    resumable$(start, { paused$: EMPTY }).subscribe({ error: (error: unknown) => errors.push(error) });
    expect(errors).toEqual([new Error('p'), new Error('s')]);
  });

  it('starts an upload for each subscription', () => {
    let starts = 0;
    const upload$ = resumable$(() => (starts++, NEVER), { paused$: NEVER });
    upload$.subscribe();
    upload$.subscribe();
    expect(starts).toBe(2);
  });

  it('stops the upload at once if it is paused synchronously inside next', () => {
    const paused$ = new BehaviorSubject(false);
    const seen: string[] = [];
    const start = (): Observable<UploadEvent> =>
      concat(from<UploadEvent[]>([{ type: 'checkpoint', checkpoint }, { type: 'completing' }]), NEVER);
    resumable$(start, { paused$ }).subscribe(({ type }) => {
      seen.push(type);
      if (type === 'checkpoint') paused$.next(true);
    });
    expect(seen).toEqual(['checkpoint', 'paused']);
  });

  it.each([
    ['paused', [true]],
    ['paused and resumed', [true, false]],
  ])('ends with `completed`, and starts nothing more, even if it is %s inside that next', (_, values) => {
    const paused$ = new Subject<boolean>();
    let starts = 0;
    const seen: string[] = [];
    const start = (): Observable<UploadEvent> => (starts++, of(events.m as UploadEvent, events.d as UploadEvent));
    resumable$(start, { paused$ }).subscribe({
      next: ({ type }) => {
        seen.push(type);
        if (type === 'completed') for (const isPaused of values) paused$.next(isPaused);
      },
      complete: () => seen.push('complete'),
    });
    expect([starts, seen]).toEqual([1, ['completing', 'completed', 'complete']]);
  });

  describe('with a real upload', () => {
    function run(
      pauses: readonly (readonly [number, boolean])[],
      size = 3 * PART + 1000,
    ): {
      readonly signals: Recording<UploadNotification>;
      readonly snapshots: readonly UploadSnapshot[];
      readonly world: ReturnType<typeof uploadWorld>;
    } {
      const world = uploadWorld({}, {}, fakeSource({ name: 'film.mp4', size }));
      const snapshots: UploadSnapshot[] = [];
      const recording = runVirtually<UploadNotification>(() => {
        const paused$ = new BehaviorSubject(false);
        for (const [ms, isPaused] of pauses) at(ms, () => paused$.next(isPaused));
        const upload$ = resumable$((last) => world.resume(last, { progressIntervalMs: 0 }), { paused$ });
        upload$.pipe(toUploadSnapshot()).subscribe({ error: () => undefined });
        return record(upload$);
      });
      from(recording.values)
        .pipe(toUploadSnapshot())
        .subscribe((snapshot) => snapshots.push(snapshot));
      return { signals: recording, snapshots, world };
    }

    it('completes after three pauses, and its progress never decreases', () => {
      const {
        signals: recording,
        snapshots,
        world,
      } = run([
        [5, true],
        [1000, false],
        [1180, true],
        [5000, false],
        [5060, true],
        [9000, false],
      ]);
      expect(recording.completed).toBe(true);
      expectObject(world.fake, 'film.mp4', world.file);
      expect(snapshots.map(({ status }) => status)).toContain('paused');
      let transferred = 0;
      for (const { transferredBytes } of snapshots) {
        expect(transferredBytes).toBeGreaterThanOrEqual(transferred);
        transferred = transferredBytes;
      }
      expect(snapshots.at(-1)).toMatchObject({ status: 'completed', fraction: 1 });
      // Pauses are not included.
      expect(snapshots.at(-1)?.elapsedSeconds).toBeLessThan(2);
    });

    it('sends nothing while it is paused', () => {
      const { world } = run([
        [150, true],
        [60_000, false],
      ]);
      const times = world.fake.log.map(({ at: time }) => time);
      expect(times.filter((time) => time > 150 && time < 60_000)).toEqual([]);
      expect(times.some((time) => time >= 60_000)).toBe(true);
    });
  });
});
