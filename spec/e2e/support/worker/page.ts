import {
  createObsConnection,
  toUploadErrorInfo,
  uploadFile$,
  type UploadErrorInfo,
  type UploadResult,
} from 'rx-obs-upload';
import { workerHasher } from 'rx-obs-upload/worker';
import type { Subscription } from 'rxjs';

/** What a spec asks of the page: plain JSON. */
export interface WorkerRequest {
  readonly server: string;
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
  readonly key: string;
  readonly partSize: number;
  /** Whose worker script it is. */
  readonly script: 'package' | 'own';
}

export type WorkerReport =
  | { readonly type: 'completed'; readonly result: UploadResult }
  | { readonly type: 'failed'; readonly error: UploadErrorInfo };

declare global {
  interface Window {
    uploadWithMd5(request: WorkerRequest): void;
    cancelUpload(): void;
    /** How the upload ended; null while it goes on. */
    ended: WorkerReport | null;
    /** Parts that were acknowledged. */
    acknowledged: number;
  }
}

const ownScript = (): Worker => new Worker(new URL('./own.worker.js', import.meta.url), { type: 'module' });
let subscription: Subscription | undefined;

window.ended = null;
window.acknowledged = 0;
window.cancelUpload = () => subscription?.unsubscribe();
window.uploadWithMd5 = ({ server, credentials, key, partSize, script }) => {
  const sourceFile = document.querySelector('input')?.files?.[0];
  if (sourceFile === undefined) throw new Error('no file was chosen');
  const obs = createObsConnection({ server, credentials });
  const hasher = workerHasher(script === 'own' ? { createWorker: ownScript } : {});
  const request = { bucket: 'media', key, sourceFile, partSize, taskNum: 3, checksum: 'md5', hasher } as const;
  subscription = uploadFile$(obs, request).subscribe({
    next: (event) => {
      if (event.type === 'part-completed') window.acknowledged += 1;
      if (event.type === 'completed') window.ended = { type: 'completed', result: event.result };
    },
    error: (error: unknown) => (window.ended = { type: 'failed', error: toUploadErrorInfo(error) }),
  });
};
