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

function world(options: FakeObsOptions = {}, connection: Partial<ObsConnectionOptions> = {}): World {
  const fake = createFakeObs({ latencyMs: 10, bytesPerSecond: 1024 * 1000, etags: 'fast', ...options });
  const { server, credentials, transport } = fake;
  const obs = createObsConnection({ server, credentials, transport, ...connection } as ObsConnectionOptions);
  return { fake, upload: (requests$, filesOptions) => uploadFiles$(obs, requests$, filesOptions) };
}

function request(
  id: string,
  size = 1000,
  more: Partial<UploadOptions> & { readonly key?: string } = {},
): QueuedRequest & { readonly bucket: string; readonly key: string } {
  const sourceFile = fakeSource({ name: id, size });
  return {
    id,
    bucket: 'media',
    key: id,
    sourceFile,
    partSize: PART,
    retry: { jitter: 'none' },
    ...more,
  };
}

function files(count: number, size?: number): Observable<QueuedRequest> {
  return from(Array.from({ length: count }, (_, i) => request(`f${i}`, size)));
}

/** The types of one file's signals. */
function typesOf(signals: Recording<QueueNotification>, id: string): string[] {
  return signals.values.filter((each) => each.id === id).map(({ signal }) => signal.type);
}

function keysDone({ fake }: World): string[] {
  return fake
    .arrivals('putObject')
    .filter(({ status }) => status === 200)
    .map(({ key }) => key ?? '');
}

describe('uploadFiles$', () => {
  it('tags the signals of each file, in turn, and ends when all have ended', () => {
    const here = world();
    const signals = runVirtually(() => record(here.upload(files(5), { filesAtOnce: 2 })));
    expect(signals.completed).toBe(true);
    for (let i = 0; i < 5; i++) {
      const types = typesOf(signals, `f${i}`);
      expect([types[0], types[1], types.at(-1)]).toEqual(['waiting', 'started', 'completed']);
    }
    expect(keysDone(here)).toEqual(['f0', 'f1', 'f2', 'f3', 'f4']);
    expect(here.fake.maxInFlight('putObject')).toBe(2);
  });

  it('says at once how much is to come', () => {
    const signals = runVirtually(() => record(world().upload(files(3, 5000), { filesAtOnce: 1 })));
    expect(signals.values.filter((_, i) => signals.times[i] === 0).map(({ id, signal }) => [id, signal])).toEqual(
      expect.arrayContaining(
        ['f0', 'f1', 'f2'].map((id) => [id, { type: 'waiting', reason: 'queued', totalBytes: 5000 }]),
      ),
    );
  });

  it('one that fails does not stop the others', () => {
    const fault = on('putObject', { when: ({ key }) => key === 'f1' }).respond(403, 'AccessDenied');
    const signals = runVirtually(() => record(world({ faults: [fault] }).upload(files(4))));
    expect(fault.fired).toBe(1);
    expect(signals.completed).toBe(true);
    expect(typesOf(signals, 'f1').at(-1)).toBe('failed');
    for (const id of ['f0', 'f2', 'f3']) expect(typesOf(signals, id).at(-1)).toBe('completed');
  });

  it.each<[what: string, given: Partial<Record<keyof QueuedRequest, unknown>>]>([
    ['no file', { sourceFile: undefined }],
    ['no bucket', { bucket: '' }],
    ['a wrong part size', { partSize: -1 }],
  ])('a request with %s is a file that fails', (_, given) => {
    const wrong = { ...request('wrong'), ...given } as QueuedRequest;
    const signals = runVirtually(() => record(world().upload(of(wrong, request('right')))));
    expect(signals.values.find(({ signal }) => signal.type === 'failed')).toMatchObject({
      id: 'wrong',
      signal: { error: { code: 'invalid-options' } },
    });
    expect(typesOf(signals, 'right').at(-1)).toBe('completed');
  });

  it('refuses the second file of an id that is in use, and uploads the first', () => {
    const here = world();
    const second = { ...request('a'), key: 'other' };
    const signals = runVirtually(() => record(here.upload(of(request('a'), second, request('b')))));
    const failed = signals.values.filter(({ signal }) => signal.type === 'failed');
    expect(failed).toEqual([
      {
        id: 'a',
        signal: { type: 'failed', error: expect.objectContaining({ code: 'invalid-options', retryable: false }) },
      },
    ]);
    expect(failed[0]?.signal).toMatchObject({ error: { message: expect.stringContaining('id "a"') } });
    expect(typesOf(signals, 'a').at(-1)).toBe('completed');
    expect(keysDone(here)).toEqual(['a', 'b']);
    expect(signals.completed).toBe(true);
  });

  it.each<[end: QueueNotification['signal']['type'], options: FakeObsOptions]>([
    ['completed', {}],
    ['failed', { faults: [on('putObject', { times: 1 }).respond(403, 'AccessDenied')] }],
  ])('takes an id again as soon as its upload is %s', (end, options) => {
    const here = world(options);
    const signals = runVirtually(() => {
      const requests$ = new Subject<QueuedRequest>();
      const recording = record(
        here.upload(requests$).pipe(
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
    expect(keysDone(here)).toContain('again');
    expect(typesOf(signals, 'a').at(-1)).toBe('completed');
    expect(signals.completed).toBe(true);
  });

  it('takes an id again after it was cancelled', () => {
    const here = world();
    const signals = runVirtually(() => {
      const requests$ = new Subject<QueuedRequest>();
      const cancel$ = new Subject<string>();
      at(0, () => requests$.next(request('a', 50 * KIB)));
      at(5, () => cancel$.next('a'));
      at(6, () => requests$.next(request('a')));
      at(7, () => requests$.next(request('a')));
      at(1000, () => requests$.complete());
      return record(here.upload(requests$, { cancel$ }));
    });
    expect(typesOf(signals, 'a').filter((type) => /^(?:paused|failed|completed)$/.test(type))).toEqual([
      'paused',
      'failed',
      'completed',
    ]);
  });

  it('takes files while it runs, and after a time without any', () => {
    const here = world();
    const signals = runVirtually(() => {
      const requests$ = new Subject<QueuedRequest>();
      at(0, () => requests$.next(request('a', 50 * KIB)));
      at(20, () => requests$.next(request('b')));
      at(5000, () => requests$.next(request('c')));
      at(6000, () => requests$.complete());
      return record(here.upload(requests$));
    });
    expect(signals.completed).toBe(true);
    expect(keysDone(here).sort()).toEqual(['a', 'b', 'c']);
  });

  it('cancels one of many, in progress and in the queue: nothing of it is sent any more, the others continue', () => {
    const here = world();
    const big = request('big', 5 * PART, { taskNum: 2 });
    const signals = runVirtually(() => {
      const cancel$ = new Subject<string>();
      at(125, () => cancel$.next('big'));
      at(125, () => cancel$.next('f1'));
      return record(here.upload(concat(of(big), files(3)), { filesAtOnce: 1, cancel$ }));
    });
    expect(signals.completed).toBe(true);
    expect(typesOf(signals, 'big').at(-1)).toBe('paused');
    expect(typesOf(signals, 'f1')).toEqual(['waiting', 'paused']);
    expect(keysDone(here)).toEqual(['f0', 'f2']);
    const last = signals.values.filter(({ id }) => id === 'big').at(-1)?.signal;
    expect(last).toMatchObject({ type: 'paused', checkpoint: { key: 'big', parts: [{}, {}] } });
    expect(here.fake.uploads()).toHaveLength(1);
  });

  it('continues with a cancelled one from its checkpoint', () => {
    const here = world();
    const big = request('big', 5 * PART, { taskNum: 2 });
    const signals = runVirtually(() => {
      const requests$ = new Subject<QueuedRequest>();
      const cancel$ = new Subject<string>();
      const told = record(here.upload(requests$, { cancel$ }));
      requests$.next(big);
      at(125, () => cancel$.next('big'));
      at(500, () => {
        const last = told.values.at(-1)?.signal;
        if (last?.type === 'paused') requests$.next({ ...big, uploadCheckpoint: last.checkpoint });
        requests$.complete();
      });
      return told;
    });
    expect(typesOf(signals, 'big').at(-1)).toBe('completed');
    const started = signals.values.map(({ signal }) => signal).filter((signal) => signal.type === 'started');
    expect(started.map(({ resumedBytes }) => resumedBytes)).toEqual([0, 2 * PART]);
  });

  it('unsubscribing stops all of them at once', () => {
    const here = world();
    runVirtually(() => {
      const signals = record(here.upload(files(10, 50 * KIB), { filesAtOnce: 4 }));
      at(30, () => signals.unsubscribe());
      return signals;
    });
    expect(here.fake.log).toHaveLength(4);
    expect(here.fake.log.every(({ aborted }) => aborted)).toBe(true);
  });

  it('cancelled from inside next, synchronously', () => {
    const here = world();
    const cancel$ = new Subject<string>();
    const types: string[] = [];
    runVirtually(() => {
      here.upload(of(request('a')), { cancel$ }).subscribe(({ signal }) => {
        types.push(signal.type);
        if (signal.type === 'started') cancel$.next('a');
      });
      return record(EMPTY);
    });
    expect(types.slice(0, 2)).toEqual(['waiting', 'started']);
    expect(types.at(-1)).toBe('paused');
    expect(types.filter((type) => type === 'paused')).toHaveLength(1);
    expect(keysDone(here)).toEqual([]);
  });

  it('is cold, never ends while requests may come, is empty without any, and fails with its inputs', () => {
    const here = world();
    here.upload(files(3));
    expect(here.fake.log).toEqual([]);
    expect(runVirtually(() => record(here.upload(EMPTY))).completed).toBe(true);
    expect(runVirtually(() => record(here.upload(NEVER))).endedAt).toBeNull();
    expect(runVirtually(() => record(here.upload(throwError(() => new Error('r'))))).error).toEqual(new Error('r'));
    const cancel$ = timer(5).pipe(
      map(() => {
        throw new Error('c');
      }),
    );
    expect(runVirtually(() => record(here.upload(files(1), { cancel$ }))).error).toEqual(new Error('c'));
  });

  it.each([0, -1, 1.5, Number.NaN, '3' as never])('filesAtOnce %p is an InvalidOptionsError', (filesAtOnce) => {
    const signals = runVirtually(() => record(world().upload(files(1), { filesAtOnce })));
    expect(signals.error).toMatchObject({ name: 'InvalidOptionsError' });
  });

  describe('through the fair pool of the connection', () => {
    it('1,000 files of 200 KB and one of 5 GB progress together', () => {
      const here = world({ bytesPerSecond: 20 * 1024 * KIB, latencyMs: 5, progressSteps: 2 });
      const giant = request('giant', 5 * 1024 * 1024 * KIB, { partSize: 9 * 1024 * KIB, taskNum: 6 });
      const share: number[] = [];
      runVirtually(() => {
        const small$ = files(1000, 200 * KIB).pipe(map((file) => ({ ...file, partSize: giant.partSize })));
        const signals = record(here.upload(concat(of(giant), small$), { filesAtOnce: 4 }));
        for (const ms of [500, 1000, 2000]) {
          at(ms, () => share.push(here.fake.arrivals('uploadPart').length, keysDone(here).length));
        }
        at(2001, () => signals.unsubscribe());
        return signals;
      });
      const [parts500 = 0, files500 = 0, parts1000 = 0, files1000 = 0, parts2000 = 0, files2000 = 0] = share;
      expect(parts1000).toBeGreaterThan(parts500);
      expect(parts2000).toBeGreaterThan(parts1000);
      expect(files1000).toBeGreaterThan(files500);
      // A free permit goes to the upload that holds the fewest: half of them to the small files, each of which takes 15 ms.
      expect(files2000 - files1000).toBeGreaterThan(100);
      expect(here.fake.maxInFlight()).toBeLessThanOrEqual(6);
    });

    it('files of equal size share it equally', () => {
      const here = world({ latencyMs: 10 }, { maxConcurrentRequests: 2 });
      const wide = { taskNum: 6 };
      const both$ = of(request('a', 20 * PART, wide), request('b', 20 * PART, wide));
      runVirtually(() => {
        const signals = record(here.upload(both$));
        at(1500, () => signals.unsubscribe());
        return signals;
      });
      const count = (key: string): number => here.fake.arrivals('uploadPart').filter((each) => each.key === key).length;
      expect(count('a')).toBeGreaterThan(5);
      expect(Math.abs(count('a') - count('b'))).toBeLessThanOrEqual(2);
    });

    it('small requests that steer an upload are not starved by parts', () => {
      const here = world({}, { maxConcurrentRequests: 2 });
      const late$ = timer(300).pipe(map(() => request('late', 2 * PART)));
      const signals = runVirtually(() =>
        record(here.upload(concat(of(request('wide', 40 * PART, { taskNum: 20 })), late$))),
      );
      expect(signals.completed).toBe(true);
      const initiated = here.fake.arrivals('initiateMultipartUpload').find(({ key }) => key === 'late');
      // The first permit that is free is its own: a part takes 110 ms.
      expect(initiated?.at).toBeLessThan(300 + 115);
    });
  });
});

describe('toQueueSnapshot', () => {
  function snapshots(
    requests$: Observable<QueuedRequest>,
    options?: UploadFilesOptions,
    here = world(),
  ): QueueSnapshot[] {
    const folded = runVirtually(() => record(here.upload(requests$, options).pipe(toQueueSnapshot()))) as unknown;
    return [...(folded as Recording<QueueSnapshot>).values];
  }

  it('begins empty, sums over all files, waiting ones too, and ends full', () => {
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

  it('is plain JSON, with ids of any kind', () => {
    const ids = ['__proto__', 'constructor', '10', '9'];
    const last = snapshots(from(ids.map((id) => request(id, 1000, { key: `k-${id}` })))).at(-1);
    expect(last?.files.map(({ id }) => id)).toEqual(ids);
    expect(JSON.parse(JSON.stringify(last))).toEqual(last);
  });

  it('an empty file is done when it is completed', () => {
    const seen = snapshots(files(1, 0));
    expect(seen[1]?.fraction).toBe(0);
    expect(seen.at(-1)?.fraction).toBe(1);
  });

  it('reports how fast and how long, of what still runs', () => {
    const slow = world({ bytesPerSecond: 100 * KIB });
    const seen = snapshots(files(3, 20 * PART), { filesAtOnce: 2 }, slow);
    const steady = seen
      .filter(({ counts, bytesPerSecond }) => counts.uploading === 2 && bytesPerSecond !== null)
      .at(-1);
    expect(steady?.bytesPerSecond).toBeGreaterThan(0);
    expect(steady?.remainingSeconds).toBeGreaterThan(0);
  });
});
