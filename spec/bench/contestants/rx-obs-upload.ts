import { from, ignoreElements, lastValueFrom, mergeMap } from 'rxjs';
import { createObsConnection, uploadFile$, type UploadOptions } from 'rx-obs-upload';
import type { Work } from '../work.js';
import { register } from './register.js';

register(async (files, work, endpoint) => {
  const obs = createObsConnection({
    server: endpoint,
    credentials: { accessKeyId: 'bench', secretAccessKey: 'bench-secret' },
  });
  const options = optionsOf(work);
  const uploads$ = from(files).pipe(
    mergeMap(
      (sourceFile, i) => uploadFile$(obs, { ...options, bucket: 'bench', key: `file-${i}`, sourceFile }),
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
    ...(taskNum === null ? {} : { taskNum }),
    ...(stallTimeoutMs === null ? {} : { stallTimeoutMs }),
  };
}
