import { isUploadError, type UploadCheckpoint, type UploadEvent, type UploadRequest } from 'rx-obs-upload';
import { createObsConnection, uploadFile$ } from 'rx-obs-upload';
import {
  bytesOf,
  createFakeObs,
  fakeSource,
  type Arrival,
  type FakeObs,
  type FakeSource,
  type FaultRule,
} from 'rx-obs-upload/testing';
import { identity, take } from 'rxjs';
import { expectBounds, expectLaws, expectNoSecret, law } from '../../support/laws.js';
import { eventsOf } from '../../support/upload-world.js';
import { at, inVirtualTime, record, type Recording } from '../../support/virtual-time.js';

/** Bytes of a part; `small-limits.ts` allows so few. */
const PART = 20;
const KEY = 'film.mp4';
/** Longer than any wait of a run: five attempts of a stalled request, and the pause after refused credentials. */
const LATER_MS = 10 * 60_000;
const CREDENTIALS = ['1', '2', '3', '4', '5', '6', '7', '8'].map((n) => ({
  accessKeyId: `FAKEACCESSKEYID0000${n}`,
  secretAccessKey: `fake-secret-access-key-for-tests-only-0${n}`,
}));

/** One upload, small enough to try everything that can happen to it. */
export interface SmallWorld {
  readonly name: string;
  /** bytes: parts of 20 */
  readonly size: number;
  readonly taskNum: number;
  readonly multipart: 'auto' | 'always';
}

/** What happens to the upload. */
export interface Plan {
  readonly faults: readonly FaultRule[];
  /** The event (from 0) after which it is cancelled and then resumed; null: never. */
  readonly cancelAfter: number | null;
}

/** The outcome of a plan. */
export interface Outcome {
  readonly first: Recording<UploadEvent>;
  /** The resume, after a cancel or an error. */
  readonly second: Recording<UploadEvent> | null;
  /** Requests of the first subscription. */
  readonly arrivals: readonly Arrival[];
  /** Requests of the resume. */
  readonly later: readonly Arrival[];
}

/** Runs a plan to its end and checks every law on the way. */
export function runPlan(world: SmallWorld, { faults, cancelAfter }: Plan): Outcome {
  const { fake, file, upload } = openWorld(world, faults);
  const outcome: { first?: Recording<UploadEvent>; second?: Recording<UploadEvent>; arrivals: readonly Arrival[] } = {
    arrivals: [],
  };
  let isCancelled = false as boolean;
  inVirtualTime(() => {
    // `take` unsubscribes within `next`.
    const first = record(upload(null).pipe(cancelAfter === null ? identity : take(cancelAfter + 1)));
    outcome.first = first;
    at(LATER_MS, () => {
      const last = first.values.at(-1);
      isCancelled = first.completed && last?.type !== 'completed';
      outcome.arrivals = [...fake.log];
      law(6, first.endedAt !== null, 'the upload hangs');
      if (isCancelled) expectSilence(fake, first.endedAt);
      if (first.completed && !isCancelled) return;
      const checkpoint = isCancelled ? lastCheckpointOf(first) : checkpointOf(first.error);
      const stored = storedParts(fake, checkpoint);
      if (!isCancelled) fake.clearFaults();
      outcome.second = record(upload(checkpoint));
      if (!isCancelled) at(2 * LATER_MS, () => expectSentOnce(fake.log.slice(outcome.arrivals.length), stored));
    });
  });
  const { second = null, arrivals } = outcome;
  if (outcome.first === undefined) throw new Error('nothing ran');
  const first = { ...outcome.first, completed: outcome.first.completed && !isCancelled };
  for (const recording of [first, ...(second === null ? [] : [second])]) {
    expectLaws(recording);
    expectNoSecret(
      recording,
      CREDENTIALS.map(({ secretAccessKey }) => secretAccessKey),
    );
    if (recording.error !== undefined)
      law(6, isUploadError(recording.error), `no typed error: ${nameOf(recording.error)}`);
    if (recording.completed) law(8, hasSameBytes(fake, file), 'completed, but the object is another one');
  }
  expectBounds(fake, { taskNum: world.taskNum, maxConcurrentRequests: world.taskNum });
  if (second !== null) law(6, second.endedAt !== null, 'the resume hangs');
  if (second !== null && !isCancelled) {
    law(4, second.completed, `what failed cannot be resumed: ${nameOf(second.error)}`);
  }
  return { first, second, arrivals, later: fake.log.slice(arrivals.length) };
}

interface OpenWorld {
  readonly fake: FakeObs;
  readonly file: FakeSource;
  readonly upload: (checkpoint: UploadCheckpoint | null) => ReturnType<typeof uploadFile$>;
}

function openWorld({ size, taskNum, multipart }: SmallWorld, faults: readonly FaultRule[]): OpenWorld {
  const fake = createFakeObs({
    latencyMs: 10,
    bytesPerSecond: 1000,
    progressSteps: 2,
    etags: 'fast',
    minPartBytes: 1,
    credentials: CREDENTIALS,
    faults,
  });
  const file = fakeSource({ name: KEY, size });
  // An older object of the same size, which a superficial check would mistake for the new one.
  fake.putObject(fake.bucket, KEY, bytesOf(fakeSource({ size, seed: 2 })));
  let calls = 0;
  const obs = createObsConnection({
    server: fake.server,
    credentials: () => [CREDENTIALS[calls++ % CREDENTIALS.length]].flatMap((found) => found ?? []),
    transport: {
      ...fake.transport,
      send: (request) => {
        law(13, new URL(request.url).hostname.endsWith('obs.test'), `sent to ${request.url}`);
        return fake.transport.send(request);
      },
    },
    maxConcurrentRequests: taskNum,
  });
  const request: UploadRequest = {
    bucket: fake.bucket,
    key: KEY,
    sourceFile: file,
    partSize: PART,
    taskNum,
    multipart,
    lock: null,
    stallTimeoutMs: 5000,
    retry: { jitter: 'none' },
  };
  return { fake, file, upload: (uploadCheckpoint) => uploadFile$(obs, { ...request, uploadCheckpoint }) };
}

function checkpointOf(error: unknown): UploadCheckpoint | null {
  return isUploadError(error) ? asStored(error.checkpoint) : null;
}

function lastCheckpointOf(recording: Recording<UploadEvent>): UploadCheckpoint | null {
  return asStored(eventsOf(recording, 'checkpoint').at(-1)?.checkpoint ?? null);
}

/** As an application would load it from its storage. */
function asStored(checkpoint: UploadCheckpoint | null): UploadCheckpoint | null {
  return checkpoint === null ? null : (JSON.parse(JSON.stringify(checkpoint)) as UploadCheckpoint);
}

/** The parts on which client and service agree. */
function storedParts(fake: FakeObs, checkpoint: UploadCheckpoint | null): readonly number[] {
  const known = new Map(checkpoint?.parts.map(({ partNumber, etag }) => [partNumber, etag]));
  return fake
    .partsOf(checkpoint?.uploadId ?? '')
    .filter(({ partNumber, etag }) => known.get(partNumber) === etag)
    .map(({ partNumber }) => partNumber);
}

/** Every request was aborted at the moment of the cancel, and none was sent afterwards. */
function expectSilence(fake: FakeObs, cancelledAt: number): void {
  law(3, fake.inFlight() === 0, 'a request is still running after the cancel');
  for (const { at: sentAt, endedAt } of fake.log) {
    law(3, sentAt <= cancelledAt, 'something is sent after the cancel');
    law(3, endedAt !== null && endedAt <= cancelledAt, 'a request is still running after the cancel');
  }
}

function expectSentOnce(log: readonly Arrival[], stored: readonly number[]): void {
  for (const { operation, partNumber } of log) {
    law(4, operation !== 'uploadPart' || !stored.includes(partNumber ?? 0), `part ${partNumber} is sent again`);
  }
}

function hasSameBytes(fake: FakeObs, file: FakeSource): boolean {
  const object = fake.object(KEY);
  return object !== null && Buffer.compare(object.bytes, bytesOf(file)) === 0;
}

function nameOf(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message}` : typeof error;
}
