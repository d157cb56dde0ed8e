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
import { expectObject, PART, uploadWorld, type UploadWorld } from '../support/upload-world.js';
import { at, record, runVirtually, type Recording } from '../support/virtual-time.js';

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
    ['no error', { count: 2, delay: 3 }, '-c-m-(d|)', ['^----!'], '-c-m-(d|)'],
    ['an empty one', { count: 2, delay: 3 }, '---|', ['^--!'], '---|'],
    ['an error, once', { count: 1, delay: 3 }, '-c-#', ['^--!', '------^--!'], '-c-w---c-#'],
    ['an error, twice', { count: 2, delay: 2 }, 'c#', ['^!', '---^!', '------^!'], 'cw-cw-c#'],
    ['never to be resumed', { count: 0 }, '-c-#', ['^--!'], '-c-#'],
    ['a delay of its own', { count: 1, delay: () => timer(4) }, '-#', ['^!', '-----^!'], '-w----#'],
    ['a delay without a value', { count: 9, delay: () => EMPTY }, '-#', ['^!'], '-(w#)'],
    ['a delay that never comes', { count: 9, delay: () => NEVER }, '-#', ['^!'], '-w---'],
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
  ])('is unsubscribed from %s', (_, unsubscribed, result, subscriptions) => {
    inMarbles((scheduler) => {
      const upload$ = scheduler.createColdObservable('-c-#', events, failure());
      const resumed$ = resumeOnError$(() => upload$, { count: 1, delay: 3 });
      scheduler.expectObservable(resumed$, unsubscribed).toBe(result, events);
      scheduler.expectSubscriptions(upload$.subscriptions).toBe(subscriptions);
    });
  });

  it('never is never', () => {
    inMarbles((scheduler) => {
      scheduler.expectObservable(resumeOnError$(() => NEVER, { count: 1 })).toBe('------');
    });
  });

  it('starts with null, then with the checkpoint of the error, else with the last one that came', () => {
    const given: (UploadCheckpoint | null)[] = [];
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
    resumeOnError$((last) => (given.push(last), ends[given.length - 1] ?? NEVER), {
      count: 5,
      delay: () => of(null),
    }).subscribe();
    expect(given).toEqual([null, null, checkpoint, later]);
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

  it('gives the delay the error and the number of the resume, and fails as it fails', () => {
    const asked: unknown[] = [];
    const error = failure();
    const delay = (cause: UploadError, resume: number): Observable<unknown> => {
      asked.push([cause, resume]);
      if (resume === 2) throw new Error('delay');
      return of(null);
    };
    let failed: unknown;
    resumeOnError$(() => throwError(() => error), { count: 5, delay }).subscribe({
      error: (cause: unknown) => (failed = cause),
    });
    expect(asked).toEqual([
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
  ])('an invalid %s is an error before anything starts', (option, options) => {
    let started = 0;
    let failed: unknown;
    resumeOnError$(() => (started++, NEVER), options).subscribe({ error: (cause: unknown) => (failed = cause) });
    expect(failed).toMatchObject({ name: 'InvalidOptionsError', option });
    expect(started).toBe(0);
  });

  it('is cold, and counts for each subscription by itself', () => {
    let started = 0;
    const resumed$ = resumeOnError$(() => (started++, throwError(failure)), { count: 1, delay: () => of(null) });
    expect(started).toBe(0);
    for (let i = 0; i < 2; i++) resumed$.subscribe({ error: () => undefined });
    expect(started).toBe(4);
  });

  it('starts nothing more where it is unsubscribed from inside the warning', () => {
    let [started, delayed] = [0, 0];
    const failing$ = resumeOnError$(() => (started++, throwError(failure)), {
      count: 9,
      delay: () => (delayed++, of(null)),
    });
    const stop$ = new Subject<void>();
    const seen: string[] = [];
    failing$.pipe(takeUntil(stop$)).subscribe(({ type }) => {
      seen.push(type);
      stop$.next();
    });
    expect([started, delayed, seen]).toEqual([1, 0, ['warning']]);
  });

  describe('with a real upload', () => {
    const RETRY = { maxAttempts: 1, jitter: 'none' } as const;
    const file = fakeSource({ name: 'film.mp4', size: 8 * PART });

    /** Parts fail half-way, three times. */
    function unsteady(): UploadWorld {
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
      let shown = 0;
      let seconds = 0;
      for (const signal of values) {
        if (signal.type !== 'progress') continue;
        expect(signal.transferredBytes).toBeGreaterThanOrEqual(shown);
        expect(signal.elapsedSeconds).toBeGreaterThanOrEqual(seconds);
        [shown, seconds] = [signal.transferredBytes, signal.elapsedSeconds];
      }
      expect(shown).toBe(file.size);
    }

    it('no part is sent twice, none is left behind, progress never falls', () => {
      const world = unsteady();
      const upload$ = resumeOnError$((last) => world.resume(last, { retry: RETRY, progressIntervalMs: 0 }), {
        count: 3,
      });
      const events = runVirtually<UploadNotification>(() => record(upload$));
      expectOneUpload(world, events);
      expect(events.values.filter(({ type }) => type === 'warning')).toHaveLength(3);
    });

    it('fails with the error after the last resume, which can still be resumed', () => {
      const world = unsteady();
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
      const world = unsteady();
      const events = runVirtually<UploadNotification>(() => {
        const paused$ = new BehaviorSubject(false);
        for (const [ms, word] of [
          [80, true],
          [5000, false],
          [5900, true],
          [9000, false],
        ] as const) {
          at(ms, () => paused$.next(word));
        }
        return record(start(world, paused$));
      });
      expectOneUpload(world, events);
      expect(events.values.filter(({ type }) => type === 'paused')).toHaveLength(2);
    });
  });
});
