import {
  createUploadQueue,
  indexedDbCheckpointStore,
  pendingUploads$,
  type ObsCredentials,
  type UploadQueue,
} from 'rx-obs-upload';
import { workerConnection } from 'rx-obs-upload/worker';
import { firstValueFrom, map } from 'rxjs';

declare global {
  interface Window {
    /** A queue whose uploads run in a worker. */
    startQueue(server: string, credentials: ObsCredentials, partSize: number): void;
    queue: UploadQueue;
    storedCheckpoints(): Promise<number>;
    /** The file in the page's input. */
    chosenFile(): File;
  }
}

const checkpointStore = indexedDbCheckpointStore();

window.storedCheckpoints = () => firstValueFrom(pendingUploads$(checkpointStore).pipe(map(({ length }) => length)));

window.chosenFile = () => {
  const file = document.querySelector('input')?.files?.[0];
  if (file === undefined) throw new Error('no file was chosen');
  return file;
};

window.startQueue = (server, credentials, partSize) => {
  const startWorker = (): Worker => new Worker(new URL('./upload.worker.js', import.meta.url), { type: 'module' });
  window.queue = createUploadQueue(workerConnection(startWorker, { server, credentials }), {
    checkpointStore,
    defaults: { bucket: 'media', partSize, taskNum: 2 },
  });
};
