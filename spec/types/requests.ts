// Alternatives are XOR unions: invalid combinations do not compile.
import {
  createObsConnection,
  memoryCheckpointStore,
  uploadFile$,
  v4Signer,
  type ObsConnection,
  type UploadCheckpoint,
} from 'rx-obs-upload';
import { of, type Observable } from 'rxjs';
import { expectSame } from './expect-same.js';

declare const obs: ObsConnection;
declare const checkpoint: UploadCheckpoint;
declare const sourceFile: Blob;

export function insideOfConnections(): void {
  // @ts-expect-error - records can be subscribed to, not emitted
  obs.requests$.next();
  expectSame<keyof ObsConnection, 'server' | 'requests$'>();
}

export function targets(): void {
  uploadFile$(obs, { bucket: 'media', key: 'a', sourceFile });
  uploadFile$(obs, { bucket: 'media', key: 'a', sourceFile, uploadCheckpoint: checkpoint });
  uploadFile$(obs, { bucket: 'media', key: 'a', sourceFile, uploadCheckpoint: null });
  uploadFile$(obs, { sourceFile, uploadCheckpoint: checkpoint });
  // @ts-expect-error - a target is missing
  uploadFile$(obs, { sourceFile });
  // @ts-expect-error - a bucket needs a key
  uploadFile$(obs, { bucket: 'media', sourceFile });
  // @ts-expect-error - not even with a checkpoint
  uploadFile$(obs, { bucket: 'media', sourceFile, uploadCheckpoint: checkpoint });
  // @ts-expect-error - there is nothing to upload
  uploadFile$(obs, { bucket: 'media', key: 'a' });
}

export function options(): void {
  const target = { bucket: 'media', key: 'a', sourceFile };
  uploadFile$(obs, {
    ...target,
    taskNum: of(2),
    checkpointStore: memoryCheckpointStore(),
    lock: null,
    requestDate: new Date(),
    retry: { jitter: () => 0.5 },
  });
  // @ts-expect-error - a number is not a text
  uploadFile$(obs, { ...target, taskNum: '4' });
  // @ts-expect-error - no such kind of checksum
  uploadFile$(obs, { ...target, checksum: 'sha1' });
  // @ts-expect-error - a typing error in a name
  uploadFile$(obs, { ...target, partsize: 1 });
  // @ts-expect-error - no such storage class
  uploadFile$(obs, { ...target, storageClass: 'GLACIER' });
  // @ts-expect-error - SSE-C needs its key
  uploadFile$(obs, { ...target, sse: { type: 'customer' } });
  // @ts-expect-error - a callback needs a body
  uploadFile$(obs, { ...target, callback: { url: 'https://example.com' } });
}

export function connections(): void {
  const server = 'https://obs.cn-north-4.myhuaweicloud.com';
  const credentials = { accessKeyId: 'a', secretAccessKey: 'b' };
  createObsConnection({ server, credentials });
  createObsConnection({ server, credentials: () => Promise.resolve(credentials), signer: v4Signer({ region: 'r' }) });
  createObsConnection({ server, credentials: () => of({ ...credentials, securityToken: null, expiresAt: 1 }) });
  createObsConnection({
    server,
    presign: (requests) => of(requests.map(({ url }) => ({ url, headers: {}, expiresAt: 1 }))),
  });
  // @ts-expect-error - who signs, the keys or the backend?
  createObsConnection({ server, credentials, presign: () => of([]) });
  // @ts-expect-error - a backend that signs has its own signer
  createObsConnection({ server, presign: () => of([]), signer: v4Signer({ region: 'r' }) });
  // @ts-expect-error - nobody signs
  createObsConnection({ server });
  // @ts-expect-error - a promise is no function that can be asked again
  createObsConnection({ server, credentials: Promise.resolve(credentials) });
  // @ts-expect-error - half a key
  createObsConnection({ server, credentials: { accessKeyId: 'a' } });
  // @ts-expect-error - v4 needs a region
  createObsConnection({ server, credentials, signer: v4Signer({}) });
}

/** Options that are combined at run time still fit. */
export function wrapped(request: { readonly key: string; readonly taskNum?: number }): Observable<unknown> {
  return uploadFile$(obs, { bucket: 'media', sourceFile, ...request });
}
