import {
  createObsConnection,
  indexedDbCheckpointStore,
  pendingUploads$,
  streamSource,
  toUploadErrorInfo,
  uploadFile$,
  type UploadErrorInfo,
  type UploadResult,
} from 'rx-obs-upload';
import { workerConnection, workerHasher } from 'rx-obs-upload/worker';
import { firstValueFrom, map, of, type Subscription } from 'rxjs';

/** What a spec requests from the page, as plain JSON. */
export interface WorkerRequest {
  readonly server: string;
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
  readonly key: string;
  readonly partSize: number;
  /** Whose script hashes; `uploads`: the entire upload runs in a worker. */
  readonly script: 'package' | 'own' | 'uploads';
  /** Whether the file is uploaded as a file or as a stream of its bytes. */
  readonly source: 'file' | 'stream';
}

export type WorkerReport =
  | { readonly type: 'completed'; readonly result: UploadResult }
  | { readonly type: 'failed'; readonly error: UploadErrorInfo };

declare global {
  interface Window {
    uploadWithMd5(request: WorkerRequest): void;
    cancelUpload(): void;
    /** How the upload ended; null while it runs. */
    ended: WorkerReport | null;
    /** The number of acknowledged parts. */
    acknowledged: number;
    /** Bytes that an earlier upload had sent; null before this one starts. */
    resumedBytes: number | null;
    /** The number of parts in the stored checkpoints of uploads in a worker. */
    storedParts(): Promise<number>;
    /** The latest worker that uploads. */
    uploadWorker: Worker | null;
  }
}

const ownScript = (): Worker => new Worker(new URL('./own.worker.js', import.meta.url), { type: 'module' });
const uploadScript = (): Worker =>
  (window.uploadWorker = new Worker(new URL('./upload.worker.js', import.meta.url), { type: 'module' }));
const checkpointStore = indexedDbCheckpointStore();
let subscription: Subscription | undefined;

window.ended = null;
window.acknowledged = 0;
window.resumedBytes = null;
window.storedParts = () =>
  firstValueFrom(
    pendingUploads$(checkpointStore).pipe(map((all) => all.flatMap(({ checkpoint }) => checkpoint.parts).length)),
  );
window.uploadWorker = null;
window.cancelUpload = () => subscription?.unsubscribe();
window.uploadWithMd5 = ({ server, credentials, key, partSize, script, source }) => {
  const file = document.querySelector('input')?.files?.[0];
  if (file === undefined) throw new Error('no file was chosen');
  const sourceFile = source === 'stream' ? streamSource(file.stream()) : file;
  const request = { bucket: 'media', key, sourceFile, partSize, taskNum: 3 } as const;
  const hasher = workerHasher(script === 'own' ? { createWorker: ownScript } : {});
  const upload$ =
    script === 'uploads'
      ? uploadFile$(workerConnection(uploadScript, { server, credentials: () => of(credentials) }), {
          ...request,
          checkpointStore,
        })
      : uploadFile$(createObsConnection({ server, credentials }), { ...request, checksum: 'md5', hasher });
  subscription = upload$.subscribe({
    next: (event) => {
      if (event.type === 'started') window.resumedBytes = event.resumedBytes;
      if (event.type === 'part-completed') window.acknowledged += 1;
      if (event.type === 'completed') window.ended = { type: 'completed', result: event.result };
    },
    error: (error: unknown) => (window.ended = { type: 'failed', error: toUploadErrorInfo(error) }),
  });
};
