import {
  createObsConnection,
  isUploadError,
  uploadFile$,
  v4Signer,
  type RequestRecord,
  type UploadEvent,
  type UploadOptions,
} from 'rx-obs-upload';
import { workerHasher } from 'rx-obs-upload/worker';

/** What a spec requests from the page, as plain JSON. */
export interface CheckedRequest {
  readonly server: string;
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
  readonly signature: 'obs' | 'v4';
  /** Where checksums are computed. */
  readonly hasher: 'page' | 'worker';
  readonly key: string;
  readonly options: Pick<UploadOptions, 'checksum' | 'headers' | 'partSize' | 'retry' | 'skipExisting'> & {
    readonly taskNum?: number;
    readonly trafficLimit?: number;
  };
}

export interface CheckedReport {
  readonly events: readonly UploadEvent[];
  readonly records: readonly RequestRecord[];
  /** The error code; null if there was no error. */
  readonly error: string | null;
}

declare global {
  interface Window {
    uploadWith(request: CheckedRequest): Promise<CheckedReport>;
  }
}

window.uploadWith = ({ server, credentials, signature, hasher, key, options }) => {
  const sourceFile = document.querySelector('input')?.files?.[0];
  if (sourceFile === undefined) throw new Error('no file was chosen');
  const signer = signature === 'v4' ? { signer: v4Signer({ region: 'eu-1' }) } : {};
  const obs = createObsConnection({ server, credentials, ...signer });
  const events: UploadEvent[] = [];
  const records: RequestRecord[] = [];
  const recording = obs.requests$.subscribe((record) => records.push(record));
  const request = { bucket: 'media', key, sourceFile, ...(hasher === 'worker' ? { hasher: workerHasher() } : {}) };
  return new Promise((resolve) => {
    const end = (error: string | null): void => {
      recording.unsubscribe();
      resolve({ events, records, error });
    };
    uploadFile$(obs, { ...request, ...options }).subscribe({
      next: (event) => events.push(event),
      error: (error: unknown) => end(isUploadError(error) ? error.code : String(error)),
      complete: () => end(null),
    });
  });
};
