import { createObsConnection, resumable$, uploadFile$, type UploadNotification } from 'rx-obs-upload';
import type { Observable } from 'rxjs';
import type { Store } from './store.js';

export function upload$(
  { fake, transport, partSize }: Store,
  file: File,
  paused$: Observable<boolean>,
): Observable<UploadNotification> {
  const obs = createObsConnection({
    server: fake.server, // with OBS: the endpoint of the bucket's region
    credentials: fake.credentials, // with OBS: a function that fetches temporary ones
    transport, // with OBS: left out
  });
  const request = {
    bucket: fake.bucket,
    key: file.name,
    sourceFile: file,
    partSize,
    taskNum: 4,
    retry: { maxAttempts: 1_000, maxDelayMs: 4_000 }, // by default 5 attempts, at most 30 s apart
  };
  return resumable$((uploadCheckpoint) => uploadFile$(obs, { ...request, uploadCheckpoint }), { paused$ });
}
