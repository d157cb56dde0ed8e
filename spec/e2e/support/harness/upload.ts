import { skipTimeUntil } from './skippable-time.js';
import { givenUp } from './given-up.js';
import { readsHaveEnded } from './pending-reads.js';
import { finalize, NEVER, of, type ObservableInput } from 'rxjs';
import {
  createObsConnection,
  createSignedUrl,
  obsSigner,
  toUploadErrorInfo,
  uploadFile$,
  type ObsConnection,
  type SignedRequest,
  type UnsignedRequest,
  type UploadCheckpoint,
  type UploadErrorInfo,
  type UploadEvent,
  type UploadRequest,
} from 'rx-obs-upload';
import type { WorkerConnectionOptions } from 'rx-obs-upload/worker';

/** The upload that a spec requests, as plain JSON. */
export interface HarnessRequest {
  readonly server: string;
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
  readonly bucket: string;
  readonly key: string;
  readonly checkpoint: UploadCheckpoint | null;
  /** Which part of the application does not respond when it is called for the first time. */
  readonly unresponsive?: 'credentials' | 'signer' | 'presign';
  /** The SSE-C key, 32 bytes. */
  readonly customerKey?: readonly number[];
  readonly options: Pick<
    UploadRequest,
    'partSize' | 'stallTimeoutMs' | 'checksum' | 'metadata' | 'contentType' | 'multipart'
  > & {
    readonly taskNum?: number;
    readonly retry?: { readonly maxAttempts?: number; readonly baseDelayMs?: number; readonly maxDelayMs?: number };
  };
}

export type HarnessReport =
  | { readonly type: 'event'; readonly event: UploadEvent }
  | { readonly type: 'error'; readonly error: UploadErrorInfo }
  | { readonly type: 'complete' };

declare global {
  /** Whether what `unresponsive` names has been called and does not respond. */
  var isApplicationUnresponsive: boolean;
}

/** A running upload, in any place. */
export interface RunningUpload {
  cancel(): void;
  /** Once no read is in progress, advances time until something that stalls is aborted. */
  advancePastStall(): void;
}

globalThis.isApplicationUnresponsive = false;

const connections = new Map<string, ObsConnection>();

/** Uploads as requested, and reports all events and the outcome. */
export function startUpload(
  request: HarnessRequest,
  sourceFile: UploadRequest['sourceFile'],
  report: (report: HarnessReport) => void,
  create: (options: WorkerConnectionOptions) => ObsConnection = createObsConnection,
): RunningUpload {
  const { server, bucket, key, checkpoint, customerKey, options } = request;
  const sse = customerKey && { sse: { type: 'customer', key: Uint8Array.from(customerKey) } as const };
  const obs = connections.get(server) ?? connect(request, create);
  connections.set(server, obs);
  const upload = uploadFile$(obs, {
    bucket,
    key,
    sourceFile,
    uploadCheckpoint: checkpoint,
    ...sse,
    ...options,
  }).subscribe({
    next: (event) => report({ type: 'event', event }),
    error: (error: unknown) => report({ type: 'error', error: toUploadErrorInfo(error) }),
    complete: () => report({ type: 'complete' }),
  });
  return {
    cancel: () => upload.unsubscribe(),
    advancePastStall() {
      void readsHaveEnded().then(() => {
        const before = givenUp.count;
        skipTimeUntil(() => givenUp.count > before || upload.closed);
      });
    },
  };
}

function connect(
  { server, credentials, unresponsive }: HarnessRequest,
  create: (options: WorkerConnectionOptions) => ObsConnection,
): ObsConnection {
  let calls = 0;
  const unresponsiveOnce$ = <T>(respond: () => ObservableInput<T>): ObservableInput<T> => {
    globalThis.isApplicationUnresponsive = calls === 0;
    return calls++ === 0 ? NEVER.pipe(finalize(() => (givenUp.count += 1))) : respond();
  };
  const signer = obsSigner();
  switch (unresponsive) {
    case 'credentials':
      return create({ server, credentials: () => unresponsiveOnce$(() => of(credentials)) });
    case 'signer':
      return create({
        server,
        credentials,
        signer: {
          dialect: signer.dialect,
          sign: (request, context) => unresponsiveOnce$(() => signer.sign(request, context)),
        },
      });
    case 'presign':
      return create({
        server,
        presign: (requests) =>
          unresponsiveOnce$(() => of(requests.map((each) => presigned(server, credentials, each)))),
      });
    default:
      return create({ server, credentials });
  }
}

function presigned(
  server: string,
  credentials: HarnessRequest['credentials'],
  { method, url, headers, bucket, key }: UnsignedRequest,
): SignedRequest {
  const query = Object.fromEntries([...new URL(url).searchParams].map(([name, value]) => [name, value || null]));
  return createSignedUrl({ server, credentials, method, bucket, key, query, headers, expiresInSeconds: 300 });
}
