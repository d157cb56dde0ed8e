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
const signals: Record<string, UploadNotification> = {
  ...events,
  P: { type: 'paused', checkpoint },
  N: { type: 'paused', checkpoint: null },
};

describe('resumable$', () => {
  it.each<[what: string, paused: string, upload: string, subscriptions: string[], result: string]>([
    ['never paused', '           ----------', '-c-m-(d|)', ['^----!'], '-c-m-(d|)'],
    ['no word at all', '         |         ', '-c-m-(d|)', ['^----!'], '-c-m-(d|)'],
    ['unpaused at once', '       f---------', '-c-m-(d|)', ['^----!'], '-c-m-(d|)'],
    ['paused in the midst', '    --t----f--------', '-c-m-(d|)', ['^-!', '-------^----!'], '-cP-----c-m-(d|)'],
    ['paused twice in a row', '  --t-t--f--------', '-c-m-(d|)', ['^-!', '-------^----!'], '-cP-----c-m-(d|)'],
    ['paused for good', '        --t|', '-c-m-(d|)', ['^-!'], '-cP|'],
    ['its own end', '            ----|', '-c-m-(d|)', ['^----!'], '-c-m-(d|)'],
  ])('%s', (_, pausedMarbles, uploadMarbles, subscriptions, result) => {
    inMarbles((scheduler) => {
      const upload$ = scheduler.createColdObservable(uploadMarbles, events);
      const paused$ = scheduler.createColdObservable(pausedMarbles.trim(), paused);
      scheduler.expectObservable(resumable$(() => upload$, { paused$ })).toBe(result, signals);
      scheduler.expectSubscriptions(upload$.subscriptions).toBe(subscriptions);
    });
  });

  it.each<[what: string, upload: string, unsubscribed: string, result: string, subscriptions: string]>([
    ['an error', '-c-#', '------', '-c-#', '^--!'],
    ['never', '--------', '----!', '-----', '^---!'],
    ['an early end', '-c------', '---!', '-c', '^--!'],
  ])('passes on %s', (_, uploadMarbles, unsubscribed, result, subscriptions) => {
    inMarbles((scheduler) => {
      const upload$ = scheduler.createColdObservable(uploadMarbles, events);
      scheduler
        .expectObservable(
          resumable$(() => upload$, { paused$: NEVER }),
          unsubscribed.includes('!') ? unsubscribed : undefined,
        )
        .toBe(result, signals);
      scheduler.expectSubscriptions(upload$.subscriptions).toBe([subscriptions]);
    });
  });

  it('paused from the start: nothing begins until it is unpaused', () => {
    const paused$ = new BehaviorSubject(true);
    let started = 0;
    const seen: string[] = [];
    resumable$(() => (started++, of(events.d as UploadEvent)), { paused$ }).subscribe(({ type }) => seen.push(type));
    expect([started, seen]).toEqual([0, ['paused']]);
    paused$.next(false);
    expect([started, seen]).toEqual([1, ['paused', 'completed']]);
  });

  it('starts with the last checkpoint, the first time with none', () => {
    const given: (UploadCheckpoint | null)[] = [];
    const paused$ = new Subject<boolean>();
    const start = (last: UploadCheckpoint | null): Observable<UploadEvent> => {
      given.push(last);
      return concat(of<UploadEvent>({ type: 'checkpoint', checkpoint }), NEVER);
    };
    resumable$(start, { paused$ }).subscribe();
    for (const word of [true, false]) paused$.next(word);
    expect(given).toEqual([null, checkpoint]);
  });

  it('fails with what paused$ fails with, and with what start throws', () => {
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

  it('two subscriptions are two uploads', () => {
    let started = 0;
    const both$ = resumable$(() => (started++, NEVER), { paused$: NEVER });
    both$.subscribe();
    both$.subscribe();
    expect(started).toBe(2);
  });

  it('paused from inside next, synchronously: the upload stops at once', () => {
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
        for (const [ms, word] of pauses) at(ms, () => paused$.next(word));
        const upload$ = resumable$((last) => world.resume(last, { progressIntervalMs: 0 }), { paused$ });
        upload$.pipe(toUploadSnapshot()).subscribe({ error: () => undefined });
        return record(upload$);
      });
      from(recording.values)
        .pipe(toUploadSnapshot())
        .subscribe((snapshot) => snapshots.push(snapshot));
      return { signals: recording, snapshots, world };
    }

    it('paused three times: one stream, no part twice, progress and snapshot never fall', () => {
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
      let shown = 0;
      for (const { transferredBytes } of snapshots) {
        expect(transferredBytes).toBeGreaterThanOrEqual(shown);
        shown = transferredBytes;
      }
      expect(snapshots.at(-1)).toMatchObject({ status: 'completed', fraction: 1 });
      // Pauses do not count.
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
