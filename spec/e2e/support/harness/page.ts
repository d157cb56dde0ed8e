import {
  createObsConnection,
  toUploadErrorInfo,
  uploadFile$,
  type ObsConnection,
  type UploadCheckpoint,
  type UploadErrorInfo,
  type UploadEvent,
} from 'rx-obs-upload';

/** What a spec asks of the page: plain JSON. */
export interface HarnessRequest {
  readonly server: string;
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
  readonly bucket: string;
  readonly key: string;
  readonly checkpoint: UploadCheckpoint | null;
  readonly options: {
    readonly partSize?: number;
    readonly taskNum?: number;
    readonly stallTimeoutMs?: number;
    readonly retry?: { readonly maxAttempts?: number; readonly baseDelayMs?: number; readonly maxDelayMs?: number };
  };
}

export type HarnessReport =
  | { readonly type: 'event'; readonly event: UploadEvent }
  | { readonly type: 'error'; readonly error: UploadErrorInfo }
  | { readonly type: 'complete' };

declare global {
  interface Window {
    /** Put there by the spec. */
    report(report: HarnessReport): void;
    startUpload(request: HarnessRequest): void;
  }
}

const connections = new Map<string, ObsConnection>();

window.startUpload = ({ server, credentials, bucket, key, checkpoint, options }) => {
  const sourceFile = document.querySelector('input')?.files?.[0];
  if (sourceFile === undefined) throw new Error('no file was chosen');
  const obs = connections.get(server) ?? createObsConnection({ server, credentials });
  connections.set(server, obs);
  uploadFile$(obs, { bucket, key, sourceFile, uploadCheckpoint: checkpoint, ...options }).subscribe({
    next: (event) => window.report({ type: 'event', event }),
    error: (error: unknown) => window.report({ type: 'error', error: toUploadErrorInfo(error) }),
    complete: () => window.report({ type: 'complete' }),
  });
};
