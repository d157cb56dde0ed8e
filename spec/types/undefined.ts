// An option that is undefined counts as not given, so options that are combined from parts compile as they are.
import {
  createObsConnection,
  createSignedUrl,
  resumable$,
  uploadFile$,
  uploadFiles$,
  v4Signer,
  type ObsConnection,
  type ObsConnectionOptions,
  type ObsCredentials,
  type QueuedRequest,
  type UploadCheckpoint,
  type UploadRequest,
} from 'rx-obs-upload';
import { createFakeObs, fakeSource } from 'rx-obs-upload/testing';
import { catchError, of, type Observable, type Subject } from 'rxjs';

declare const obs: ObsConnection;
declare const request: UploadRequest;
declare const queued: QueuedRequest;
declare const queue$: Subject<QueuedRequest>;
declare const paused$: Observable<boolean>;
declare const saved: UploadCheckpoint | null;
declare const sourceFile: File;
declare const settings: {
  readonly taskNum?: number | undefined;
  readonly partSize: number | undefined;
  readonly contentType: string | undefined;
};

export function resumptions(): void {
  resumable$((uploadCheckpoint) => uploadFile$(obs, { ...request, uploadCheckpoint }), { paused$ });
  resumable$((uploadCheckpoint) => uploadFile$(obs, { ...queued, uploadCheckpoint }), { paused$ });
  uploadFile$(obs, request).pipe(catchError(() => uploadFile$(obs, { ...request, uploadCheckpoint: saved })));
  uploadFiles$(obs, of({ ...queued, uploadCheckpoint: saved }, { ...request, id: 'a' }));
  queue$.next({ ...queued, uploadCheckpoint: saved });
  const inParts: QueuedRequest = { ...request, id: 'a', uploadCheckpoint: saved };
  uploadFile$(obs, inParts);
}

export function notGiven(): void {
  uploadFile$(obs, { bucket: 'media', key: 'a', sourceFile, ...settings });
  uploadFile$(obs, {
    bucket: 'media',
    key: 'a',
    sourceFile,
    uploadCheckpoint: undefined,
    partSize: undefined,
    taskNum: undefined,
    requestDate: undefined,
    retry: { maxAttempts: undefined, baseDelayMs: undefined, maxDelayMs: undefined, jitter: undefined },
    stallTimeoutMs: undefined,
    progressIntervalMs: undefined,
    multipart: undefined,
    checksum: undefined,
    hasher: undefined,
    verifyResume: undefined,
    checkpointStore: undefined,
    lock: undefined,
    sse: undefined,
    contentType: undefined,
    metadata: undefined,
    acl: undefined,
    storageClass: undefined,
    expires: undefined,
    tagging: undefined,
    cacheControl: undefined,
    callback: undefined,
    forbidOverwrite: undefined,
  });
  uploadFile$(obs, { bucket: undefined, key: undefined, sourceFile, uploadCheckpoint: saved });
  uploadFiles$(obs, of(queued), { filesAtOnce: undefined, cancel$: undefined });
}

export function connections(credentials: ObsCredentials): void {
  const common = {
    server: 'https://obs.example.com',
    addressing: undefined,
    transport: undefined,
    maxConcurrentRequests: undefined,
    online$: undefined,
    serverTime: undefined,
    allowInsecure: undefined,
  };
  const options: ObsConnectionOptions[] = [
    { ...common, credentials, signer: undefined, presign: undefined, dialect: undefined, allowedHosts: undefined },
    { ...common, presign: () => of([]), dialect: undefined, allowedHosts: undefined, credentials: undefined },
    { ...common, credentials: { ...credentials, securityToken: undefined, expiresAt: undefined } },
  ];
  options.map(createObsConnection);
  v4Signer({ region: 'r', service: undefined });
  createSignedUrl({
    server: 'https://obs.example.com',
    addressing: undefined,
    allowInsecure: undefined,
    credentials,
    signer: undefined,
    method: 'PUT',
    bucket: 'media',
    key: 'a',
    query: undefined,
    headers: undefined,
    expiresInSeconds: 60,
    requestDate: undefined,
  });
  createFakeObs({ server: undefined, faults: undefined, credentials: undefined, cors: undefined });
  fakeSource({ size: undefined, name: undefined, bytes: undefined });
}
