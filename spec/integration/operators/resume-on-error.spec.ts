import {
  BehaviorSubject,
  concat,
  EMPTY,
  NEVER,
  of,
  Subject,
  takeUntil,
  throwError,
  timer,
  type Observable,
} from 'rxjs';
import { TestScheduler } from 'rxjs/testing';
import {
  NetworkError,
  resumable$,
  resumeOnError$,
  SourceError,
  toUploadErrorInfo,
  type ResumeOnErrorOptions,
  type UploadCheckpoint,
  type UploadError,
  type UploadEvent,
  type UploadNotification,
} from 'rx-obs-upload';
import { fakeSource, on } from 'rx-obs-upload/testing';
import { expectObject, PART, uploadWorld, type UploadWorld } from '../../support/upload-world.js';
import { at, record, runVirtually, type Recording } from '../../support/virtual-time.js';

function inMarbles(spec: (scheduler: TestScheduler) => void): void {
  const scheduler = new TestScheduler((actual, expected) => expect(actual).toEqual(expected));
  scheduler.run(() => spec(scheduler));
}

const checkpoint = { uploadId: 'u' } as UploadCheckpoint;
const failure = (): UploadError =>
  Object.assign(new NetworkError('network', 'The network failed.', { retryable: true }), { checkpoint });
const events: Record<string, UploadEvent> = {
  c: { type: 'checkpoint', checkpoint },
  m: { type: 'completing' },
  d: { type: 'completed', result: { etag: 'e' } } as UploadEvent,
  w: { type: 'warning', error: toUploadErrorInfo(failure()) },
};

describe('resumeOnError$', () => {
  it.each<[what: string, options: ResumeOnErrorOptions, upload: string, subscriptions: string[], result: string]>([
    ['does nothing without an error', { count: 2, delay: 3 }, '-c-m-(d|)', ['^----!'], '-c-m-(d|)'],
    ['completes with an empty upload', { count: 2, delay: 3 }, '---|', ['^--!'], '---|'],
    ['resumes once', { count: 1, delay: 3 }, '-c-#', ['^--!', '------^--!'], '-c-w---c-#'],
    ['resumes twice', { count: 2, delay: 2 }, 'c#', ['^!', '---^!', '------^!'], 'cw-cw-c#'],
    ['does not resume with count: 0', { count: 0 }, '-c-#', ['^--!'], '-c-#'],
    ['waits for a delay function', { count: 1, delay: () => timer(4) }, '-#', ['^!', '-----^!'], '-w----#'],
    ['fails if the delay completes without a value', { count: 9, delay: () => EMPTY }, '-#', ['^!'], '-(w#)'],
    ['does not resume if the delay never emits', { count: 9, delay: () => NEVER }, '-#', ['^!'], '-w---'],
  ])('%s', (_, options, uploadMarbles, subscriptions, result) => {
    inMarbles((scheduler) => {
      const error = failure();
      const upload$ = scheduler.createColdObservable(uploadMarbles, events, error);
      scheduler.expectObservable(resumeOnError$(() => upload$, options)).toBe(result, events, error);
      scheduler.expectSubscriptions(upload$.subscriptions).toBe(subscriptions);
    });
  });

  it.each<[what: string, unsubscribed: string, result: string, subscriptions: string[]]>([
    ['while it runs', '--!', '-c', ['^-!']],
    ['while it waits', '-----!', '-c-w-', ['^--!']],
    ['after it was resumed', '--------!', '-c-w---c', ['^--!', '------^-!']],
  ])('unsubscribes from the upload %s', (_, unsubscribed, result, subscriptions) => {
    inMarbles((scheduler) => {
      const upload$ = scheduler.createColdObservable('-c-#', events, failure());
      const resumed$ = resumeOnError$(() => upload$, { count: 1, delay: 3 });
      scheduler.expectObservable(resumed$, unsubscribed).toBe(result, events);
      scheduler.expectSubscriptions(upload$.subscriptions).toBe(subscriptions);
    });
  });

  it('never emits if the upload never emits', () => {
    inMarbles((scheduler) => {
      scheduler.expectObservable(resumeOnError$(() => NEVER, { count: 1 })).toBe('------');
    });
  });

  it('starts with null, then with the checkpoint of the error, or else the last one emitted', () => {
    const checkpoints: (UploadCheckpoint | null)[] = [];
    const lost = new NetworkError('network', 'The network failed.', { retryable: true });
    const later = { uploadId: 'later' } as UploadCheckpoint;
    const ends: Observable<UploadEvent>[] = [
      throwError(() => lost),
      concat(
        of(events.c as UploadEvent),
        throwError(() => lost),
      ),
      throwError(() => Object.assign(failure(), { checkpoint: later })),
      EMPTY,
    ];
    resumeOnError$((last) => (checkpoints.push(last), ends[checkpoints.length - 1] ?? NEVER), {
      count: 5,
      delay: () => of(null),
    }).subscribe();
    expect(checkpoints).toEqual([null, null, checkpoint, later]);
  });

  it.each<[what: string, error: unknown]>([
    ['that is not resumable', new SourceError('source-changed', 'Another file.', { resumable: false })],
    ['that is not of this library', new Error('mine')],
  ])('passes on an error %s at once', (_, error) => {
    const errors: unknown[] = [];
    const resumed$ = resumeOnError$(() => throwError(() => error), { count: 5 });
    resumed$.subscribe({ error: (cause: unknown) => errors.push(cause) });
    expect(errors).toEqual([error]);
  });

  it('passes the error and the number of the resume to delay, and fails if delay throws', () => {
    const delayCalls: unknown[] = [];
    const error = failure();
    const delay = (cause: UploadError, resume: number): Observable<unknown> => {
      delayCalls.push([cause, resume]);
      if (resume === 2) throw new Error('delay');
      return of(null);
    };
    let failed: unknown;
    resumeOnError$(() => throwError(() => error), { count: 5, delay }).subscribe({
      error: (cause: unknown) => (failed = cause),
    });
    expect(delayCalls).toEqual([
      [error, 1],
      [error, 2],
    ]);
    expect(failed).toEqual(new Error('delay'));
  });

  it.each([
    ['count', { count: -1 }],
    ['count', { count: 1.5 }],
    ['count', {} as ResumeOnErrorOptions],
    ['delay', { count: 1, delay: -1 }],
  ])('fails for an invalid %s before anything starts', (option, options) => {
    let starts = 0;
    let failed: unknown;
    resumeOnError$(() => (starts++, NEVER), options).subscribe({ error: (cause: unknown) => (failed = cause) });
    expect(failed).toMatchObject({ name: 'InvalidOptionsError', option });
    expect(starts).toBe(0);
  });

  it('is cold, and counts separately for each subscription', () => {
    let starts = 0;
    const resumed$ = resumeOnError$(() => (starts++, throwError(failure)), { count: 1, delay: () => of(null) });
    expect(starts).toBe(0);
    for (let i = 0; i < 2; i++) resumed$.subscribe({ error: () => undefined });
    expect(starts).toBe(4);
  });

  it('does not start again after an unsubscribe inside the warning', () => {
    let [starts, delayed] = [0, 0];
    const resumed$ = resumeOnError$(() => (starts++, throwError(failure)), {
      count: 9,
      delay: () => (delayed++, of(null)),
    });
    const stop$ = new Subject<void>();
    const seen: string[] = [];
    resumed$.pipe(takeUntil(stop$)).subscribe(({ type }) => {
      seen.push(type);
      stop$.next();
    });
    expect([starts, delayed, seen]).toEqual([1, 0, ['warning']]);
  });

  describe('with a real upload', () => {
    const RETRY = { maxAttempts: 1, jitter: 'none' } as const;
    const file = fakeSource({ name: 'film.mp4', size: 8 * PART });

    /** Three parts fail half-way. */
    function createUnstableWorld(): UploadWorld {
      const faults = [3, 5, 8].map((arrival) => on('uploadPart', { arrival }).reset({ afterBytes: PART / 2 }));
      return uploadWorld({ faults }, {}, file);
    }

    function expectOneUpload(world: UploadWorld, { values, completed }: Recording<UploadNotification>): void {
      expect(completed).toBe(true);
      expectObject(world.fake, 'film.mp4', file);
      expect(world.fake.arrivals('initiateMultipartUpload')).toHaveLength(1);
      expect(world.fake.uploads()).toEqual([]);
      const parts = world.fake.arrivals('uploadPart').filter(({ status }) => status === 200);
      expect(new Set(parts.map(({ partNumber }) => partNumber)).size).toBe(parts.length);
      let transferred = 0;
      let seconds = 0;
      for (const notification of values) {
        if (notification.type !== 'progress') continue;
        expect(notification.transferredBytes).toBeGreaterThanOrEqual(transferred);
        expect(notification.elapsedSeconds).toBeGreaterThanOrEqual(seconds);
        [transferred, seconds] = [notification.transferredBytes, notification.elapsedSeconds];
      }
      expect(transferred).toBe(file.size);
    }

    it('sends no part twice, leaves none behind, and its progress never decreases', () => {
      const world = createUnstableWorld();
      const upload$ = resumeOnError$((last) => world.resume(last, { retry: RETRY, progressIntervalMs: 0 }), {
        count: 3,
      });
      const events = runVirtually<UploadNotification>(() => record(upload$));
      expectOneUpload(world, events);
      expect(events.values.filter(({ type }) => type === 'warning')).toHaveLength(3);
    });

    it('fails after the last resume with an error that is still resumable', () => {
      const world = createUnstableWorld();
      const upload$ = resumeOnError$((last) => world.resume(last, { retry: RETRY }), { count: 2 });
      const { error } = runVirtually(() => record(upload$));
      expect(error).toMatchObject({ code: 'network', resumable: true });
      expectOneUpload(
        world,
        runVirtually(() => record(world.resume((error as UploadError).checkpoint))),
      );
    });

    it.each<
      [order: string, start: (world: UploadWorld, paused$: Observable<boolean>) => Observable<UploadNotification>]
    >([
      [
        'inside resumable$',
        (world, paused$) =>
          resumable$(
            (paused) =>
              resumeOnError$((failed) => world.resume(failed ?? paused, { retry: RETRY, progressIntervalMs: 0 }), {
                count: 3,
              }),
            { paused$ },
          ),
      ],
      [
        'around resumable$',
        (world, paused$) =>
          resumeOnError$(
            (failed) =>
              resumable$((paused) => world.resume(paused ?? failed, { retry: RETRY, progressIntervalMs: 0 }), {
                paused$,
              }),
            { count: 3 },
          ),
      ],
    ])('can be paused: %s', (_, start) => {
      const world = createUnstableWorld();
      const events = runVirtually<UploadNotification>(() => {
        const paused$ = new BehaviorSubject(false);
        for (const [ms, isPaused] of [
          [80, true],
          [5000, false],
          [5900, true],
          [9000, false],
        ] as const) {
          at(ms, () => paused$.next(isPaused));
        }
        return record(start(world, paused$));
      });
      expectOneUpload(world, events);
      expect(events.values.filter(({ type }) => type === 'paused')).toHaveLength(2);
    });
  });
});
