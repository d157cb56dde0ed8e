import { asyncScheduler } from 'rxjs';
import {
  ObsClient,
  type ObsClientError,
  type ObsClientOptions,
  type ObsResult,
  type ObsUploadCheckpoint,
  type ResumeHook,
  type UploadFileEvent,
  type UploadFileOutput,
  type UploadFileParams,
} from 'rx-obs-upload/compat';
import { createFakeObs, fakeSource, type FakeObs, type FakeObsOptions, type FakeSource } from 'rx-obs-upload/testing';
import { inVirtualTime } from '../../../support/virtual-time.js';

export const PART: number = 100 * 1024;

/** A fake OBS in virtual time, a client for it, and a file of four parts, the last one shorter. */
export interface ClientWorld {
  readonly fake: FakeObs;
  readonly file: FakeSource;
  readonly client: ObsClient;
  connect(options?: Partial<ObsClientOptions>): ObsClient;
  /** Parameters to upload the file, two parts at once. */
  params(options?: Partial<UploadFileParams>): UploadFileParams;
}

/** What an upload has reported so far. */
export interface Upload {
  readonly events: UploadFileEvent[];
  /** Each call of the callback, with its virtual time. */
  readonly outcomes: { error: ObsClientError | null; result: ObsResult<UploadFileOutput> | null; at: number }[];
  readonly progress: [number, number, number][];
  readonly records: ObsUploadCheckpoint[];
  readonly hooks: ResumeHook[];
}

export function clientWorld(options: FakeObsOptions = {}, size = 3 * PART + 1000): ClientWorld {
  const fake = createFakeObs({ latencyMs: 10, bytesPerSecond: 1024 * 1000, ...options });
  const file = fakeSource({ name: 'film.mp4', size });
  const connect = (clientOptions: Partial<ObsClientOptions> = {}): ObsClient =>
    new ObsClient({
      access_key_id: fake.credentials.accessKeyId,
      secret_access_key: fake.credentials.secretAccessKey,
      security_token: fake.credentials.securityToken ?? undefined,
      server: fake.server,
      transport: fake.transport,
      ...clientOptions,
    });
  return {
    fake,
    file,
    client: connect(),
    connect,
    params: (requested = {}) => ({
      ...{ Bucket: 'media', Key: 'film.mp4', SourceFile: file, PartSize: PART, TaskNum: 2 },
      ...requested,
    }),
  };
}

/** Calls `uploadFile` and records what it reports; also calls the given callbacks. */
export function start(client: ObsClient, params: UploadFileParams): Upload {
  const upload: Upload = { events: [], outcomes: [], progress: [], records: [], hooks: [] };
  client.uploadFile(
    {
      ...params,
      EventCallback(...event) {
        upload.events.push(event as UploadFileEvent);
        params.EventCallback?.(...event);
      },
      ProgressCallback(...report) {
        upload.progress.push(report);
        params.ProgressCallback?.(...report);
      },
      ResumeCallback(hook, record) {
        upload.hooks.push(hook);
        upload.records.push(record);
        params.ResumeCallback?.(hook, record);
      },
    },
    (error, result) => upload.outcomes.push({ error, result, at: asyncScheduler.now() }),
  );
  return upload;
}

/** Runs an upload in virtual time to the end. */
export function run(client: ObsClient, params: UploadFileParams): Upload {
  let upload: Upload | null = null;
  inVirtualTime(() => (upload = start(client, params)));
  return upload as unknown as Upload;
}

/** Suspends an upload once a part is acknowledged and returns its record. */
export function suspended(world: ClientWorld, options: Partial<UploadFileParams> = {}): ObsUploadCheckpoint {
  const hooks: ResumeHook[] = [];
  const upload = run(
    world.client,
    world.params({
      TaskNum: 1,
      ...options,
      ResumeCallback: (hook) => hooks.push(hook),
      EventCallback: (type) => {
        if (type === 'uploadPartSucceed') hooks[0]?.cancel();
      },
    }),
  );
  return recordOf(upload);
}

export function recordOf({ records }: Upload): ObsUploadCheckpoint {
  const [record] = records;
  if (record === undefined) throw new Error('ResumeCallback was not called');
  return record;
}

export function typesOf({ events }: Upload): string[] {
  return events.map(([type]) => type);
}

/** Returns a copy, as read from a file or a database. */
export function throughJson(record: ObsUploadCheckpoint): ObsUploadCheckpoint {
  return JSON.parse(JSON.stringify(record)) as ObsUploadCheckpoint;
}
