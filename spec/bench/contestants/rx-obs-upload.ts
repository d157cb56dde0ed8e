import { from, ignoreElements, lastValueFrom, mergeMap } from 'rxjs';
import { createObsConnection, uploadFile$, type UploadOptions } from 'rx-obs-upload';
import { workerHasher } from 'rx-obs-upload/worker';
import type { Work } from '../work.js';
import { register, runId } from './register.js';

/** esbuild bundles no workers by itself. */
const hasher = workerHasher({ createWorker: () => new Worker('/pages/md5-worker.js') });

register(async (files, work, endpoint) => {
  const obs = createObsConnection({
    server: endpoint,
    credentials: { accessKeyId: 'bench', secretAccessKey: 'bench-secret' },
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
});

function optionsOf({ partSize, taskNum, checksum, stallTimeoutMs }: Work): Omit<UploadOptions, 'sourceFile'> {
  return {
    partSize,
    checksum,
    hasher,
    ...(taskNum === null ? {} : { taskNum }),
    ...(stallTimeoutMs === null ? {} : { stallTimeoutMs }),
  };
}
