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
import { sampleRanges } from '../../lib/model/checkpoint/parts.js';
import { expectLaws } from './laws.js';
import { connectionTo, eventsOf, expectObject, lastCheckpoint, type UploadWorld } from './upload-world.js';
import { record, runVirtually, type Recording } from './virtual-time.js';

export const MINUTE = 60_000;

/** A few attempts at known times. */
export const THREE_ATTEMPTS: NonNullable<UploadOptions['retry']> = { maxAttempts: 3, baseDelayMs: 500, jitter: 'none' };

/** Expects that faults have fired: one that has not proves nothing. */
export function expectFired(...rules: readonly FaultRule[]): void {
  for (const rule of rules) expect([rule.name, rule.fired > 0]).toEqual([rule.name, true]);
}

/** Expects that the upload has ended and obeyed the laws, with nothing in flight and nothing aborted. */
export function expectEndedCleanly({ fake }: UploadWorld, events: Recording<UploadEvent>): void {
  expect(events.endedAt).not.toBeNull();
  expectLaws(events);
  expect(fake.inFlight()).toBe(0);
  expect(fake.arrivals('abortMultipartUpload')).toHaveLength(0);
}

/** Expects that the upload has completed and the object is identical to the file. */
export function expectUploaded(world: UploadWorld, events: Recording<UploadEvent>, key = 'film.mp4'): UploadResult {
  expect(events.error).toBeUndefined();
  expectEndedCleanly(world, events);
  expectObject(world.fake, key, world.file);
  const result = eventsOf(events, 'completed')[0]?.result;
  expect(result).toMatchObject({ bucket: world.fake.bucket, key, totalBytes: world.file.size });
  return result as UploadResult;
}

/** Expects that the upload has failed with its last checkpoint. @param given - the checkpoint it was resumed with */
export function expectFailed(
  world: UploadWorld,
  events: Recording<UploadEvent>,
  error: object,
  given: UploadCheckpoint | null = null,
): UploadError {
  expect(isUploadError(events.error)).toBe(true);
  expect(events.error).toMatchObject(error);
  expectEndedCleanly(world, events);
  const failed = events.error as UploadError;
  expect(failed.checkpoint).toEqual(eventsOf(events, 'checkpoint').at(-1)?.checkpoint ?? given);
  return failed;
}

/**
 * Expects that the upload has failed and can be resumed: once the fault is over, the error's checkpoint leads to the
 * complete object, and no acknowledged part is sent again.
 */
export function expectCanResume(
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
  expectUploaded(healed, resumed);
  expect(world.fake.arrivals('initiateMultipartUpload')).toHaveLength(initiated);
  const sentAgain = eventsOf(resumed, 'part-started').filter(({ partNumber }) =>
    checkpoint.parts.some((part) => part.partNumber === partNumber),
  );
  expect(sentAgain).toEqual([]);
  return failed;
}

/** Expects that the upload has failed without a checkpoint: once the fault is over, it succeeds from the start. */
export function expectCanRestart(
  world: UploadWorld,
  events: Recording<UploadEvent>,
  error: object,
  healed: UploadWorld = world.reconnect(),
): UploadError {
  const failed = expectFailed(world, events, error);
  expect(failed.checkpoint).toBeNull();
  world.fake.clearFaults();
  expectUploaded(healed, resumeAsJson(healed, null));
  return failed;
}

/** Resumes with a checkpoint as it is after a reload: converted to JSON and back. */
export function resumeAsJson(
  world: UploadWorld,
  checkpoint: UploadCheckpoint | null,
  options: Partial<UploadOptions> = {},
): Recording<UploadEvent> {
  return runVirtually(() => record(world.resume(asJson(checkpoint), options)));
}

/** The value as a store returns it. */
export function asJson<T>(value: T): T {
  return JSON.parse(JSON.stringify(value)) as T;
}

/** The checkpoint of an upload that has just started, converted to another part size: tiny parts are cheap. */
export function withPartSize(begun: UploadCheckpoint, file: FakeSource, partSize: number): UploadCheckpoint {
  const bytes = bytesOf(file);
  const slices = createHash('md5');
  for (const [start, end] of sampleRanges(bytes.length)) slices.update(bytes.subarray(start, end));
  const sample = createHash('md5')
    .update(`${slices.digest('hex')} ${partSize}`)
    .digest('hex');
  return { ...begun, partSize, file: { ...begun.file, sample } };
}

/** Starts an upload of small parts and cancels it. The fake must accept them: `minPartBytes: 1`. */
export function startedWithPartSize(world: UploadWorld, partSize: number): UploadCheckpoint {
  return withPartSize(interrupted(world, 0, { multipart: 'always' }), world.file, partSize);
}

/** Uploads until that number of parts is acknowledged, cancels, and returns the last checkpoint. */
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

/** Expects that a connection's only permit is free: another upload on it completes, with one request at a time. */
export function expectPermitsBack(fake: FakeObs, upload: UploadWorld['upload'], key = 'next.bin'): void {
  const events = runVirtually(() => record(upload({ key })));
  expect(events.error).toBeUndefined();
  expect(events.values.at(-1)?.type).toBe('completed');
  expect(fake.object(key)).not.toBeNull();
  expect(fake.maxInFlight()).toBe(1);
}

/** Signs in the URL, as a backend that presigns does. */
export function urlSigner(expiresInSeconds = 900): Signer {
  const { dialect, presign } = obsSigner();
  return { dialect, sign: (request, context) => of(presign(request, { ...context, expiresInSeconds })) };
}

/** Fails after `most` calls, rather than sign forever. */
export function failingAfter({ dialect, sign }: Signer, most: number): Signer {
  let calls = 0;
  return {
    dialect,
    sign: (request, context) =>
      ++calls > most ? throwError(() => new Error('signed for ever')) : sign(request, context),
  };
}

/** Replaces the result of the n-th call, counted from 1, unless `instead` returns null. */
export function withReplacedCalls<A extends unknown[], T>(
  port: (...args: A) => ObservableInput<T>,
  instead: (n: number) => ObservableInput<T> | null,
): { readonly calls: () => number; readonly port: (...args: A) => ObservableInput<T> } {
  let calls = 0;
  return { calls: () => calls, port: (...args) => instead(++calls) ?? port(...args) };
}

/** The same service and file with another connection. */
export function withConnection(world: UploadWorld, options: Partial<ObsConnectionOptions>): UploadWorld {
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
    reconnect: () => withConnection(world, options),
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

/** When the first event of a type was emitted. */
export function timeOf(events: Recording<UploadEvent>, type: UploadEvent['type']): number {
  return events.times[events.values.findIndex((event) => event.type === type)] ?? Number.NaN;
}
