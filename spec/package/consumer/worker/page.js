import { uploadFile$ } from 'rx-obs-upload';
import { workerConnection } from 'rx-obs-upload/worker';

// Called by the check, which knows the store.
globalThis.uploadInWorker = ({ server, credentials }) =>
  new Promise((resolve) => {
    const createWorker = () => new Worker(new URL('./upload.worker.js', import.meta.url), { type: 'module' });
    const obs = workerConnection(createWorker, { server, credentials });
    const request = {
      bucket: 'media',
      key: 'a.bin',
      sourceFile: new Blob([new Uint8Array(250_000)]),
      partSize: 102_400,
    };
    uploadFile$(obs, request).subscribe({
      next: (event) => event.type === 'completed' && resolve(`completed, verified by ${event.result.verified}`),
      error: (error) => resolve(String(error)),
    });
  });
