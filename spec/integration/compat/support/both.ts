import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createObsServer, type Arrival, type FaultRule, type ObsServer } from 'rx-obs-upload/server';
import { ObsClient, type ObsUploadCheckpoint, type ResumeHook, type UploadFileEventParam } from 'rx-obs-upload/compat';
import { withoutThisRun } from './comparable.js';
import { loadOfficialSdk, type AnyClient } from './official-sdk.js';
import { NodeXmlHttpRequest } from './xml-http-request.js';

export const KIB = 1024;
export const PART: number = 100 * KIB;
export const KEYS = { access_key_id: 'LOCALKEY', secret_access_key: 'local-secret' };

/** One of the two clients with its own local OBS. */
export interface Side {
  readonly name: 'official' | 'ours';
  readonly server: ObsServer;
  readonly client: AnyClient;
  /** Another client of the same kind. */
  connect(options: object): AnyClient;
  /** The requests that arrived, such as `uploadPart 2: 200` or `uploadPart 2: cut off`. */
  arrivals(): readonly string[];
  log(): readonly Arrival[];
  /** SHA-256 of a stored object; null if there is none. */
  stored(key: string): string | null;
}

/** What a call of `uploadFile` reported, made comparable: the ids and addresses of this run are replaced. */
export interface Report {
  /** The type, the param, and the result (`an Error` for any error). */
  readonly events: readonly (readonly [type: string, param: unknown, result: unknown])[];
  /** The arguments of each call of the callback. */
  readonly outcomes: readonly unknown[];
  readonly error: Error | null;
  readonly result: ResultLike | null;
  /** Arguments of `ProgressCallback`. */
  readonly progress: readonly (readonly [transferred: number, total: number, seconds: number])[];
  readonly resumed: number;
  /** The record that was passed to `ResumeCallback`. */
  readonly checkpoint: ObsUploadCheckpoint;
}

export interface ResultLike {
  readonly CommonMsg: Readonly<Record<string, unknown>>;
  readonly InterfaceResult?: Readonly<Record<string, unknown>>;
}

/** Callbacks that can stop an upload with the hook. */
export interface Watching {
  readonly onEvent?: (type: string, param: UploadFileEventParam, hook: ResumeHook | null) => void;
  readonly onResume?: (hook: ResumeHook) => void;
}

let Official: (new (options: object) => AnyClient) | null = null;

/** Runs a scenario with the official SDK and with ours, each with a fresh local OBS. */
export async function withBoth<T>(
  scenario: (side: Side) => Promise<T>,
  faults: () => readonly FaultRule[] = () => [],
): Promise<{ readonly official: T; readonly ours: T }> {
  return { official: await withSide('official', scenario, faults), ours: await withSide('ours', scenario, faults) };
}

export async function withSide<T>(
  name: Side['name'],
  scenario: (side: Side) => Promise<T>,
  faults: () => readonly FaultRule[] = () => [],
): Promise<T> {
  const directory = mkdtempSync(join(tmpdir(), 'rx-obs-upload-'));
  const credentials = { accessKeyId: KEYS.access_key_id, secretAccessKey: KEYS.secret_access_key };
  const server = await createObsServer({ directory, port: 0, credentials, buckets: ['media'], faults: faults() });
  const originalDescriptor = Object.getOwnPropertyDescriptor(globalThis, 'XMLHttpRequest');
  Object.defineProperty(globalThis, 'XMLHttpRequest', { value: NodeXmlHttpRequest, configurable: true });
  try {
    return await scenario(sideOf(name, server));
  } finally {
    if (originalDescriptor === undefined) Reflect.deleteProperty(globalThis, 'XMLHttpRequest');
    else Object.defineProperty(globalThis, 'XMLHttpRequest', originalDescriptor);
    await server.close();
    rmSync(directory, { recursive: true, force: true });
  }
}

function sideOf(name: Side['name'], server: ObsServer): Side {
  // By default, it would request the version of every bucket first, and hang on network errors.
  const sdkOptions = { is_signature_negotiation: false, useRawXhr: true };
  const connect = (options: object): AnyClient => {
    const all = { ...KEYS, server: `http://localhost:${server.port}`, path_style: false, ...sdkOptions, ...options };
    if (name === 'ours') return new ObsClient(all) as unknown as AnyClient;
    Official ??= loadOfficialSdk();
    return new Official(all);
  };
  return {
    name,
    server,
    connect,
    client: connect({}),
    log: () => server.log.entries,
    arrivals: () => server.log.entries.map(describe),
    stored(key) {
      const path = server.fileOf('media', key);
      return path === null ? null : sha256(readFileSync(path));
    },
  };
}

function describe({ operation, partNumber, status }: Arrival): string {
  return `${operation}${partNumber === null ? '' : ` ${partNumber}`}: ${status ?? 'cut off'}`;
}

/** Calls `uploadFile` and records what it reports. */
export async function upload(
  { client, server }: Side,
  params: object,
  { onEvent, onResume }: Watching = {},
): Promise<Report> {
  const events: [string, UploadFileEventParam, unknown][] = [];
  const outcomes: unknown[] = [];
  const progress: [number, number, number][] = [];
  const records: ObsUploadCheckpoint[] = [];
  const uploadIds: (string | undefined)[] = [];
  let hook: ResumeHook | null = null;
  await new Promise<void>((resolve) => {
    client.uploadFile?.(
      {
        ...params,
        EventCallback: (type: string, param: UploadFileEventParam, result: unknown) => {
          events.push([type, { ...param }, result]);
          onEvent?.(type, param, hook);
        },
        ProgressCallback: (...report: [number, number, number]) => progress.push(report),
        ResumeCallback: (resumeHook: ResumeHook, record: ObsUploadCheckpoint) => {
          hook = resumeHook;
          records.push(record);
          // An abort deletes it from the record.
          uploadIds.push(record.uploadId);
          onResume?.(resumeHook);
        },
      },
      (...outcome) => {
        outcomes.push(outcome);
        resolve();
      },
    );
  });
  const [error, result] = outcomes[0] as [Error | null, ResultLike | null | undefined];
  const comparable = (value: unknown): unknown => withoutThisRun(value, server, uploadIds[0]);
  return {
    events: events.map(([type, param, report]) => [type, comparable(param), comparable(report)]),
    outcomes,
    error,
    result: result ? (comparable(result) as ResultLike) : null,
    progress,
    resumed: records.length,
    checkpoint: records[0] as ObsUploadCheckpoint,
  };
}

/** Waits until a condition is true. */
export async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 5));
}

export function unfinished({ server }: Side): number {
  return server.control.state.uploads.size;
}

/** Pseudo-random bytes, so that no two ranges are equal. */
export function film(size: number, seed = 1): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(size);
  let x = 0x2545f491 ^ seed;
  for (let i = 0; i < size; i++) {
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    bytes[i] = x >>> 11;
  }
  return bytes;
}

export function fileOf(bytes: Uint8Array<ArrayBuffer>, name = 'film.mp4'): File {
  return new File([bytes], name, { type: '', lastModified: 1_700_000_000_000 });
}

export function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
