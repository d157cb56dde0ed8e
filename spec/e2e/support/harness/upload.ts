import { skipTimeUntil } from './skippable-time.js';
import { givenUp } from './given-up.js';
import { whenNothingIsRead } from './pending-reads.js';
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

/** What a spec asks for: plain JSON. */
export interface HarnessRequest {
  readonly server: string;
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
  readonly bucket: string;
  readonly key: string;
  readonly checkpoint: UploadCheckpoint | null;
  /** What of the application gives no answer when it is asked for the first time. */
  readonly silentOnce?: 'credentials' | 'signer' | 'presign';
  /** 32 bytes of SSE-C. */
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
  /** Whether what `silentOnce` names has been asked and gives no answer. */
  var isApplicationSilent: boolean;
}

/** An upload that runs, wherever that is. */
export interface RunningUpload {
  cancel(): void;
  /** Lets as much time pass at once as it takes until what is silent is given up, as soon as nothing is being read. */
  passSilence(): void;
}

globalThis.isApplicationSilent = false;

const connections = new Map<string, ObsConnection>();

/** Uploads as it is asked to, and reports all that comes of it. */
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
    passSilence() {
      void whenNothingIsRead().then(() => {
        const before = givenUp.count;
        skipTimeUntil(() => givenUp.count > before || upload.closed);
      });
    },
  };
}

function connect(
  { server, credentials, silentOnce }: HarnessRequest,
  create: (options: WorkerConnectionOptions) => ObsConnection,
): ObsConnection {
  let asked = 0;
  const answer$ = <T>(answer: () => ObservableInput<T>): ObservableInput<T> => {
    globalThis.isApplicationSilent = asked === 0;
    return asked++ === 0 ? NEVER.pipe(finalize(() => (givenUp.count += 1))) : answer();
  };
  const signer = obsSigner();
  switch (silentOnce) {
    case 'credentials':
      return create({ server, credentials: () => answer$(() => of(credentials)) });
    case 'signer':
      return create({
        server,
        credentials,
        signer: {
          dialect: signer.dialect,
          sign: (request, context) => answer$(() => signer.sign(request, context)),
        },
      });
    case 'presign':
      return create({
        server,
        presign: (requests) => answer$(() => of(requests.map((each) => presigned(server, credentials, each)))),
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
