import { IDBFactory, IDBKeyRange } from 'fake-indexeddb';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  createObsConnection,
  createSignedUrl,
  pendingUploads$,
  uploadFile$,
  uploadFiles$,
  type ObsConnectionOptions,
  type UnsignedRequest,
  type UploadCheckpoint,
  type UploadEvent,
} from 'rx-obs-upload';
import { directoryCheckpointStore, fileSource$ } from 'rx-obs-upload/node';
import { createFakeObs, fakeSource } from 'rx-obs-upload/testing';
import { BehaviorSubject, config, defer, filter, finalize, firstValueFrom, of, takeWhile, type Observable } from 'rxjs';

/**
 * The environment of a reader who tries a sample: what samples declare, a fake OBS behind every connection without a
 * transport, a backend behind `ajax`, and a folder with the file `a.mp4`.
 */
export interface ReaderWorld {
  readonly names: Readonly<Record<string, unknown>>;
  readonly load: (name: string) => unknown;
  /** Resolves when all uploads that the sample started have ended; rejects with the first uncaught error. */
  settled(): Promise<void>;
}

const SERVER = 'https://obs.ap-southeast-1.myhuaweicloud.com';

/** Everything is synchronous, except what the sample uses itself, such as IndexedDB. */
export function readerWorld(load: (name: string) => unknown): ReaderWorld {
  const fake = createFakeObs({ server: SERVER, etags: 'fast' });
  const { server, credentials, transport, bucket } = fake;
  const file = fakeSource({ name: 'holiday.mp4', size: 20_000_000 });
  const connect = (options: ObsConnectionOptions): ReturnType<typeof createObsConnection> =>
    // Made-up credentials in a sample are replaced by those of the fake.
    createObsConnection({
      transport,
      ...options,
      ...(typeof options.credentials === 'object' ? { credentials } : {}),
    } as ObsConnectionOptions);
  const obs = connect({ server, credentials });
  const request = { bucket, key: 'a.mp4', sourceFile: file };

  const running$ = new BehaviorSubject(0);
  const tracked =
    <A extends unknown[], T>(start: (...args: A) => Observable<T>) =>
    (...args: A): Observable<T> =>
      defer(() => {
        running$.next(running$.value + 1);
        return start(...args).pipe(finalize(() => running$.next(running$.value - 1)));
      });
  const uncaught: unknown[] = [];
  const originalHandler = config.onUnhandledError;
  config.onUnhandledError = (error) => uncaught.push(error);

  Object.assign(globalThis, { indexedDB: new IDBFactory(), IDBKeyRange });

  const folder = mkdtempSync(join(tmpdir(), 'rx-obs-upload-'));
  writeFileSync(join(folder, 'a.mp4'), 'a film');

  const stubs: Readonly<Record<string, object>> = {
    'rx-obs-upload': {
      createObsConnection: connect,
      uploadFile$: tracked(uploadFile$),
      uploadFiles$: tracked(uploadFiles$),
      pendingUploads$: tracked(pendingUploads$),
    },
    'rxjs/ajax': {
      ajax: {
        getJSON: () => of(credentials),
        post: (_: string, requests: readonly UnsignedRequest[]) =>
          of({ response: requests.map((unsigned) => signUrl(unsigned, { server, credentials })) }),
      },
    },
    'rx-obs-upload/node': {
      fileSource$: tracked((path: string) => fileSource$(join(folder, path))),
      directoryCheckpointStore: (path: string) => directoryCheckpointStore(join(folder, path)),
    },
  };
  return {
    load: (name) => (stubs[name] === undefined ? load(name) : { ...(load(name) as object), ...stubs[name] }),
    names: {
      credentials,
      obs,
      file,
      checkpoint: cancelledCheckpoint(uploadFile$(obs, request)),
      request,
      ...streamNames(),
      console: { log: () => undefined, warn: () => undefined },
    },
    async settled() {
      await firstValueFrom(running$.pipe(filter((count) => count === 0)));
      // RxJS reports uncaught errors in a task of its own.
      await new Promise((resolve) => setTimeout(resolve));
      config.onUnhandledError = originalHandler;
      rmSync(folder, { recursive: true });
      if (uncaught.length > 0) throw uncaught[0];
    },
  };
}

/** What the samples of the guide to streams use of their page. */
function streamNames(): Readonly<Record<string, unknown>> {
  const chunk = new Blob(['a second of film'], { type: 'video/webm' });
  const recorder = Object.assign(new EventTarget(), {
    start() {
      recorder.dispatchEvent(Object.assign(new Event('dataavailable'), { data: chunk }));
      recorder.dispatchEvent(new Event('stop'));
    },
  });
  return {
    recorder,
    recording$: of(chunk, chunk),
    withDuration: (firstPart: Blob) => Promise.resolve(firstPart),
    table: new Blob(['a,b\n1,2\n'], { type: 'text/csv' }),
    progress: { value: 0, removeAttribute: () => undefined },
  };
}

/** The checkpoint of an upload that is cancelled after its first part. */
function cancelledCheckpoint(upload$: Observable<UploadEvent>): UploadCheckpoint | null {
  let last: UploadCheckpoint | null = null;
  upload$.pipe(takeWhile(({ type }) => type !== 'part-completed')).subscribe((event) => {
    if (event.type === 'checkpoint') last = event.checkpoint;
  });
  return last;
}

function signUrl(
  { method, url, headers, bucket, key }: UnsignedRequest,
  login: Pick<Parameters<typeof createSignedUrl>[0], 'server' | 'credentials'>,
): ReturnType<typeof createSignedUrl> {
  const query = Object.fromEntries([...new URL(url).searchParams].map(([name, value]) => [name, value || null]));
  return createSignedUrl({ ...login, method, bucket, key, query, headers, expiresInSeconds: 300 });
}
