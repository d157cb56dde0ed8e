import { from, ignoreElements, lastValueFrom, mergeMap } from 'rxjs';
import { uploadFile$, type ObsConnection, type UploadOptions } from 'rx-obs-upload';
import { workerHasher, type WorkerConnectionOptions } from 'rx-obs-upload/worker';
import type { Work } from '../work.js';
import { runId, type Upload } from './register.js';

/** esbuild does not bundle workers by itself. */
const hasher = workerHasher({ createWorker: () => new Worker('/pages/md5-worker.js') });

/** Uploads with this library, with any kind of connection. */
export function uploadAllBy(connect: (options: WorkerConnectionOptions) => ObsConnection): Upload {
  return async (files, work, endpoint) => {
    const { maxConcurrentRequests } = work;
    const obs = connect({
      server: endpoint,
      credentials: { accessKeyId: 'bench', secretAccessKey: 'bench-secret' },
      ...(maxConcurrentRequests === undefined ? {} : { maxConcurrentRequests }),
    });
    const options = optionsOf(work);
    const uploads$ = from(files).pipe(
      mergeMap(
        (sourceFile, i) => uploadFile$(obs, { ...options, bucket: 'bench', key: `${runId}-${i}`, sourceFile }),
        work.filesAtOnce,
      ),
      ignoreElements(),
    );
    await lastValueFrom(uploads$, { defaultValue: undefined });
  };
}

function optionsOf({ partSize, taskNum, checksum, stallTimeoutMs }: Work): Omit<UploadOptions, 'sourceFile'> {
  return {
    partSize,
    checksum,
    ...(checksum === 'none' ? {} : { hasher }),
    ...(taskNum === null ? {} : { taskNum }),
    ...(stallTimeoutMs === null ? {} : { stallTimeoutMs }),
  };
}
