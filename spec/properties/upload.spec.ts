import fc from 'fast-check';
import { asyncScheduler, Observable } from 'rxjs';
import {
  isUploadError,
  streamSource,
  type UploadCheckpoint,
  type UploadError,
  type UploadEvent,
  type UploadSource,
} from 'rx-obs-upload';
import { bytesOf, fakeSource } from 'rx-obs-upload/testing';
import { eventsOf, uploadWorld, type UploadWorld } from '../support/upload-world.js';
import { expectBounds, expectLaws, expectNoSecret } from '../support/laws.js';
import { at, record, runVirtually, type Recording } from '../support/virtual-time.js';
import { faultsOf, scenarios, type Scenario } from './scenario.js';

const runs = Number(process.env.PROPERTY_RUNS ?? 500);
const seed = Number(process.env.PROPERTY_SEED ?? Date.now() % 2 ** 31);

describe('any sequence of faults, cancels and resumes', () => {
  it(`ends in the same bytes or in a resumable typed error, and obeys the laws (${runs} runs, seed ${seed})`, () => {
    fc.assert(
      fc.property(scenarios, (scenario) => {
        const world = worldOf(scenario);
        const source = sourceOf(world, scenario);
        let checkpoint: UploadCheckpoint | null = null;
        for (const ms of scenario.cancelsAfterMs) {
          const cancelled = run(world, source, scenario, checkpoint, ms);
          if (cancelled.values.at(-1)?.type === 'completed') return expectSameBytes(world);
          checkpoint = checkpointAfter(cancelled, checkpoint, scenario.keepsEvery);
        }
        const last = run(world, source, scenario, checkpoint, null);
        if (last.values.at(-1)?.type === 'completed') return expectSameBytes(world);
        expect(isUploadError(last.error)).toBe(true);
        return expectResumable(world, source, scenario, (last.error as UploadError).checkpoint);
      }),
      { numRuns: runs, seed },
    );
  });
});

function worldOf(scenario: Scenario): UploadWorld {
  const { latencyMs, checksum, size, maxConcurrentRequests } = scenario;
  // When MD5s are compared, an ETag that looks like one but is not means a damaged object.
  const etags = checksum === 'md5' ? 'md5' : scenario.etags;
  return uploadWorld(
    { latencyMs, etags, faults: scenario.faults.flatMap(faultsOf) },
    { maxConcurrentRequests },
    fakeSource({ name: 'film.mp4', size }),
  );
}

/** The file, or a stream of its bytes, which is produced only once, whether or not it is being uploaded. */
function sourceOf({ file }: UploadWorld, { stream }: Scenario): UploadSource {
  if (stream === null) return file;
  const bytes = bytesOf(file);
  const { chunkBytes, everyMs } = stream;
  const chunk$ = new Observable<Uint8Array>((subscriber) => {
    const produce = (start: number): void => {
      if (start >= bytes.length) return subscriber.complete();
      subscriber.next(bytes.subarray(start, start + chunkBytes));
      subscriber.add(asyncScheduler.schedule(() => produce(start + chunkBytes), everyMs));
      return undefined;
    };
    produce(0);
  });
  return streamSource(chunk$, { name: 'film.mp4' });
}

/** Whether the server lost parts of a stream, which are no longer stored anywhere. */
function isLost(error: unknown): boolean {
  return isUploadError(error) && error.code === 'source-unreadable' && !error.resumable;
}

/** Runs one subscription, to its end or until it is cancelled, and checks the laws. */
function run(
  world: UploadWorld,
  sourceFile: UploadSource,
  { stream, taskNum, multipart, checksum, swizzle, clockSettings, maxConcurrentRequests }: Scenario,
  checkpoint: UploadCheckpoint | null,
  cancelAfterMs: number | null,
): Recording<UploadEvent> {
  const upload$ = world.resume(checkpoint, { sourceFile, taskNum, multipart, checksum, stallTimeoutMs: 5000 });
  const recording = runVirtually(() => {
    // A fault that makes a refusal look like a success needs a request that is not refused because of its date.
    disturb(world, swizzle, stream === null ? clockSettings : []);
    const started = record(upload$);
    if (cancelAfterMs !== null) {
      at(cancelAfterMs, () => {
        started.unsubscribe();
        const sent = world.fake.log.length;
        expect(world.fake.inFlight()).toBe(0);
        at(1_000_000, () => expect(world.fake.log).toHaveLength(sent));
      });
    }
    return started;
  });
  if (cancelAfterMs === null) expect(recording.endedAt).not.toBeNull();
  expectLaws(recording);
  expectNoSecret(recording, [world.fake.credentials.secretAccessKey]);
  expectBounds(world.fake, { taskNum, maxConcurrentRequests });
  return recording;
}

function disturb({ fake }: UploadWorld, swizzle: Scenario['swizzle'], clockSettings: Scenario['clockSettings']): void {
  // To a clock that is set back by an hour, the service seems to be an hour ahead.
  for (const { atMs, offByMs } of clockSettings) at(atMs, () => fake.setClockSkew(-offByMs));
  if (swizzle === null) return;
  const { startMs, gapMs, heldMs, stops, starts } = swizzle;
  stops.forEach((line, i) => at(startMs + i * gapMs, () => fake.clog(line)));
  const startedAgainMs = startMs + stops.length * gapMs + heldMs;
  starts.forEach((line, i) => at(startedAgainMs + i * gapMs, () => fake.unclog(line)));
}

/** An application may have stored any checkpoint, not only the last one. */
function checkpointAfter(
  recording: Recording<UploadEvent>,
  before: UploadCheckpoint | null,
  keepsEvery: number,
): UploadCheckpoint | null {
  const stored = eventsOf(recording, 'checkpoint').filter((_, i) => i % keepsEvery === 0);
  const failed = (recording.error as { readonly checkpoint?: UploadCheckpoint | null } | undefined)?.checkpoint;
  const last = failed ?? stored.at(-1)?.checkpoint ?? before;
  return last === null ? null : (JSON.parse(JSON.stringify(last)) as UploadCheckpoint);
}

/** Without further faults, a failed upload can be resumed and creates the complete object. */
function expectResumable(
  world: UploadWorld,
  source: UploadSource,
  scenario: Scenario,
  checkpoint: UploadCheckpoint | null,
): void {
  const healthy = { ...scenario, faults: [], swizzle: null, clockSettings: [] };
  world.fake.clearFaults();
  const resumed = run(world.reconnect(), source, healthy, checkpoint, null);
  if (scenario.stream !== null && isLost(resumed.error)) return;
  expect(resumed.error).toBeUndefined();
  expectSameBytes(world);
}

function expectSameBytes({ fake, file }: UploadWorld): void {
  const object = fake.object('film.mp4');
  expect(object === null ? null : Buffer.compare(object.bytes, bytesOf(file))).toBe(0);
}
