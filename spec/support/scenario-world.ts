import { createHash } from 'node:crypto';
import {
  isUploadError,
  obsSigner,
  uploadFile$,
  type ObsConnectionOptions,
  type Signer,
  type UploadCheckpoint,
  type UploadError,
  type UploadEvent,
  type UploadOptions,
  type UploadResult,
} from 'rx-obs-upload';
import { bytesOf, type FakeObs, type FakeSource, type FaultRule } from 'rx-obs-upload/testing';
import { of, takeWhile, throwError, type ObservableInput } from 'rxjs';
import { sampleRanges } from '../../lib/model/sample-ranges.js';
import { expectLaws } from './laws.js';
import { connectionTo, eventsOf, expectObject, lastCheckpoint, type UploadWorld } from './upload-world.js';
import { record, runVirtually, type Recording } from './virtual-time.js';

export const MINUTE = 60_000;

/** Few attempts at known times. */
export const THREE_TIMES: NonNullable<UploadOptions['retry']> = { maxAttempts: 3, baseDelayMs: 500, jitter: 'none' };

/** A fault that has not fired proves nothing. */
export function expectFired(...rules: readonly FaultRule[]): void {
  for (const rule of rules) expect([rule.name, rule.fired > 0]).toEqual([rule.name, true]);
}

/** It has ended, by the laws, with nothing in flight and nothing deleted. */
export function expectSound({ fake }: UploadWorld, events: Recording<UploadEvent>): void {
  expect(events.endedAt).not.toBeNull();
  expectLaws(events);
  expect(fake.inFlight()).toBe(0);
  expect(fake.arrivals('abortMultipartUpload')).toHaveLength(0);
}

/** It has completed, and the object is the file. */
export function expectSurvived(world: UploadWorld, events: Recording<UploadEvent>, key = 'film.mp4'): UploadResult {
  expect(events.error).toBeUndefined();
  expectSound(world, events);
  expectObject(world.fake, key, world.file);
  const result = eventsOf(events, 'completed')[0]?.result;
  expect(result).toMatchObject({ bucket: world.fake.bucket, key, totalBytes: world.file.size });
  return result as UploadResult;
}

/** It has failed as it should, and says where it stood. @param given - the checkpoint that it was resumed with */
export function expectFailed(
  world: UploadWorld,
  events: Recording<UploadEvent>,
  error: object,
  given: UploadCheckpoint | null = null,
): UploadError {
  expect(isUploadError(events.error)).toBe(true);
  expect(events.error).toMatchObject(error);
  expectSound(world, events);
  const failed = events.error as UploadError;
  expect(failed.checkpoint).toEqual(eventsOf(events, 'checkpoint').at(-1)?.checkpoint ?? given);
  return failed;
}

/**
 * It has failed as it should, and the upload stays: once the fault is over, the error's checkpoint leads to the whole
 * object, and no acknowledged part is sent again.
 */
export function expectKept(
  world: UploadWorld,
  events: Recording<UploadEvent>,
  error: object,
  {
    given = null,
    healed = world.reconnect(),
    resumable = true,
  }: { given?: UploadCheckpoint | null; healed?: UploadWorld; resumable?: boolean } = {},
): UploadError {
  const failed = expectFailed(world, events, error, given);
  const { checkpoint } = failed;
  if (checkpoint === null) throw new Error('there is no checkpoint to resume with');
  expect(failed.resumable).toBe(resumable);
  expect(world.fake.uploads().map(({ uploadId }) => uploadId)).toContain(checkpoint.uploadId);
  world.fake.clearFaults();
  const initiated = world.fake.arrivals('initiateMultipartUpload').length;
  const resumed = resumeAsJson(healed, checkpoint);
  expectSurvived(healed, resumed);
  expect(world.fake.arrivals('initiateMultipartUpload')).toHaveLength(initiated);
  const sentAgain = eventsOf(resumed, 'part-started').filter(({ partNumber }) =>
    checkpoint.parts.some((part) => part.partNumber === partNumber),
  );
  expect(sentAgain).toEqual([]);
  return failed;
}

/** It has failed as it should before there was anything to keep: once the fault is over, it works from the start. */
export function expectNothingKept(
  world: UploadWorld,
  events: Recording<UploadEvent>,
  error: object,
  healed: UploadWorld = world.reconnect(),
): UploadError {
  const failed = expectFailed(world, events, error);
  expect(failed.checkpoint).toBeNull();
  world.fake.clearFaults();
  expectSurvived(healed, resumeAsJson(healed, null));
  return failed;
}

/** Resumes with what is left of a checkpoint after a reload: its JSON. */
export function resumeAsJson(
  world: UploadWorld,
  checkpoint: UploadCheckpoint | null,
  options: Partial<UploadOptions> = {},
): Recording<UploadEvent> {
  return runVirtually(() => record(world.resume(asJson(checkpoint), options)));
}

/** As it comes back from a store. */
export function asJson<T>(value: T): T {
  return JSON.parse(JSON.stringify(value)) as T;
}

/** The checkpoint of an upload that has just begun, as it would be with parts of another size: tiny ones are cheap. */
export function recut(begun: UploadCheckpoint, file: FakeSource, partSize: number): UploadCheckpoint {
  const bytes = bytesOf(file);
  const slices = createHash('md5');
  for (const [start, end] of sampleRanges(bytes.length)) slices.update(bytes.subarray(start, end));
  const sample = createHash('md5')
    .update(`${slices.digest('hex')} ${partSize}`)
    .digest('hex');
  return { ...begun, partSize, file: { ...begun.file, sample } };
}

/** Begins an upload of small parts, and gives up at once. The fake must take them: `minPartBytes: 1`. */
export function begunWithParts(world: UploadWorld, partSize: number): UploadCheckpoint {
  return recut(interrupted(world, 0, { multipart: 'always' }), world.file, partSize);
}

/** Uploads until that number of parts is acknowledged, gives up, and gives the last checkpoint. */
export function interrupted(
  world: UploadWorld,
  parts = 2,
  options: Parameters<UploadWorld['upload']>[0] = { taskNum: 1 },
): UploadCheckpoint {
  const events = runVirtually(() =>
    record(
      world
        .upload(options)
        .pipe(takeWhile((event) => event.type !== 'checkpoint' || event.checkpoint.parts.length < parts, true)),
    ),
  );
  const checkpoint = lastCheckpoint(events);
  expect(checkpoint.parts).toHaveLength(parts);
  return checkpoint;
}

/** A connection's only permit is free: another upload on it, with one request at once, completes. */
export function expectPermitsBack(fake: FakeObs, upload: UploadWorld['upload'], key = 'next.bin'): void {
  const events = runVirtually(() => record(upload({ key })));
  expect(events.error).toBeUndefined();
  expect(events.values.at(-1)?.type).toBe('completed');
  expect(fake.object(key)).not.toBeNull();
  expect(fake.maxInFlight()).toBe(1);
}

/** Signs by URL, as a backend that presigns does. */
export function urlSigner(expiresInSeconds = 900): Signer {
  const { dialect, presign } = obsSigner();
  return { dialect, sign: (request, context) => of(presign(request, { ...context, expiresInSeconds })) };
}

/** Fails rather than signs for ever. */
export function tiring({ dialect, sign }: Signer, most: number): Signer {
  let calls = 0;
  return {
    dialect,
    sign: (request, context) =>
      ++calls > most ? throwError(() => new Error('signed for ever')) : sign(request, context),
  };
}

/** The n-th call, counted from 1, gives something else. */
export function interposed<A extends unknown[], T>(
  port: (...args: A) => ObservableInput<T>,
  instead: (n: number) => ObservableInput<T> | null,
): { readonly calls: () => number; readonly port: (...args: A) => ObservableInput<T> } {
  let calls = 0;
  return { calls: () => calls, port: (...args) => instead(++calls) ?? port(...args) };
}

/** The same service and file by another connection. */
export function connectedBy(world: UploadWorld, options: Partial<ObsConnectionOptions>): UploadWorld {
  const { fake, file } = world;
  const { bucket } = fake;
  const obs = connectionTo(fake, options);
  const defaults: UploadOptions = { sourceFile: file, partSize: 100 * 1024, taskNum: 2, retry: { jitter: 'none' } };
  const connected: UploadWorld = {
    fake,
    obs,
    file,
    upload: ({ key = 'film.mp4', ...requested } = {}) => uploadFile$(obs, { bucket, key, ...defaults, ...requested }),
    resume: (uploadCheckpoint, requested) =>
      uploadFile$(obs, { bucket, key: 'film.mp4', uploadCheckpoint, ...defaults, ...requested }),
    reconnect: () => connectedBy(world, options),
  };
  return connected;
}

/** The first event of a type. */
export function first<T extends UploadEvent['type']>(
  events: Recording<UploadEvent>,
  type: T,
): Extract<UploadEvent, { type: T }> | undefined {
  return eventsOf(events, type)[0];
}

/** When the first event of a type came. */
export function timeOf(events: Recording<UploadEvent>, type: UploadEvent['type']): number {
  return events.times[events.values.findIndex((event) => event.type === type)] ?? Number.NaN;
}
