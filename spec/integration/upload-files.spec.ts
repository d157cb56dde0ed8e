import { concat, EMPTY, from, map, NEVER, of, Subject, tap, throwError, timer, type Observable } from 'rxjs';
import {
  createObsConnection,
  toQueueSnapshot,
  uploadFiles$,
  type ObsConnectionOptions,
  type QueuedRequest,
  type QueueNotification,
  type QueueSnapshot,
  type UploadFilesOptions,
  type UploadOptions,
} from 'rx-obs-upload';
import { createFakeObs, fakeSource, on, type FakeObs, type FakeObsOptions } from 'rx-obs-upload/testing';
import { KIB, PART } from '../support/upload-world.js';
import { at, record, runVirtually, type Recording } from '../support/virtual-time.js';

interface World {
  readonly fake: FakeObs;
  upload(requests$: Observable<QueuedRequest>, options?: UploadFilesOptions): Observable<QueueNotification>;
}

function createWorld(options: FakeObsOptions = {}, connection: Partial<ObsConnectionOptions> = {}): World {
  const fake = createFakeObs({ latencyMs: 10, bytesPerSecond: 1024 * 1000, etags: 'fast', ...options });
  const { server, credentials, transport } = fake;
  const obs = createObsConnection({ server, credentials, transport, ...connection } as ObsConnectionOptions);
  return { fake, upload: (requests$, filesOptions) => uploadFiles$(obs, requests$, filesOptions) };
}

function request(
  id: string,
  size = 1000,
  overrides: Partial<UploadOptions> & { readonly key?: string } = {},
): QueuedRequest & { readonly bucket: string; readonly key: string } {
  const sourceFile = fakeSource({ name: id, size });
  return {
    id,
    bucket: 'media',
    key: id,
    sourceFile,
    partSize: PART,
    retry: { jitter: 'none' },
    ...overrides,
  };
}

function files(count: number, size?: number): Observable<QueuedRequest> {
  return from(Array.from({ length: count }, (_, i) => request(`f${i}`, size)));
}

/** The types of the signals of one file. */
function typesOf(notifications: Recording<QueueNotification>, id: string): string[] {
  return notifications.values.filter((notification) => notification.id === id).map(({ signal }) => signal.type);
}

function completedKeys({ fake }: World): string[] {
  return fake
    .arrivals('putObject')
    .filter(({ status }) => status === 200)
    .map(({ key }) => key ?? '');
}

describe('uploadFiles$', () => {
  it('emits the signals of each file with its id, and completes when all files are done', () => {
    const world = createWorld();
    const notifications = runVirtually(() => record(world.upload(files(5), { filesAtOnce: 2 })));
    expect(notifications.completed).toBe(true);
    for (let i = 0; i < 5; i++) {
      const types = typesOf(notifications, `f${i}`);
      expect([types[0], types[1], types.at(-1)]).toEqual(['waiting', 'started', 'completed']);
    }
    expect(completedKeys(world)).toEqual(['f0', 'f1', 'f2', 'f3', 'f4']);
    expect(world.fake.maxInFlight('putObject')).toBe(2);
  });

  it('emits the sizes of all queued files at once', () => {
    const notifications = runVirtually(() => record(createWorld().upload(files(3, 5000), { filesAtOnce: 1 })));
    expect(
      notifications.values.filter((_, i) => notifications.times[i] === 0).map(({ id, signal }) => [id, signal]),
    ).toEqual(
      expect.arrayContaining(
        ['f0', 'f1', 'f2'].map((id) => [id, { type: 'waiting', reason: 'queued', totalBytes: 5000 }]),
      ),
    );
  });

  it('continues with the other files after one fails', () => {
    const fault = on('putObject', { when: ({ key }) => key === 'f1' }).respond(403, 'AccessDenied');
    const notifications = runVirtually(() => record(createWorld({ faults: [fault] }).upload(files(4))));
    expect(fault.fired).toBe(1);
    expect(notifications.completed).toBe(true);
    expect(typesOf(notifications, 'f1').at(-1)).toBe('failed');
    for (const id of ['f0', 'f2', 'f3']) expect(typesOf(notifications, id).at(-1)).toBe('completed');
  });

  it.each<[what: string, given: Partial<Record<keyof QueuedRequest, unknown>>]>([
    ['no file', { sourceFile: undefined }],
    ['no bucket', { bucket: '' }],
    ['an invalid part size', { partSize: -1 }],
  ])('emits failed for a request with %s', (_, given) => {
    const wrong = { ...request('wrong'), ...given } as QueuedRequest;
    const notifications = runVirtually(() => record(createWorld().upload(of(wrong, request('right')))));
    expect(notifications.values.find(({ signal }) => signal.type === 'failed')).toMatchObject({
      id: 'wrong',
      signal: { error: { code: 'invalid-options' } },
    });
    expect(typesOf(notifications, 'right').at(-1)).toBe('completed');
  });

  it('rejects a second file with an id that is in use, and uploads the first', () => {
    const world = createWorld();
    const second = { ...request('a'), key: 'other' };
    const notifications = runVirtually(() => record(world.upload(of(request('a'), second, request('b')))));
    const failed = notifications.values.filter(({ signal }) => signal.type === 'failed');
    expect(failed).toEqual([
      {
        id: 'a',
        signal: { type: 'failed', error: expect.objectContaining({ code: 'invalid-options', retryable: false }) },
      },
    ]);
    expect(failed[0]?.signal).toMatchObject({ error: { message: expect.stringContaining('id "a"') } });
    expect(typesOf(notifications, 'a').at(-1)).toBe('completed');
    expect(completedKeys(world)).toEqual(['a', 'b']);
    expect(notifications.completed).toBe(true);
  });

  it.each<[end: QueueNotification['signal']['type'], options: FakeObsOptions]>([
    ['completed', {}],
    ['failed', { faults: [on('putObject', { times: 1 }).respond(403, 'AccessDenied')] }],
  ])('accepts an id again as soon as its upload has %s', (end, options) => {
    const world = createWorld(options);
    const notifications = runVirtually(() => {
      const requests$ = new Subject<QueuedRequest>();
      const recording = record(
        world.upload(requests$).pipe(
          tap(({ signal }) => {
            if (signal.type !== end || requests$.closed) return;
            requests$.next({ ...request('a'), key: 'again' });
            requests$.complete();
          }),
        ),
      );
      requests$.next(request('a'));
      return recording;
    });
    expect(completedKeys(world)).toContain('again');
    expect(typesOf(notifications, 'a').at(-1)).toBe('completed');
    expect(notifications.completed).toBe(true);
  });

  it('accepts an id again after it was cancelled', () => {
    const world = createWorld();
    const notifications = runVirtually(() => {
      const requests$ = new Subject<QueuedRequest>();
      const cancel$ = new Subject<string>();
      at(0, () => requests$.next(request('a', 50 * KIB)));
      at(5, () => cancel$.next('a'));
      at(6, () => requests$.next(request('a')));
      at(7, () => requests$.next(request('a')));
      at(1000, () => requests$.complete());
      return record(world.upload(requests$, { cancel$ }));
    });
    expect(typesOf(notifications, 'a').filter((type) => /^(?:paused|failed|completed)$/.test(type))).toEqual([
      'paused',
      'failed',
      'completed',
    ]);
  });

  it('accepts files while it runs, and after an idle period', () => {
    const world = createWorld();
    const notifications = runVirtually(() => {
      const requests$ = new Subject<QueuedRequest>();
      at(0, () => requests$.next(request('a', 50 * KIB)));
      at(20, () => requests$.next(request('b')));
      at(5000, () => requests$.next(request('c')));
      at(6000, () => requests$.complete());
      return record(world.upload(requests$));
    });
    expect(notifications.completed).toBe(true);
    expect(completedKeys(world).sort()).toEqual(['a', 'b', 'c']);
  });

  it('cancels single files, running or queued, while the others continue', () => {
    const world = createWorld();
    const big = request('big', 5 * PART, { taskNum: 2 });
    const notifications = runVirtually(() => {
      const cancel$ = new Subject<string>();
      at(125, () => cancel$.next('big'));
      at(125, () => cancel$.next('f1'));
      return record(world.upload(concat(of(big), files(3)), { filesAtOnce: 1, cancel$ }));
    });
    expect(notifications.completed).toBe(true);
    expect(typesOf(notifications, 'big').at(-1)).toBe('paused');
    expect(typesOf(notifications, 'f1')).toEqual(['waiting', 'paused']);
    expect(completedKeys(world)).toEqual(['f0', 'f2']);
    const last = notifications.values.filter(({ id }) => id === 'big').at(-1)?.signal;
    expect(last).toMatchObject({ type: 'paused', checkpoint: { key: 'big', parts: [{}, {}] } });
    expect(world.fake.uploads()).toHaveLength(1);
  });

  it('resumes a cancelled file from its checkpoint', () => {
    const world = createWorld();
    const big = request('big', 5 * PART, { taskNum: 2 });
    const notifications = runVirtually(() => {
      const requests$ = new Subject<QueuedRequest>();
      const cancel$ = new Subject<string>();
      const recording = record(world.upload(requests$, { cancel$ }));
      requests$.next(big);
      at(125, () => cancel$.next('big'));
      at(500, () => {
        const last = recording.values.at(-1)?.signal;
        if (last?.type === 'paused') requests$.next({ ...big, uploadCheckpoint: last.checkpoint });
        requests$.complete();
      });
      return recording;
    });
    expect(typesOf(notifications, 'big').at(-1)).toBe('completed');
    const started = notifications.values.map(({ signal }) => signal).filter((signal) => signal.type === 'started');
    expect(started.map(({ resumedBytes }) => resumedBytes)).toEqual([0, 2 * PART]);
  });

  it('aborts all files at once when it is unsubscribed', () => {
    const world = createWorld();
    runVirtually(() => {
      const notifications = record(world.upload(files(10, 50 * KIB), { filesAtOnce: 4 }));
      at(30, () => notifications.unsubscribe());
      return notifications;
    });
    expect(world.fake.log).toHaveLength(4);
    expect(world.fake.log.every(({ aborted }) => aborted)).toBe(true);
  });

  it('can be cancelled synchronously inside next', () => {
    const world = createWorld();
    const cancel$ = new Subject<string>();
    const types: string[] = [];
    runVirtually(() => {
      world.upload(of(request('a')), { cancel$ }).subscribe(({ signal }) => {
        types.push(signal.type);
        if (signal.type === 'started') cancel$.next('a');
      });
      return record(EMPTY);
    });
    expect(types.slice(0, 2)).toEqual(['waiting', 'started']);
    expect(types.at(-1)).toBe('paused');
    expect(types.filter((type) => type === 'paused')).toHaveLength(1);
    expect(completedKeys(world)).toEqual([]);
  });

  it.each([
    ['completed', {}],
    ['failed', { faults: [on('putObject').respond(403, 'AccessDenied')] }],
  ] as const)('ends with %s even if the file is cancelled inside that next', (last, options) => {
    const world = createWorld(options);
    const cancel$ = new Subject<string>();
    const notifications = runVirtually(() =>
      record(
        world
          .upload(concat(of(request('a')), NEVER), { cancel$ })
          .pipe(tap(({ signal }) => (signal.type === last ? cancel$.next('a') : undefined))),
      ),
    );
    expect(typesOf(notifications, 'a').at(-1)).toBe(last);
    expect(typesOf(notifications, 'a')).not.toContain('paused');
  });

  it('is cold, completes with its requests, and fails with its inputs', () => {
    const world = createWorld();
    world.upload(files(3));
    expect(world.fake.log).toEqual([]);
    expect(runVirtually(() => record(world.upload(EMPTY))).completed).toBe(true);
    expect(runVirtually(() => record(world.upload(NEVER))).endedAt).toBeNull();
    expect(runVirtually(() => record(world.upload(throwError(() => new Error('r'))))).error).toEqual(new Error('r'));
    const cancel$ = timer(5).pipe(
      map(() => {
        throw new Error('c');
      }),
    );
    expect(runVirtually(() => record(world.upload(files(1), { cancel$ }))).error).toEqual(new Error('c'));
  });

  it.each([0, -1, 1.5, Number.NaN, '3' as never])(
    'fails with an InvalidOptionsError for filesAtOnce: %p',
    (filesAtOnce) => {
      const notifications = runVirtually(() => record(createWorld().upload(files(1), { filesAtOnce })));
      expect(notifications.error).toMatchObject({ name: 'InvalidOptionsError' });
    },
  );

  describe('with the fair pool of the connection', () => {
    it('uploads 1,000 files of 200 KB and one of 5 GB concurrently', () => {
      const world = createWorld({ bytesPerSecond: 20 * 1024 * KIB, latencyMs: 5, progressSteps: 2 });
      const giant = request('giant', 5 * 1024 * 1024 * KIB, { partSize: 9 * 1024 * KIB, taskNum: 6 });
      const share: number[] = [];
      runVirtually(() => {
        const small$ = files(1000, 200 * KIB).pipe(map((file) => ({ ...file, partSize: giant.partSize })));
        const notifications = record(world.upload(concat(of(giant), small$), { filesAtOnce: 4 }));
        for (const ms of [500, 1000, 2000]) {
          at(ms, () => share.push(world.fake.arrivals('uploadPart').length, completedKeys(world).length));
        }
        at(2001, () => notifications.unsubscribe());
        return notifications;
      });
      const [parts500 = 0, files500 = 0, parts1000 = 0, files1000 = 0, parts2000 = 0, files2000 = 0] = share;
      expect(parts1000).toBeGreaterThan(parts500);
      expect(parts2000).toBeGreaterThan(parts1000);
      expect(files1000).toBeGreaterThan(files500);
      // A free permit goes to the upload with the fewest permits: half of them to small files, which take 15 ms each.
      expect(files2000 - files1000).toBeGreaterThan(100);
      expect(world.fake.maxInFlight()).toBeLessThanOrEqual(6);
    });

    it('shares it equally between files of equal size', () => {
      const world = createWorld({ latencyMs: 10 }, { maxConcurrentRequests: 2 });
      const wide = { taskNum: 6 };
      const both$ = of(request('a', 20 * PART, wide), request('b', 20 * PART, wide));
      runVirtually(() => {
        const notifications = record(world.upload(both$));
        at(1500, () => notifications.unsubscribe());
        return notifications;
      });
      const count = (key: string): number =>
        world.fake.arrivals('uploadPart').filter((arrival) => arrival.key === key).length;
      expect(count('a')).toBeGreaterThan(5);
      expect(Math.abs(count('a') - count('b'))).toBeLessThanOrEqual(2);
    });

    it('does not let parts starve small control requests', () => {
      const world = createWorld({}, { maxConcurrentRequests: 2 });
      const late$ = timer(300).pipe(map(() => request('late', 2 * PART)));
      const notifications = runVirtually(() =>
        record(world.upload(concat(of(request('wide', 40 * PART, { taskNum: 20 })), late$))),
      );
      expect(notifications.completed).toBe(true);
      const initiated = world.fake.arrivals('initiateMultipartUpload').find(({ key }) => key === 'late');
      // It gets the first free permit: a part takes 110 ms.
      expect(initiated?.at).toBeLessThan(300 + 115);
    });
  });
});

describe('toQueueSnapshot', () => {
  function snapshots(
    requests$: Observable<QueuedRequest>,
    options?: UploadFilesOptions,
    world = createWorld(),
  ): QueueSnapshot[] {
    const recording = runVirtually(() => record(world.upload(requests$, options).pipe(toQueueSnapshot()))) as unknown;
    return [...(recording as Recording<QueueSnapshot>).values];
  }

  it('starts empty, includes waiting files in its totals, and ends with a fraction of 1', () => {
    const seen = snapshots(files(4, 2 * PART), { filesAtOnce: 2 });
    expect(seen[0]).toMatchObject({ files: [], totalBytes: 0, fraction: 0 });
    const middle = seen.find(({ counts }) => counts.completed === 2);
    expect(middle).toMatchObject({ totalBytes: 8 * PART, transferredBytes: expect.any(Number) });
    expect(middle?.fraction).toBeGreaterThanOrEqual(0.5);
    expect(middle?.fraction).toBeLessThan(1);
    const last = seen.at(-1);
    expect(last).toMatchObject({ transferredBytes: 8 * PART, totalBytes: 8 * PART, fraction: 1 });
    expect(last?.counts).toMatchObject({ completed: 4, uploading: 0, waiting: 0 });
    expect(last?.files.map(({ id }) => id)).toEqual(['f0', 'f1', 'f2', 'f3']);
    for (const { files: all, counts } of seen) {
      expect(Object.values(counts).reduce((sum, n) => sum + n, 0)).toBe(all.length);
    }
  });

  it('is plain JSON, with any ids', () => {
    const ids = ['__proto__', 'constructor', '10', '9'];
    const last = snapshots(from(ids.map((id) => request(id, 1000, { key: `k-${id}` })))).at(-1);
    expect(last?.files.map(({ id }) => id)).toEqual(ids);
    expect(JSON.parse(JSON.stringify(last))).toEqual(last);
  });

  it('has a fraction of 1 once an empty file is completed', () => {
    const seen = snapshots(files(1, 0));
    expect(seen[1]?.fraction).toBe(0);
    expect(seen.at(-1)?.fraction).toBe(1);
  });

  it('reports the speed and the remaining time of running files', () => {
    const slow = createWorld({ bytesPerSecond: 100 * KIB });
    const seen = snapshots(files(3, 20 * PART), { filesAtOnce: 2 }, slow);
    const steady = seen
      .filter(({ counts, bytesPerSecond }) => counts.uploading === 2 && bytesPerSecond !== null)
      .at(-1);
    expect(steady?.bytesPerSecond).toBeGreaterThan(0);
    expect(steady?.remainingSeconds).toBeGreaterThan(0);
  });
});
