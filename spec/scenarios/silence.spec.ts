import { NEVER, of, type ObservableInput } from 'rxjs';
import {
  abortUpload$,
  listUploads$,
  obsSigner,
  type ObsConnectionOptions,
  type ObsCredentials,
  type UploadCheckpoint,
  type UploadEvent,
} from 'rx-obs-upload';
import { fakeSource, on, type FaultRule, type StallPoint } from 'rx-obs-upload/testing';
import { presigningBackend } from '../support/presigning-backend.js';
import { eventsOf, PART, uploadWorld, type UploadWorld } from '../support/upload-world.js';
import { record, runVirtually, type Recording } from '../support/virtual-time.js';
import {
  withConnection,
  expectFired,
  expectCanResume,
  expectCanRestart,
  expectUploaded,
  first,
  withReplacedCalls,
  interrupted,
  THREE_ATTEMPTS,
  timeOf,
} from '../support/scenario-world.js';

const STALL = 5000;

const points: readonly [when: string, point: StallPoint][] = [
  ['before the first byte', 'before-body'],
  ['during the body', 'mid-body'],
  ['after the body', 'before-response'],
  ['after it took effect', 'after-effect'],
  ['during the response', 'mid-response'],
];

const operations = ['initiateMultipartUpload', 'uploadPart', 'listParts', 'completeMultipartUpload'] as const;
type Operation = (typeof operations)[number];

const cells = operations.flatMap((operation) => points.map(([when, point]) => [operation, when, point] as const));

interface Run {
  readonly world: UploadWorld;
  readonly events: Recording<UploadEvent>;
  /** The checkpoint that it was resumed with. */
  readonly given: UploadCheckpoint | null;
}

/** Runs an upload, or a resume if the fault is for list parts. */
function run(operation: Operation, fault: FaultRule): Run {
  const world = uploadWorld({ etags: 'fast' });
  const given = operation === 'listParts' ? interrupted(world) : null;
  world.fake.addFaults(fault);
  const options = { taskNum: 1, stallTimeoutMs: STALL, retry: THREE_ATTEMPTS };
  const events = runVirtually(() => record(given ? world.resume(given, options) : world.upload(options)));
  return { world, events, given };
}

function tookEffect(point: StallPoint): boolean {
  return point === 'after-effect' || point === 'mid-response';
}

describe('silence', () => {
  it.each(cells)('on %s, %s, is retried after stallTimeoutMs', (operation, _, point) => {
    const fault = on(operation).stall(point);
    const { world, events } = run(operation, fault);
    expectFired(fault);
    expectUploaded(world, events);
    const [silent] = world.fake.log.filter((arrival) => arrival.fault !== null);
    expect(silent).toMatchObject({ operation, aborted: true, status: null });
    if (operation === 'completeMultipartUpload' && tookEffect(point)) {
      // It took effect: HEAD finds the object, and nothing needs to be sent again.
      expect(world.fake.arrivals('completeMultipartUpload')).toHaveLength(1);
      expect(world.fake.arrivals('headObject')[0]?.at).toBeGreaterThanOrEqual((silent?.at ?? 0) + STALL);
      return;
    }
    const [retrying] = eventsOf(events, 'retrying');
    expect(retrying).toMatchObject({ operation, delayMs: 500, error: { name: 'NetworkError', code: 'stalled' } });
    // A body whose progress cannot be seen may still be in transit, so the time of its size at 16 KiB/s is added.
    const showsLife = point === 'mid-body' || point === 'mid-response';
    const patience = showsLife ? STALL : STALL + ((silent?.size ?? 0) * 1000) / (16 * 1024);
    // The body takes up to 100 ms, and complete is followed by HEAD.
    const waited = timeOf(events, 'retrying') - (silent?.at ?? 0);
    expect(waited).toBeGreaterThanOrEqual(patience);
    expect(waited).toBeLessThanOrEqual(patience + 120);
  });

  it.each(cells)('on %s, %s, that repeats ends in a NetworkError with the checkpoint', (operation, _, point) => {
    const fault = on(operation, { times: Number.POSITIVE_INFINITY }).stall(point);
    const { world, events, given } = run(operation, fault);
    expectFired(fault);
    if (operation === 'completeMultipartUpload' && tookEffect(point)) {
      expectUploaded(world, events);
      return;
    }
    const stalled = { name: 'NetworkError', code: 'stalled', operation, retryable: true };
    expect(world.fake.arrivals(operation).filter(({ fault: done }) => done !== null)).toHaveLength(3);
    if (operation === 'initiateMultipartUpload') expectCanRestart(world, events, stalled);
    else expectCanResume(world, events, stalled, { given });
  });

  it.each(points)('on a single PUT, %s, is retried', (_, point) => {
    const fault = on('putObject').stall(point);
    const world = uploadWorld({ faults: [fault] }, {}, fakeSource({ size: PART }));
    const events = runVirtually(() => record(world.upload({ stallTimeoutMs: STALL })));
    expectFired(fault);
    expectUploaded(world, events);
    expect(first(events, 'retrying')).toMatchObject({ operation: 'putObject', error: { code: 'stalled' } });
  });

  it('on HEAD after a lost response is retried', () => {
    const faults = [on('completeMultipartUpload').loseResponse(), on('headObject').stall('before-response')];
    const world = uploadWorld({ faults });
    const events = runVirtually(() => record(world.upload({ stallTimeoutMs: STALL })));
    expectFired(...faults);
    expect(expectUploaded(world, events).verified).toBe('etag');
  });

  it('on initiate leaves an orphan that listUploads$ finds', () => {
    const fault = on('initiateMultipartUpload').stall('after-effect');
    const { world, events } = run('initiateMultipartUpload', fault);
    expectFired(fault);
    expectUploaded(world, events);
    const found = runVirtually(() => record(listUploads$(world.obs, { bucket: 'media', prefix: 'film.mp4' })));
    expect(found.values.map(({ uploadId }) => uploadId)).toEqual(world.fake.uploads().map(({ uploadId }) => uploadId));
    expect(found.values).toHaveLength(1);
  });

  describe('on signing', () => {
    type Replacement = (n: number) => ObservableInput<never> | null;
    /** Signs locally or by a backend, and counts the calls. */
    type Signing = (
      instead: Replacement,
      world: () => UploadWorld,
    ) => {
      readonly options: Partial<ObsConnectionOptions>;
      readonly calls: () => number;
    };
    const local: Signing = (instead) => {
      const { dialect, sign } = obsSigner();
      const { port, calls } = withReplacedCalls(sign, instead);
      return { options: { signer: { dialect, sign: port } }, calls };
    };
    const backend: Signing = (instead, world) => {
      const { port, calls } = withReplacedCalls(presigningBackend(() => world().fake).presign, instead);
      return { options: { presign: port }, calls };
    };
    // Local signatures: initiate, four parts, complete. Calls of the backend: initiate, all parts, complete.
    const cases: readonly [what: string, n: number, of: Operation, usualCalls: number, signing: Signing][] = [
      ['signing', 1, 'initiateMultipartUpload', 6, local],
      ['signing', 2, 'uploadPart', 6, local],
      ['signing', 5, 'uploadPart', 6, local],
      ['signing', 6, 'completeMultipartUpload', 6, local],
      ['presigning', 1, 'initiateMultipartUpload', 3, backend],
      ['presigning', 2, 'uploadPart', 3, backend],
      ['presigning', 3, 'completeMultipartUpload', 3, backend],
    ];

    it.each(cases)('is retried: %s, call %i, for %s', (_, n, operation, usualCalls, signing) => {
      const { options, calls } = signing(
        (call) => (call === n ? NEVER : null),
        () => world,
      );
      const world: UploadWorld = uploadWorld({ etags: 'fast' }, options);
      const events = runVirtually(() =>
        record(world.upload({ taskNum: 1, stallTimeoutMs: STALL, retry: THREE_ATTEMPTS })),
      );
      expectUploaded(world, events);
      expect(calls()).toBeGreaterThan(usualCalls);
      expect(first(events, 'retrying')).toMatchObject({ operation, error: { code: 'stalled' } });
      expect(world.fake.arrivals('uploadPart')).toHaveLength(4);
    });

    it.each(cases)(
      'that repeats ends in a NetworkError with the checkpoint: %s, from call %i on, for %s',
      (_, n, operation, __, signing) => {
        const { options, calls } = signing(
          (call) => (call >= n ? NEVER : null),
          () => world,
        );
        const world: UploadWorld = uploadWorld({ etags: 'fast' }, options);
        const events = runVirtually(() =>
          record(world.upload({ taskNum: 1, stallTimeoutMs: STALL, retry: THREE_ATTEMPTS })),
        );
        const stalled = { name: 'NetworkError', code: 'stalled', operation };
        const healed = withConnection(
          world,
          signing(
            () => null,
            () => world,
          ).options,
        );
        if (n === 1) expectCanRestart(world, events, stalled, healed);
        else expectCanResume(world, events, stalled, { healed });
        expect(calls()).toBeGreaterThanOrEqual(n + 2);
        expect(events.endedAt).toBeLessThan(10 * STALL);
      },
    );
  });

  describe('of the credentials provider', () => {
    it('is retried', () => {
      const { port, calls } = withReplacedCalls(
        (): [ObsCredentials] => [world.fake.credentials],
        (call) => (call === 1 ? NEVER : null),
      );
      const world: UploadWorld = uploadWorld({}, { credentials: port });
      const events = runVirtually(() => record(world.upload({ stallTimeoutMs: STALL })));
      expectUploaded(world, events);
      expect(calls()).toBe(2);
      expect(first(events, 'retrying')).toMatchObject({ error: { code: 'stalled' } });
    });

    it('that repeats ends in a NetworkError before anything is sent', () => {
      const { port, calls } = withReplacedCalls(
        () => of(world.fake.credentials),
        () => NEVER,
      );
      const world: UploadWorld = uploadWorld({}, { credentials: port });
      const events = runVirtually(() => record(world.upload({ stallTimeoutMs: STALL, retry: THREE_ATTEMPTS })));
      expectCanRestart(
        world,
        events,
        { name: 'NetworkError', code: 'stalled' },
        withConnection(world, { credentials: world.fake.credentials }),
      );
      expect(calls()).toBe(3);
    });
  });

  describe('is not', () => {
    it('a slow line that makes progress', () => {
      const slow = on('uploadPart', { partNumber: 2 }).slow({ bytesPerSecond: 6 * 1024 });
      const world = uploadWorld({ faults: [slow], progressSteps: 10 });
      const events = runVirtually(() => record(world.upload({ stallTimeoutMs: STALL })));
      expectFired(slow);
      expectUploaded(world, events);
      expect(eventsOf(events, 'retrying')).toHaveLength(0);
      expect(events.endedAt).toBeGreaterThan(3 * STALL);
    });

    it('a wait for a permit', () => {
      const slow = on('uploadPart', { key: 'other.bin', times: 4 }).slow({ bytesPerSecond: 8 * 1024 });
      const world = uploadWorld({ faults: [slow], progressSteps: 10 }, { maxConcurrentRequests: 1 });
      const events = runVirtually(() => {
        record(world.upload({ key: 'other.bin', stallTimeoutMs: STALL }));
        return record(world.upload({ stallTimeoutMs: STALL }));
      });
      expectFired(slow);
      expectUploaded(world, events);
      expect(eventsOf(events, 'retrying')).toHaveLength(0);
    });
  });

  it.each(['listParts', 'abortMultipartUpload'] as const)(
    'on %s while an upload is aborted is retried',
    (operation) => {
      const world = uploadWorld();
      const checkpoint = interrupted(world);
      const fault = on(operation).stall('before-response');
      world.fake.addFaults(fault);
      const aborted = runVirtually(() => record(abortUpload$(world.obs, checkpoint)));
      expectFired(fault);
      expect(aborted.completed).toBe(true);
      expect(aborted.endedAt).toBeLessThan(2 * 60_000);
      expect(world.fake.uploads()).toHaveLength(0);
    },
  );

  it('on listUploads$ ends in a NetworkError', () => {
    const world = uploadWorld();
    const fault = on('listMultipartUploads', { times: Number.POSITIVE_INFINITY }).stall('mid-response');
    world.fake.addFaults(fault);
    const found = runVirtually(() => record(listUploads$(world.obs, { bucket: 'media' })));
    expectFired(fault);
    expect(found.error).toMatchObject({ name: 'NetworkError', code: 'stalled', operation: 'listMultipartUploads' });
  });
});
