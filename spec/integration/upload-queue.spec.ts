import {
  BehaviorSubject,
  concatMap,
  distinctUntilChanged,
  EMPTY,
  firstValueFrom,
  from,
  map,
  Observable,
  of,
  Subject,
  tap,
  throwError,
  timer,
} from 'rxjs';
import { TestScheduler } from 'rxjs/testing';
import {
  createObsConnection,
  memoryCheckpointStore,
  recallStream$,
  streamSource,
  uploadQueue$,
  type CheckpointStore,
  type FileHandle,
  type ObsConnectionOptions,
  type QueueCommand,
  type QueueRequest,
  type QueueRow,
  type QueueState,
  type UploadCheckpoint,
  type UploadLock,
  type UploadQueueOptions,
} from 'rx-obs-upload';
import {
  bytesOf,
  createFakeObs,
  fakeCheckpointStore,
  fakeLock,
  fakeSource,
  memorySpool,
  on,
  type FakeObs,
  type FakeObsOptions,
} from 'rx-obs-upload/testing';
import { storeWithFiles } from '../support/store-with-files.js';
import { connectionTo, expectObject, PART } from '../support/upload-world.js';
import { at, inVirtualTime, record, type Recording } from '../support/virtual-time.js';

/** A queue of files with four parts, which are sent one at a time and take 100 ms each. */
class World {
  readonly fake: FakeObs;
  readonly commands$ = new Subject<QueueCommand>();
  readonly connection: Partial<ObsConnectionOptions>;
  readonly states: Recording<QueueState>;

  constructor(
    options: UploadQueueOptions = {},
    fakeOptions: FakeObsOptions = {},
    connection: Partial<ObsConnectionOptions> = {},
  ) {
    this.connection = connection;
    this.fake = createFakeObs({ bytesPerSecond: PART * 10, ...fakeOptions });
    this.states = record(this.queue$(options));
  }

  queue$(
    options: UploadQueueOptions = {},
    commands$: Observable<QueueCommand> = this.commands$,
  ): Observable<QueueState> {
    const defaults = { bucket: 'media', partSize: PART, retry: { jitter: 'none' as const }, ...options.defaults };
    return uploadQueue$(connectionTo(this.fake, this.connection), commands$, { ...options, defaults });
  }

  send(...commands: readonly QueueCommand[]): void {
    for (const command of commands) this.commands$.next(command);
  }

  add(...ids: readonly string[]): void {
    this.send({ type: 'add', requests: ids.map((id) => requestOf(id)) });
  }

  get state(): QueueState {
    return this.states.values.at(-1) as QueueState;
  }

  row(id: string): QueueRow {
    const row = this.state.rows.find((candidate) => candidate.id === id);
    if (row === undefined) throw new Error(`there is no row ${id}`);
    return row;
  }

  statuses(): string {
    return this.state.rows.map(({ id, status }) => `${id}: ${status}`).join(', ');
  }
}

function requestOf(id: string, overrides: Partial<QueueRequest> = {}): QueueRequest {
  return { id, key: `${id}.bin`, sourceFile: fileOf(id), ...overrides };
}

function fileOf(id: string): ReturnType<typeof fakeSource> {
  return fakeSource({ name: `${id}.bin`, size: 4 * PART });
}

/** As in a browser, a lock is released a moment after it was unsubscribed from. @param ms - of each; the last also of later ones */
function releasedLate(...ms: readonly [number, ...number[]]): UploadLock {
  const granted = fakeLock();
  let releases = 0;
  return {
    hold: (name) =>
      new Observable((subscriber) => {
        const holding = granted.hold(name).subscribe((phase) => subscriber.next(phase));
        return () => {
          const after = ms[Math.min(releases, ms.length - 1)];
          releases += 1;
          timer(after ?? 0).subscribe(() => holding.unsubscribe());
        };
      }),
  };
}

function inMarbles(spec: Parameters<TestScheduler['run']>[0]): void {
  new TestScheduler((actual, expected) => expect(actual).toEqual(expected)).run(spec);
}

describe('uploadQueue$', () => {
  it('emits an empty state at once, and completes with its commands if there is nothing to do', () => {
    inVirtualTime(() => {
      const world = new World();
      expect(world.states.values).toEqual([
        expect.objectContaining({
          rows: [],
          pending: [],
          notices: [],
          totals: expect.objectContaining({ fraction: 0 }),
        }),
      ]);
      expect(record(world.queue$({}, EMPTY)).completed).toBe(true);
    });
  });

  it('emits a state for each command and each step of an upload', () => {
    inMarbles(({ hot, expectObservable, expectSubscriptions }) => {
      const { server, credentials, transport } = createFakeObs({ latencyMs: 10 });
      const obs = createObsConnection({ server, credentials, transport });
      const file = fakeSource({ name: 'a.txt', size: 10 });
      const commands$ = hot<QueueCommand>('-a------p------s 19ms r-|', {
        a: { type: 'add', requests: [{ id: 'a', bucket: 'media', key: 'a.txt', sourceFile: file }] },
        p: { type: 'pause' },
        s: { type: 'resume' },
        r: { type: 'remove' },
      });
      const status$ = uploadQueue$(obs, commands$).pipe(
        map(({ rows }) => rows.map(({ status }) => status).join()),
        distinctUntilChanged(),
      );
      expectObservable(status$).toBe('e(wsu)--p------(wsu) 5ms (fd) 6ms r-|', {
        e: '',
        w: 'waiting',
        s: 'starting',
        u: 'uploading',
        p: 'paused',
        f: 'completing',
        d: 'completed',
        r: '',
      });
      expectSubscriptions(commands$.subscriptions).toBe('^ 36ms !');
    });
  });

  it('is cold, and each subscription is a separate queue', () => {
    inVirtualTime(() => {
      const world = new World();
      const add$ = of<QueueCommand>({ type: 'add', requests: [requestOf('a')] });
      const queue$ = world.queue$({}, add$);
      at(1000, () => {
        expect(world.fake.log).toEqual([]);
        const [first, second] = [record(queue$), record(queue$)];
        at(5000, () => {
          expect([first, second].map(({ completed, values }) => [completed, values.at(-1)?.rows.length])).toEqual([
            [true, 1],
            [true, 1],
          ]);
          expect(world.fake.arrivals('completeMultipartUpload')).toHaveLength(2);
        });
      });
    });
  });

  it('uploads files in the order of the rows, filesAtOnce at a time', () => {
    inVirtualTime(() => {
      const world = new World({ filesAtOnce: 2 });
      world.add('a', 'b', 'c', 'd');
      expect(world.statuses()).toBe('a: uploading, b: uploading, c: waiting, d: waiting');
      expect(world.state.totals).toMatchObject({ totalBytes: 16 * PART, transferredBytes: 0, fraction: 0 });
      at(450, () => expect(world.statuses()).toBe('a: completed, b: completed, c: uploading, d: uploading'));
      at(2000, () => {
        expect(world.state.counts).toMatchObject({ completed: 4, waiting: 0, uploading: 0 });
        expect(world.state.totals).toEqual({
          transferredBytes: 16 * PART,
          totalBytes: 16 * PART,
          sentBytes: 16 * PART,
          fraction: 1,
          bytesPerSecond: null,
          remainingSeconds: null,
        });
        for (const id of ['a', 'b', 'c', 'd']) expectObject(world.fake, `${id}.bin`, fileOf(id));
      });
    });
  });

  it('emits rows of plain JSON with what a view shows of a file', () => {
    inVirtualTime(() => {
      const world = new World({ filesAtOnce: 1 });
      world.add('a', 'b');
      at(150, () => {
        expect(world.row('b')).toEqual({
          id: 'b',
          name: 'b.bin',
          bucket: 'media',
          key: 'b.bin',
          size: 4 * PART,
          status: 'waiting',
          snapshot: expect.objectContaining({ waitingFor: 'queued', totalBytes: 4 * PART }),
          note: null,
          can: { pause: true, resume: false, retry: false, abort: true, remove: true },
        });
        expect(JSON.parse(JSON.stringify(world.state))).toEqual(world.state);
      });
    });
  });

  it('reuses the objects of unchanged rows', () => {
    inVirtualTime(() => {
      const world = new World({ filesAtOnce: 1 });
      world.add('a', 'b', 'c');
      const [, b, c] = world.state.rows;
      at(250, () => {
        expect(world.state.rows[1]).toBe(b);
        const [a] = world.state.rows;
        world.send({ type: 'pause', ids: ['b'] });
        expect(world.state.rows[0]).toBe(a);
        expect(world.state.rows[2]).toBe(c);
        const before = world.states.values.length;
        world.send({ type: 'pause', ids: ['b', 'unknown'] }, { type: 'resume', ids: ['a'] }, { type: 'retry' });
        expect(world.states.values).toHaveLength(before);
      });
    });
  });

  it('pauses one or all files at once, and resumes the missing parts', () => {
    inVirtualTime(() => {
      const world = new World({ filesAtOnce: 2 });
      world.add('a', 'b', 'c');
      at(250, () => {
        world.send({ type: 'pause', ids: ['a'] });
        expect(world.statuses()).toBe('a: paused, b: uploading, c: uploading');
      });
      at(350, () => {
        world.send({ type: 'pause' });
        expect(world.fake.inFlight()).toBe(0);
        expect(world.statuses()).toBe('a: paused, b: paused, c: paused');
        expect(world.row('a').can).toEqual({ pause: false, resume: true, retry: false, abort: true, remove: true });
        expect(world.state.totals.bytesPerSecond).toBeNull();
      });
      at(5000, () => {
        expect(world.fake.uploads()).toHaveLength(3);
        expect(world.fake.inFlight()).toBe(0);
        world.send({ type: 'resume' });
      });
      at(9000, () => {
        expect(world.statuses()).toBe('a: completed, b: completed, c: completed');
        // Parts that were acknowledged before the pause are not sent again.
        expect(world.fake.arrivals('uploadPart').filter(({ status }) => status === 200)).toHaveLength(12);
        expect(world.fake.arrivals('initiateMultipartUpload')).toHaveLength(3);
      });
    });
  });

  it('counts the seconds of an upload without its pauses, and from 0 after an abort', () => {
    inVirtualTime(() => {
      const world = new World({ defaults: { progressIntervalMs: 10 } });
      world.fake.addFaults(on('uploadPart', { partNumber: 4 }).respond(403, 'AccessDenied'));
      world.add('a');
      const seconds = (): number => world.row('a').snapshot.elapsedSeconds;
      at(250, () => world.send({ type: 'pause' }));
      at(5000, () => {
        expect(seconds()).toBeCloseTo(0.25, 1);
        world.send({ type: 'resume' });
        expect(seconds()).toBeCloseTo(0.25, 1);
      });
      // Half of part 3 is sent again; part 4 is refused after its body.
      at(6000, () => {
        expect(world.row('a').status).toBe('failed');
        expect(seconds()).toBeCloseTo(0.45, 1);
        world.send({ type: 'retry' });
      });
      at(7000, () => {
        expect(world.row('a').status).toBe('completed');
        expect(seconds()).toBeCloseTo(0.55, 1);
        world.send({ type: 'remove' });
        world.add('a');
      });
      at(7250, () => world.send({ type: 'abort' }));
      at(8000, () => {
        expect(seconds()).toBe(0);
        world.send({ type: 'retry', ids: ['a'] });
      });
      at(9000, () => {
        expect(world.row('a').status).toBe('completed');
        expect(seconds()).toBeCloseTo(0.4, 1);
      });
    });
  });

  it('executes a command that a subscriber sends inside next', () => {
    inVirtualTime(() => {
      const world = new World({ filesAtOnce: 1 });
      const seen: string[] = [];
      world.queue$().subscribe(({ rows }) => {
        seen.push(rows.map(({ status }) => status).join());
        if (rows[0]?.status === 'uploading') {
          world.send({ type: 'pause' });
          expect(world.fake.inFlight()).toBe(0);
        }
      });
      world.add('a', 'b');
      expect(seen.at(-1)).toBe('paused,paused');
      at(1000, () => expect(seen.at(-1)).toBe('paused,paused'));
    });
  });

  it('emits the last state, then completes, if its commands end inside next', () => {
    inVirtualTime(() => {
      const world = new World();
      const commands$ = new Subject<QueueCommand>();
      const stops = tap<QueueState>(({ rows }) => {
        if (rows[0]?.status !== 'uploading' || rows[0].snapshot.checkpoint?.parts.length !== 1) return;
        commands$.next({ type: 'pause' });
        commands$.complete();
      });
      const states = record(world.queue$({}, commands$).pipe(stops));
      commands$.next({ type: 'add', requests: [requestOf('a')] });
      at(9000, () => {
        expect(states.values.at(-1)?.rows).toMatchObject([{ status: 'paused' }]);
        expect(states.completed).toBe(true);
        expect(world.fake.inFlight()).toBe(0);
      });
    });
  });

  describe.each([
    ['is acknowledged', false, ({ snapshot }: QueueRow) => snapshot.checkpoint?.parts.length === 2],
    ['has failed', true, ({ note }: QueueRow) => note?.type === 'retrying'],
  ])('inside next, when a part %s and others wait to be sent', (_, fails, isTime) => {
    it.each(['abort', 'pause'] as const)('%s stops all files, and nothing more is sent of them', (type) => {
      inVirtualTime(() => {
        const options = { filesAtOnce: 2, defaults: { taskNum: 2 } };
        const world = new World(options, { latencyMs: 10 }, { maxConcurrentRequests: 2 });
        if (fails) world.fake.addFaults(on('uploadPart', { key: 'a.bin' }).respond(500, 'InternalError'));
        const commands$ = new Subject<QueueCommand>();
        let parts: number | null = null;
        const stopsAll = tap<QueueState>(({ rows }) => {
          if (parts !== null || rows[0] === undefined || !isTime(rows[0])) return;
          parts = world.fake.arrivals('uploadPart').length;
          commands$.next({ type });
        });
        const states = record(world.queue$(options, commands$).pipe(stopsAll));
        commands$.next({ type: 'add', requests: [requestOf('a'), requestOf('b')] });
        at(8000, () => commands$.complete());
        at(9000, () => {
          const status = type === 'abort' ? 'aborted' : 'paused';
          expect(states.values.at(-1)?.rows).toMatchObject([{ status }, { status }]);
          expect(states.completed).toBe(true);
          expect(world.fake.uploads()).toHaveLength(type === 'abort' ? 0 : 2);
          expect(world.fake.arrivals('uploadPart')).toHaveLength(parts ?? NaN);
          expect(world.fake.inFlight()).toBe(0);
        });
      });
    });
  });

  it('shows a failed file, continues with the others, and retries from the checkpoint', () => {
    inVirtualTime(() => {
      const world = new World();
      world.fake.addFaults(
        on('uploadPart', { partNumber: 3, when: ({ key }) => key === 'a.bin' }).respond(403, 'AccessDenied'),
      );
      world.add('a', 'b');
      at(1000, () => {
        expect(world.statuses()).toBe('a: failed, b: completed');
        expect(world.row('a').snapshot.error).toMatchObject({ code: 'service', serviceCode: 'AccessDenied' });
        expect(world.row('a').can).toEqual({ pause: false, resume: false, retry: true, abort: true, remove: true });
        world.send({ type: 'retry' });
      });
      at(3000, () => {
        expect(world.statuses()).toBe('a: completed, b: completed');
        expect(world.fake.arrivals('uploadPart', 1)).toHaveLength(2);
        expectObject(world.fake, 'a.bin', fileOf('a'));
      });
    });
  });

  it('has a note with the error while a part waits for a retry', () => {
    inVirtualTime(() => {
      const world = new World();
      world.fake.addFaults(on('uploadPart', { partNumber: 2 }).respond(503, 'SlowDown'));
      world.add('a');
      at(250, () => {
        expect(world.row('a').note).toMatchObject({ type: 'retrying', error: { serviceCode: 'SlowDown' } });
        expect(world.row('a').note?.text).toMatch(/^Part 2 is sent again in \d\.\d s: ./);
      });
      at(9000, () => expect(world.row('a')).toMatchObject({ status: 'completed', note: null }));
    });
  });

  it('aborts requests at once, then deletes the parts on the server and the stored checkpoint', () => {
    inVirtualTime(() => {
      const checkpointStore = fakeCheckpointStore();
      const world = new World({ checkpointStore, filesAtOnce: 1 }, { latencyMs: 10 });
      world.add('a', 'b', 'c');
      at(300, () => {
        expect(checkpointStore.entries.size).toBe(1);
        world.send({ type: 'abort', ids: ['a', 'c'] });
        expect(world.fake.arrivals('uploadPart').filter(({ endedAt }) => endedAt === null)).toEqual([]);
        expect(world.statuses()).toMatch(/^a: aborting, b: .*, c: aborted$/);
        expect(Object.values(world.row('a').can)).not.toContain(true);
      });
      at(9000, () => {
        expect(world.statuses()).toBe('a: aborted, b: completed, c: aborted');
        expect(world.row('a')).toMatchObject({
          snapshot: { transferredBytes: 0, checkpoint: null },
          can: { pause: false, resume: false, retry: true, abort: false, remove: true },
        });
        expect(world.fake.uploads()).toEqual([]);
        expect(checkpointStore.entries.size).toBe(0);
        world.send({ type: 'retry' }, { type: 'resume' });
        expect(world.statuses()).toBe('a: aborted, b: completed, c: aborted');
        world.send({ type: 'retry', ids: ['a'] });
      });
      at(12_000, () => {
        expect(world.statuses()).toBe('a: completed, b: completed, c: aborted');
        expectObject(world.fake, 'a.bin', fileOf('a'));
      });
    });
  });

  it('has a note if an abort failed, after which the file can be aborted again or resumed', () => {
    inVirtualTime(() => {
      const world = new World();
      world.fake.addFaults(on('abortMultipartUpload').respond(403, 'AccessDenied'));
      world.add('a');
      at(250, () => world.send({ type: 'abort' }));
      at(1000, () => {
        expect(world.row('a')).toMatchObject({
          status: 'paused',
          note: { type: 'abort-failed', error: { serviceCode: 'AccessDenied' } },
          can: { resume: true, abort: true },
        });
        expect(world.row('a').note?.text).toMatch(/^Its parts are not deleted: .*AccessDenied/);
        world.send({ type: 'abort' });
      });
      at(2000, () => {
        expect(world.row('a')).toMatchObject({ status: 'aborted', note: null });
        expect(world.fake.uploads()).toEqual([]);
      });
    });
  });

  it('removes rows and stops their uploads, but keeps the parts', () => {
    inVirtualTime(() => {
      const world = new World({ filesAtOnce: 1 });
      world.add('a', 'b', 'c');
      at(250, () => {
        world.send({ type: 'remove', ids: ['a', 'c'] });
        expect(world.statuses()).toBe('b: uploading');
        expect(world.state.totals.totalBytes).toBe(4 * PART);
      });
      at(5000, () => {
        expect(world.fake.uploads().map(({ key }) => key)).toEqual(['a.bin']);
        expect(world.fake.object('c.bin')).toBeNull();
        world.send({ type: 'remove' });
        expect(world.state).toMatchObject({ rows: [], totals: { totalBytes: 0, fraction: 0 } });
      });
    });
  });

  it('shows speed and remaining time over all files', () => {
    inVirtualTime(() => {
      const world = new World({ filesAtOnce: 2 });
      world.add('a', 'b', 'c');
      at(300, () => {
        const { bytesPerSecond, remainingSeconds, transferredBytes } = world.state.totals;
        expect(bytesPerSecond).toBeGreaterThan(0);
        expect(remainingSeconds).toBeCloseTo((12 * PART - transferredBytes) / (bytesPerSecond ?? 0));
      });
    });
  });

  it('has a note when a lost upload is restarted', () => {
    inVirtualTime(() => {
      const world = new World({}, { faults: [on('uploadPart', { partNumber: 2 }).dropUpload()] });
      world.add('a');
      at(9000, () => {
        const notes = world.states.values.map(({ rows }) => rows[0]?.note?.type);
        expect(notes).toContain('restarted');
        expect(world.row('a').status).toBe('completed');
      });
    });
  });

  it('limits the notices to the last 50', () => {
    inVirtualTime(() => {
      const world = new World({ filesAtOnce: 1 });
      const ids = Array.from({ length: 60 }, (_, i) => `f${i}`);
      world.add(...ids);
      world.send({ type: 'add', requests: ids.map((id) => requestOf(id, { key: 'other' })) }, { type: 'pause' });
      expect(world.state.notices.map(({ about }) => about)).toEqual(ids.slice(-50));
    });
  });

  it('uploads rows next that are moved to the front', () => {
    inVirtualTime(() => {
      const world = new World({ filesAtOnce: 1 });
      world.add('a', 'b', 'c', 'd');
      world.send({ type: 'moveToFront', ids: ['d', 'c'] });
      expect(world.statuses()).toBe('d: waiting, c: waiting, a: uploading, b: waiting');
      at(9000, () => {
        const completed = world.fake.arrivals('completeMultipartUpload').map(({ key }) => key);
        expect(completed).toEqual(['a.bin', 'd.bin', 'c.bin', 'b.bin']);
      });
    });
  });

  it('follows changes of filesAtOnce', () => {
    inVirtualTime(() => {
      const filesAtOnce = new BehaviorSubject(1);
      const world = new World({ filesAtOnce });
      world.add('a', 'b', 'c');
      expect(world.state.counts.uploading).toBe(1);
      at(100, () => {
        filesAtOnce.next(3);
        expect(world.state.counts.uploading).toBe(3);
        filesAtOnce.next(1);
        expect(world.state.counts.uploading).toBe(3);
      });
    });
  });

  it.each<[string, UploadQueueOptions['filesAtOnce']]>([
    ['a number', 0],
    ['an Observable', of(2, 0)],
    ['an Observable that fails', throwError(() => new Error('no'))],
  ])('fails if filesAtOnce is invalid: %s', (_, filesAtOnce) => {
    inVirtualTime(() => {
      const world = new World({ filesAtOnce });
      expect(world.states.error).toMatchObject({ code: 'invalid-options', option: 'filesAtOnce' });
    });
  });

  it('generates ids, and rejects a duplicate id or a duplicate file of an object with a notice', () => {
    inVirtualTime(() => {
      const world = new World({ filesAtOnce: 1 });
      const { id: _, ...anonymous } = requestOf('b');
      world.send({ type: 'add', requests: [requestOf('a'), requestOf('a', { key: 'other' }), anonymous, anonymous] });
      expect(world.state.rows.map(({ key }) => key)).toEqual(['a.bin', 'b.bin']);
      expect(new Set(world.state.rows.map(({ id }) => id)).size).toBe(2);
      expect(world.state.notices.map(({ code, about }) => [code, about])).toEqual([
        ['id-in-use', 'a'],
        ['same-file', world.state.rows[1]?.id],
      ]);
      world.send({ type: 'dismiss', ids: [world.state.notices[0]?.id ?? ''] });
      expect(world.state.notices).toHaveLength(1);
      world.send({ type: 'dismiss' });
      expect(world.state.notices).toEqual([]);
      at(9000, () => {
        expect(world.state.counts.completed).toBe(2);
        world.send({ type: 'add', requests: [anonymous] });
        expect(world.state.rows).toHaveLength(3);
      });
    });
  });

  it('adds a failed row for an invalid request', () => {
    inVirtualTime(() => {
      const world = new World();
      const wrong = { id: 'wrong', key: 'x', sourceFile: 'no file' } as unknown as QueueRequest;
      world.send({
        type: 'add',
        requests: [wrong, requestOf('small', { partSize: 1 }), requestOf('a', { partSize: undefined })],
      });
      expect(world.statuses()).toMatch(/^wrong: failed, small: failed, a: /);
      expect(world.row('wrong')).toMatchObject({ size: null, snapshot: { error: { code: 'invalid-options' } } });
      expect(world.state.totals).toMatchObject({ totalBytes: 8 * PART, fraction: 0 });
      at(250, () => expect(world.state.totals.remainingSeconds).toBeGreaterThan(0));
      at(9000, () => {
        expect(world.row('a').snapshot).toMatchObject({ status: 'completed', parts: { length: 4 } });
        expect(world.state.totals).toMatchObject({ totalBytes: 8 * PART, fraction: 0.5 });
      });
    });
  });

  it('aborts requests at once when it is unsubscribed, but keeps the parts', () => {
    inVirtualTime(() => {
      const world = new World({ checkpointStore: fakeCheckpointStore() });
      world.add('a', 'b', 'c', 'd');
      at(250, () => {
        const sent = world.fake.log.length;
        world.states.unsubscribe();
        expect(world.fake.inFlight()).toBe(0);
        at(9000, () => {
          expect(world.fake.log).toHaveLength(sent);
          expect(world.fake.uploads()).toHaveLength(3);
        });
      });
    });
  });

  it('completes after its commands and all uploads, and fails with its commands', () => {
    inVirtualTime(() => {
      const world = new World();
      world.add('a');
      world.commands$.complete();
      at(9000, () => {
        expect(world.states.completed).toBe(true);
        expect(world.row('a').status).toBe('completed');
      });
      const failed = record(
        world.queue$(
          {},
          throwError(() => new Error('of the application')),
        ),
      );
      expect(failed.error).toEqual(new Error('of the application'));
    });
  });

  it('adds a thousand files in batches, and applies the next command to all of them', () => {
    inVirtualTime(() => {
      const world = new World({ filesAtOnce: 2 });
      const ids = Array.from({ length: 1000 }, (_, i) => `f${i}`);
      world.add(...ids);
      const counts = world.states.values.map(({ rows }) => rows.length);
      expect(Math.max(...counts)).toBe(25);
      at(100, () => {
        expect(world.state.rows.length).toBeGreaterThan(150);
        world.send({ type: 'pause' });
        expect(world.state).toMatchObject({ rows: { length: 1000 }, counts: { paused: 1000 } });
        const lengths = world.states.values.map(({ rows }) => rows.length);
        expect(lengths).toEqual([...lengths].sort((a, b) => a - b));
      });
    });
  });

  describe('with a store', () => {
    it('lists uploads of an earlier page, does not pick one without its file, and discards one', () => {
      inVirtualTime(() => {
        const checkpointStore = fakeCheckpointStore();
        const lock = fakeLock();
        const options = { checkpointStore, defaults: { lock } };
        const earlier = new World(options, { latencyMs: 10 });
        earlier.add('a', 'b');
        at(250, () => earlier.states.unsubscribe());
        at(1000, () => {
          const states = record(earlier.queue$(options));
          const state = (): QueueState => states.values.at(-1) as QueueState;
          expect(state().pending.map(({ checkpoint, hasFile, isBusy }) => [checkpoint.key, hasFile, isBusy])).toEqual(
            expect.arrayContaining([
              ['a.bin', false, false],
              ['b.bin', false, false],
            ]),
          );
          const [first, second] = state().pending;
          earlier.send({ type: 'pick', id: first?.id ?? '' });
          expect(state().notices).toMatchObject([{ code: 'pick-failed', about: first?.id }]);
          earlier.send({ type: 'discard', ids: [second?.id ?? ''] });
          expect(state().pending[1]?.isBusy).toBe(true);
          at(2000, () => {
            expect(state().pending.map(({ id }) => id)).toEqual([first?.id]);
            expect(state().notices.at(-1)?.code).toBe('discarded');
            expect(earlier.fake.uploads()).toHaveLength(1);
          });
        });
      });
    });

    it('shows that another tab is uploading a file, and does not discard it', () => {
      inVirtualTime(() => {
        const checkpointStore = fakeCheckpointStore();
        const lock = fakeLock();
        const options = { checkpointStore, defaults: { lock } };
        const world = new World(options);
        world.add('a');
        at(250, () => world.states.unsubscribe());
        at(1000, () => {
          lock.holdElsewhere();
          const states = record(world.queue$(options));
          expect(states.values.at(-1)?.pending).toMatchObject([{ isBusy: true }]);
          world.send({ type: 'discard' });
          at(2000, () => {
            expect(world.fake.uploads()).toHaveLength(1);
            lock.releaseElsewhere();
            world.send({ type: 'refresh' });
            expect(states.values.at(-1)?.pending).toMatchObject([{ isBusy: false }]);
          });
        });
      });
    });

    it('resumes an upload with the file that the user picks', () => {
      inVirtualTime(() => {
        const checkpointStore = fakeCheckpointStore();
        const world = new World({ checkpointStore, defaults: { lock: null } });
        world.add('a');
        at(250, () => world.send({ type: 'remove' }));
        at(1000, () => {
          world.fake.addFaults(on('abortMultipartUpload').respond(403, 'AccessDenied'));
          world.send({ type: 'discard' });
        });
        at(2000, () => {
          expect(world.state.notices).toMatchObject([
            { code: 'discard-failed', error: { serviceCode: 'AccessDenied' } },
          ]);
          const { id } = world.state.pending[0] ?? { id: '' };
          world.send({ type: 'pick', id, file: fileOf('a') as unknown as File });
        });
        at(9000, () => {
          expect(world.state.counts.completed).toBe(1);
          expect(world.fake.arrivals('initiateMultipartUpload')).toHaveLength(1);
        });
      });
    });

    it.each([
      ['by default', {}, true],
      ['unless rememberFiles is false', { rememberFiles: false }, false],
    ])('stores the handle of a file %s', (_, options, isStored) => {
      inVirtualTime(() => {
        const checkpointStore = storeWithFiles();
        const world = new World({ ...options, checkpointStore, defaults: { lock: null } });
        // A Promise would not be settled in virtual time.
        const getFile = (): Promise<File> => of(fileOf('a')) as unknown as Promise<File>;
        const handle: FileHandle = { kind: 'file', name: 'a.bin', getFile };
        world.send({ type: 'add', requests: [requestOf('a', { handle })] });
        at(250, () => world.send({ type: 'remove' }));
        at(1000, () => {
          expect(world.state.pending).toMatchObject([{ checkpoint: { key: 'a.bin' }, hasFile: isStored }]);
          expect([...checkpointStore.handles.values()]).toEqual(isStored ? [handle] : []);
        });
      });
    });

    it('pauses and resumes a stream, which a later page resumes from its spool', () => {
      inVirtualTime(() => {
        const [checkpointStore, spool] = [fakeCheckpointStore(), memorySpool()];
        const options = { checkpointStore, defaults: { lock: null } };
        const [earlier, chunk$] = [new World(options), new Subject<Uint8Array>()];
        const recorded = bytesOf(fakeSource({ size: 5 * PART }));
        const sourceFile = streamSource(chunk$, { name: 'a.webm', type: 'video/webm', spool, lock: null });
        earlier.send({ type: 'add', requests: [requestOf('a', { sourceFile })] });
        const recordParts = (from: number, to: number): void => chunk$.next(recorded.slice(from * PART, to * PART));
        recordParts(0, 2);
        at(150, () => {
          expect(earlier.row('a').snapshot).toMatchObject({ totalBytes: null, checkpoint: { parts: { length: 1 } } });
          earlier.send({ type: 'pause' });
          recordParts(2, 3);
          expect(earlier.fake.inFlight()).toBe(0);
        });
        at(1000, () => earlier.send({ type: 'resume' }));
        at(1150, () => {
          recordParts(3, 5);
          earlier.states.unsubscribe();
        });
        at(2000, () => {
          const commands$ = new Subject<QueueCommand>();
          const states = record(earlier.queue$(options, commands$));
          const state = (): QueueState => states.values.at(-1) as QueueState;
          const [pending] = state().pending;
          commands$.next({ type: 'pick', id: pending?.id ?? '' });
          expect(state().notices).toMatchObject([
            { code: 'pick-failed', text: expect.stringContaining('recallStream$') },
          ]);
          const uploadCheckpoint = pending?.checkpoint as UploadCheckpoint;
          recallStream$(spool, uploadCheckpoint, { lock: null }).subscribe((recalled) =>
            commands$.next({ type: 'add', requests: [{ sourceFile: recalled, uploadCheckpoint }] }),
          );
          at(9000, () => {
            expect(state()).toMatchObject({ counts: { completed: 1 }, pending: [] });
            expect(earlier.fake.object('a.bin')?.bytes).toEqual(recorded);
            expect(earlier.fake.arrivals('initiateMultipartUpload')).toHaveLength(1);
          });
        });
      });
    });

    describe('of a file that an earlier page began to upload', () => {
      /** At 1000 ms another page takes over; its queue has the store, or each request has it. */
      const afterReload = (
        whose: 'queue' | 'request',
        requests: readonly QueueRequest[],
        then: (page: {
          readonly fake: FakeObs;
          readonly records: () => number;
          readonly send: (type: 'pause' | 'resume' | 'abort') => void;
          readonly row: () => QueueRow | undefined;
        }) => void,
      ): void => {
        const checkpointStore = fakeCheckpointStore();
        const options = { checkpointStore, filesAtOnce: 1, defaults: { lock: null } };
        const earlier = new World(options, { latencyMs: 10 });
        earlier.add('a');
        at(250, () => earlier.states.unsubscribe());
        at(1000, () => {
          const commands$ = new Subject<QueueCommand>();
          const { checkpointStore: _, ...others } = options;
          const states = record(earlier.queue$(whose === 'queue' ? options : others, commands$));
          const stored = whose === 'queue' ? {} : { checkpointStore };
          commands$.next({ type: 'add', requests: requests.map((request) => ({ ...request, ...stored })) });
          then({
            fake: earlier.fake,
            records: () => checkpointStore.entries.size,
            send: (type) => commands$.next({ type, ids: ['a'] }),
            row: () => states.values.at(-1)?.rows.find(({ id }) => id === 'a'),
          });
        });
      };

      it.each([
        ['lists its parts', 'request', ['a'], false],
        ['is paused while it lists its parts', 'request', ['a'], true],
        ['waits for its turn', 'queue', ['b', 'a'], false],
        ['is paused while it waits for its turn', 'queue', ['b', 'a'], true],
      ] as const)('abort deletes parts and record when the row %s', (_, whose, ids, isPaused) => {
        inVirtualTime(() => {
          const requests = ids.map((id) => requestOf(id));
          afterReload(whose, requests, ({ fake, records, row, send }) => {
            at(1005, () => {
              expect(fake.uploads().map(({ key }) => key)).toContain('a.bin');
              if (isPaused) send('pause');
              expect(row()?.can.abort).toBe(true);
              send('abort');
              expect(row()?.status).toBe('aborting');
            });
            at(5000, () => {
              expect(row()?.status).toBe('aborted');
              expect(fake.uploads()).toEqual([]);
              expect(records()).toBe(0);
            });
          });
        });
      });

      it('resume after a pause continues that upload', () => {
        inVirtualTime(() => {
          afterReload('request', [requestOf('a')], ({ fake, row, send }) => {
            at(1005, () => send('pause'));
            at(2000, () => send('resume'));
            at(5000, () => {
              expect(row()?.status).toBe('completed');
              expect(fake.arrivals('initiateMultipartUpload')).toHaveLength(1);
            });
          });
        });
      });

      it.each(['queue', 'request'] as const)(
        'abort keeps parts and record if the file has another name, as it does not resume them (store of the %s)',
        (whose) => {
          inVirtualTime(() => {
            const sourceFile = fakeSource({ name: 'renamed.bin', size: 4 * PART });
            afterReload(whose, [requestOf('a', { sourceFile })], ({ fake, records, row, send }) => {
              const [earlier] = fake.uploads();
              at(1005, () => send('abort'));
              at(5000, () => {
                expect(row()?.status).toBe('aborted');
                expect(fake.uploads()).toContainEqual(earlier);
                expect(records()).toBe(1);
              });
            });
          });
        },
      );
    });

    it('lists an unfinished upload only while it has no row', () => {
      inVirtualTime(() => {
        const world = new World({ checkpointStore: fakeCheckpointStore(), defaults: { lock: null } });
        world.add('a');
        at(250, () => {
          world.send({ type: 'refresh' });
          expect(world.state.pending).toEqual([]);
          world.send({ type: 'remove' });
        });
        at(300, () => {
          expect(world.state.pending).toMatchObject([{ checkpoint: { key: 'a.bin' } }]);
          world.add('a');
          expect(world.state.pending).toEqual([]);
        });
        at(5000, () => {
          expect(world.state).toMatchObject({ pending: [], counts: { completed: 1 } });
          expect(world.fake.arrivals('initiateMultipartUpload')).toHaveLength(1);
        });
      });
    });

    it('lists a removed upload once its checkpoint is saved', () => {
      inVirtualTime(() => {
        const store = fakeCheckpointStore();
        const checkpointStore = {
          ...store,
          save: (...args: Parameters<CheckpointStore['save']>) => timer(400).pipe(concatMap(() => store.save(...args))),
        };
        const world = new World({ checkpointStore, defaults: { lock: null } });
        world.add('a');
        at(150, () => {
          world.send({ type: 'remove' });
          expect(world.state).toMatchObject({ rows: [], pending: [] });
        });
        at(5000, () => {
          expect(world.state.pending).toMatchObject([{ checkpoint: { key: 'a.bin', parts: [{ partNumber: 1 }] } }]);
        });
      });
    });

    it.each([
      ['of the queue', 'save', 400],
      ['of the queue', 'save', 2000],
      ['of the queue', 'all', 100],
      ['of the request', 'save', 400],
    ])('leaves no record of an aborted upload in a slow store %s (%s: %i ms)', (whose, which, latencyMs) => {
      inVirtualTime(() => {
        const store = fakeCheckpointStore(which === 'all' ? { latencyMs } : {});
        const save: CheckpointStore['save'] = (...args) => timer(latencyMs).pipe(concatMap(() => store.save(...args)));
        const checkpointStore = which === 'all' ? store : { ...store, save };
        const isOfQueue = whose === 'of the queue';
        const world = new World({ ...(isOfQueue && { checkpointStore }), defaults: { lock: null } });
        world.send({ type: 'add', requests: [requestOf('a', isOfQueue ? {} : { checkpointStore })] });
        at(350, () => {
          world.send({ type: 'abort' });
          expect(world.fake.inFlight('uploadPart')).toBe(0);
        });
        at(60_000, () => {
          expect(world.row('a').status).toBe('aborted');
          expect(world.fake.uploads()).toEqual([]);
          expect(store.entries.size).toBe(0);
        });
      });
    });

    describe('that returns Promises', () => {
      beforeEach(() => jest.useFakeTimers());
      afterEach(() => jest.useRealTimers());

      it.each<[string, (save: () => Observable<unknown>) => Promise<unknown>]>([
        ['take longer than they are waited for', (save) => firstValueFrom(timer(8000).pipe(concatMap(save)))],
        ['never settle', () => new Promise(() => undefined)],
      ])('leaves no record of an aborted upload if saves %s', async (_, settle) => {
        const store = fakeCheckpointStore();
        const save: CheckpointStore['save'] = (id, checkpoint) => settle(() => from(store.save(id, checkpoint)));
        const world = new World({ checkpointStore: { ...store, save }, defaults: { lock: null } });
        world.add('a');
        await jest.advanceTimersByTimeAsync(250);
        world.send({ type: 'abort' });
        await jest.advanceTimersByTimeAsync(60_000);
        expect(world.row('a').status).toBe('aborted');
        expect(world.fake.uploads()).toEqual([]);
        expect(store.entries.size).toBe(0);
      });
    });

    describe('abort of a file that was stopped', () => {
      /** One tab stops its upload after two parts of a second each, then another one may continue it. */
      const stopped = (
        options: UploadQueueOptions,
        then: (world: World, otherTab: () => Recording<QueueState>) => void,
      ): void => {
        const world = new World(options, { latencyMs: 10, bytesPerSecond: PART });
        world.add('a');
        at(2250, () => world.send({ type: 'pause' }));
        const otherTab = (): Recording<QueueState> =>
          record(world.queue$(options, of<QueueCommand>({ type: 'add', requests: [requestOf('a')] })));
        at(2300, () => then(world, otherTab));
      };

      it('keeps the parts while another tab is uploading it', () => {
        inVirtualTime(() => {
          stopped({ checkpointStore: fakeCheckpointStore(), defaults: { lock: fakeLock() } }, (world, otherTab) => {
            const other = otherTab();
            at(2400, () => {
              expect(other.values.at(-1)?.rows).toMatchObject([{ status: 'uploading' }]);
              world.send({ type: 'abort' });
            });
            at(4000, () => {
              expect(world.row('a')).toMatchObject({
                status: 'paused',
                note: { type: 'abort-failed', error: { code: 'store' } },
                can: { resume: true, abort: true },
              });
              expect(world.row('a').note?.text).toMatch(/another tab is uploading it/i);
            });
            at(9000, () => {
              expect(other.values.at(-1)?.rows).toMatchObject([{ status: 'completed' }]);
              expect(world.fake.arrivals('abortMultipartUpload')).toEqual([]);
              expectObject(world.fake, 'a.bin', fileOf('a'));
            });
          });
        });
      });

      it.each<[string, () => UploadQueueOptions]>([
        ['as nobody is uploading it', () => ({ defaults: { lock: fakeLock() } })],
        ['although its own lock is released a moment later', () => ({ defaults: { lock: releasedLate(500) } })],
        ['if there is no lock', () => ({ defaults: { lock: null } })],
      ])('deletes the parts and the record, %s', (_, optionsOf) => {
        inVirtualTime(() => {
          const checkpointStore = fakeCheckpointStore();
          stopped({ checkpointStore, ...optionsOf() }, (world) => {
            world.send({ type: 'abort' });
            at(5000, () => {
              expect(world.row('a')).toMatchObject({ status: 'aborted', note: null });
              expect(world.fake.uploads()).toEqual([]);
              expect(checkpointStore.entries.size).toBe(0);
            });
          });
        });
      });

      it('deletes the parts if the store has no record of it, or cannot be listed', () => {
        inVirtualTime(() => {
          const checkpointStore = fakeCheckpointStore({ failures: [{ on: 'list', as: 'blocked' }] });
          const lock = fakeLock();
          stopped({ checkpointStore, defaults: { lock } }, (world) => {
            lock.holdElsewhere();
            world.send({ type: 'abort' });
            at(5000, () => {
              expect(world.row('a').status).toBe('aborted');
              expect(world.fake.uploads()).toEqual([]);
            });
          });
        });
      });
    });

    it.each<[string, UploadLock['hold']]>([
      ['completes at once', () => EMPTY],
      ['completes while it waits', () => of('waiting')],
      ['fails', () => throwError(() => new Error('no'))],
      [
        'throws',
        () => {
          throw new Error('no');
        },
      ],
    ])('deletes the parts on discard and on abort if the lock %s', (_, hold) => {
      inVirtualTime(() => {
        const checkpointStore = fakeCheckpointStore();
        const world = new World({ checkpointStore, defaults: { lock: { hold } } });
        world.add('a', 'b');
        at(150, () => world.send({ type: 'remove', ids: ['a'] }, { type: 'abort', ids: ['b'] }));
        at(1000, () => {
          expect(world.state.pending).toMatchObject([{ checkpoint: { key: 'a.bin' }, isBusy: false }]);
          world.send({ type: 'discard' });
        });
        at(5000, () => {
          expect(world.row('b').status).toBe('aborted');
          expect(world.state.notices).toMatchObject([{ code: 'discarded' }]);
          expect(world.fake.uploads()).toEqual([]);
          expect(checkpointStore.entries.size).toBe(0);
        });
      });
    });

    it('shows a removed upload as free although the browser releases its lock a moment later', () => {
      inVirtualTime(() => {
        const world = new World({ checkpointStore: memoryCheckpointStore(), defaults: { lock: releasedLate(5) } });
        world.add('a');
        at(150, () => world.send({ type: 'remove' }));
        at(200, () => {
          expect(world.state.pending).toMatchObject([{ isBusy: false }]);
          world.send({ type: 'discard' });
        });
        at(5000, () => {
          expect(world.state.pending).toEqual([]);
          expect(world.fake.uploads()).toEqual([]);
        });
      });
    });

    it('keeps an upload busy while it is being discarded, also when another one becomes free', () => {
      inVirtualTime(() => {
        const lock = releasedLate(300, 5);
        const world = new World({ checkpointStore: memoryCheckpointStore(), defaults: { lock } });
        world.fake.addFaults(on('abortMultipartUpload').delay(1000));
        world.add('a', 'b');
        const busy = (): readonly boolean[] => world.state.pending.map(({ isBusy }) => isBusy);
        at(150, () => world.send({ type: 'remove' }));
        at(200, () => {
          expect(busy()).toEqual([true, false]);
          world.send({ type: 'discard' });
          expect(busy()).toEqual([true, true]);
        });
        at(600, () => expect(busy()).toEqual([false, true]));
        at(5000, () => expect(busy()).toEqual([false]));
      });
    });

    it('stores the handle of a file again when it is uploaded again after an abort', () => {
      inVirtualTime(() => {
        const { remove, handles, ...store } = storeWithFiles();
        // As `indexedDbCheckpointStore` does.
        const checkpointStore: CheckpointStore = {
          ...store,
          remove: (id) => {
            handles.clear();
            return remove(id);
          },
        };
        const world = new World({ checkpointStore, defaults: { lock: null } });
        const handle: FileHandle = { kind: 'file', name: 'a.bin', getFile: () => of(fileOf('a')) as never };
        world.send({ type: 'add', requests: [requestOf('a', { handle })] });
        at(150, () => world.send({ type: 'abort' }));
        at(2000, () => {
          expect(world.statuses()).toBe('a: aborted');
          expect(handles.size).toBe(0);
          world.send({ type: 'retry', ids: ['a'] });
        });
        at(2250, () => expect(handles.size).toBe(1));
      });
    });

    it.each([
      ['that is stored', false],
      ['that the user has chosen', true],
    ])('reads a picked file again by the handle %s when it is resumed', (_, isChosen) => {
      inVirtualTime(() => {
        const options = { checkpointStore: storeWithFiles(), defaults: { lock: null } };
        const world = new World(options);
        let reads = 0;
        const getFile = (): Promise<File> => {
          reads += 1;
          return of(fileOf('a')) as never;
        };
        const handle: FileHandle = { kind: 'file', name: 'a.bin', getFile };
        world.send({ type: 'add', requests: [requestOf('a', { handle })] });
        at(150, () => world.send({ type: 'remove' }));
        at(500, () => {
          const id = world.state.pending[0]?.id ?? '';
          world.send({ type: 'pick', id, ...(isChosen && { file: handle }) });
        });
        at(550, () => {
          reads = 0;
          world.send({ type: 'pause' }, { type: 'resume' });
          expect(reads).toBe(1);
        });
        at(5000, () => expect(world.state.counts.completed).toBe(1));
      });
    });

    it('uploads a file whose pick was the last command', () => {
      inVirtualTime(() => {
        const checkpointStore = storeWithFiles();
        const options = { checkpointStore, defaults: { lock: null } };
        const world = new World(options);
        world.add('a');
        at(250, () => world.states.unsubscribe());
        at(500, () => {
          const commands$ = new Subject<QueueCommand>();
          const states = record(world.queue$(options, commands$));
          const file$ = timer(10).pipe(map(() => fileOf('a')));
          const file: FileHandle = { kind: 'file', name: 'a.bin', getFile: () => file$ as never };
          commands$.next({ type: 'pick', id: states.values.at(-1)?.pending[0]?.id ?? '', file });
          commands$.complete();
          at(5000, () => {
            expect(states.values.at(-1)?.rows).toMatchObject([{ status: 'completed' }]);
            expect(states.completed).toBe(true);
          });
        });
      });
    });

    it('uploads without its store if it cannot be read, with one notice', () => {
      inVirtualTime(() => {
        const checkpointStore = fakeCheckpointStore({ failures: [{ on: 'list', as: 'blocked' }] });
        const world = new World({ checkpointStore, defaults: { lock: null } });
        world.add('a');
        world.send({ type: 'refresh' });
        expect(world.state.notices).toMatchObject([{ code: 'store-unreadable' }]);
        at(5000, () => expect(world.row('a').status).toBe('completed'));
      });
    });
  });
});
