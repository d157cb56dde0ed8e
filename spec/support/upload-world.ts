import { createObsConnection, uploadFile$, type ObsConnection, type ObsConnectionOptions } from 'rx-obs-upload';
import type { UploadCheckpoint, UploadEvent, UploadOptions, SizedSource } from 'rx-obs-upload';
import {
  bytesOf,
  createFakeObs,
  fakeSource,
  type FakeObs,
  type FakeObsOptions,
  type FakeSource,
} from 'rx-obs-upload/testing';
import { concatMap, defer, timer, type Observable } from 'rxjs';
import type { Recording } from './virtual-time.js';

export const KIB = 1024;
export const PART: number = 100 * KIB;

/** A fake OBS, a connection to it and a file of four parts, the last one shorter. */
export interface UploadWorld {
  readonly fake: FakeObs;
  readonly obs: ObsConnection;
  readonly file: FakeSource;
  /** Uploads the file in parts of 100 KiB, two concurrently, without jitter, unless specified otherwise. */
  upload(options?: Partial<UploadOptions> & { readonly key?: string }): Observable<UploadEvent>;
  resume(checkpoint: UploadCheckpoint | null, options?: Partial<UploadOptions>): Observable<UploadEvent>;
  /** The same service and file with a new connection, as after a reload. */
  reconnect(): UploadWorld;
}

export function uploadWorld(
  fakeOptions: FakeObsOptions = {},
  connectionOptions: Partial<ObsConnectionOptions> = {},
  file: FakeSource = fakeSource({ name: 'film.mp4', size: 3 * PART + 1000 }),
): UploadWorld {
  const fake = createFakeObs({ latencyMs: 10, bytesPerSecond: 1024 * 1000, ...fakeOptions });
  return connect(fake, connectionOptions, file);
}

function connect(fake: FakeObs, options: Partial<ObsConnectionOptions>, file: FakeSource): UploadWorld {
  const { bucket } = fake;
  const obs = connectionTo(fake, options);
  const defaults: UploadOptions = { sourceFile: file, partSize: PART, taskNum: 2, retry: { jitter: 'none' } };
  return {
    fake,
    obs,
    file,
    upload: ({ key = 'film.mp4', ...requested } = {}) => uploadFile$(obs, { bucket, key, ...defaults, ...requested }),
    resume: (uploadCheckpoint, requested) =>
      uploadFile$(obs, { bucket, key: 'film.mp4', uploadCheckpoint, ...defaults, ...requested }),
    reconnect: () => connect(fake, options, file),
  };
}

/** A fake source with some members replaced. */
export function withOverrides(file: FakeSource, overrides: Partial<SizedSource>): SizedSource {
  const { name, size, lastModified, type } = file;
  const slice: SizedSource['slice'] = (start, end) => file.slice(start, end);
  const read: SizedSource['read'] = (start, end) => file.read(start, end);
  return { name, size, lastModified, type, slice, read, ...overrides };
}

/** Initiate takes 10 ms, a part 110 ms; the sample has four slices. */
export const READ_MS = 50;

/** A source whose reads take time, as those of a disk. */
export function slowSource(file: FakeSource, ms: number = READ_MS, onRead: () => void = () => undefined): SizedSource {
  return withOverrides(file, {
    read: (start, end) =>
      defer(() => {
        onRead();
        return timer(ms).pipe(concatMap(() => file.read(start, end)));
      }),
  });
}

/** Connects with the fake's credentials, unless `presign` is given. */
export function connectionTo(fake: FakeObs, options: Partial<ObsConnectionOptions>): ObsConnection {
  const { server, credentials, transport } = fake;
  const signing = options.presign === undefined ? { credentials } : {};
  return createObsConnection({ server, transport, ...signing, ...options } as ObsConnectionOptions);
}

/** Jest compares typed arrays element by element, which takes seconds. */
export function expectObject(fake: FakeObs, key: string, file: FakeSource): void {
  const object = fake.object(key);
  expect(object).not.toBeNull();
  expect(Buffer.compare(object?.bytes ?? new Uint8Array(), bytesOf(file))).toBe(0);
}

export function typesOf(recording: Recording<UploadEvent>): string[] {
  return recording.values.map((event) => event.type);
}

export function eventsOf<T extends UploadEvent['type']>(
  recording: Recording<UploadEvent>,
  type: T,
): Extract<UploadEvent, { type: T }>[] {
  return recording.values.filter((event): event is Extract<UploadEvent, { type: T }> => event.type === type);
}

export function lastCheckpoint(recording: Recording<UploadEvent>): UploadCheckpoint {
  const last = eventsOf(recording, 'checkpoint').at(-1);
  if (last === undefined) throw new Error('no checkpoint came');
  return last.checkpoint;
}
