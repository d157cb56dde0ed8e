import { uploadFile$, type ObsCredentials } from 'rx-obs-upload';
import { workerConnection } from 'rx-obs-upload/worker';

interface Store {
  readonly server: string;
  readonly credentials: ObsCredentials;
}

// Called by the check, which knows the store.
const uploadInWorker = ({ server, credentials }: Store): Promise<string> =>
  new Promise((resolve) => {
    const createWorker = (): Worker => new Worker(new URL('./upload.worker', import.meta.url), { type: 'module' });
    const obs = workerConnection(createWorker, { server, credentials });
    const sourceFile = new Blob([new Uint8Array(250_000)]);
    uploadFile$(obs, { bucket: 'media', key: 'a.bin', sourceFile, partSize: 102_400 }).subscribe({
      next: (event) => {
        if (event.type === 'completed') resolve(`completed, verified by ${event.result.verified}`);
      },
      error: (error: unknown) => resolve(String(error)),
    });
  });

Object.assign(globalThis, { uploadInWorker });
