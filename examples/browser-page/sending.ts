import {
  catchError,
  defer,
  EMPTY,
  filter,
  ignoreElements,
  map,
  merge,
  mergeAll,
  mergeMap,
  of,
  Subject,
  tap,
  type Observable,
} from 'rxjs';
import {
  rememberFile$,
  uploadFiles$,
  type CheckpointStore,
  type ObsConnection,
  type QueuedRequest,
  type QueueNotification,
  type UploadCheckpoint,
} from 'rx-obs-upload';
import type { GivenFile } from './given-files.js';

/** What uploading needs. */
export interface Uploading {
  readonly obs: ObsConnection;
  readonly store: CheckpointStore;
  readonly bucket: string;
  /** What the objects' keys begin with, before the file's path. */
  readonly keyPrefix: string;
  /** bytes; of uploads that begin */
  readonly partSize: () => number;
  /** Parts of a file at once; a new value counts for what is running too. */
  readonly taskNum$: Observable<number>;
}

/** The files of this page on their way. A file's id is the key of its object. */
export interface Sending {
  /** What the queue tells, for as long as the page lives. */
  readonly signal$: Observable<QueueNotification>;
  /** The file that is to be that object, if one was given. */
  find(id: string): GivenFile | undefined;
  isRunning(id: string): boolean;
  /** Sends a file, from its checkpoint on where there is one. */
  send(id: string, given: GivenFile, checkpoint: UploadCheckpoint | null): void;
  /** Sends a file that has stopped, as it is on the disk now. */
  sendAgain(id: string, checkpoint: UploadCheckpoint | null): void;
  /** Stops: what the server has of it stays there. */
  stop(id: string): void;
  forget(id: string): void;
}

const FILES_AT_ONCE = 3;

export function createSending({ obs, store, bucket, partSize, taskNum$ }: Uploading): Sending {
  const requests$ = new Subject<Observable<QueuedRequest>>();
  const cancel$ = new Subject<string>();
  const given = new Map<string, GivenFile>();
  const running = new Set<string>();
  const remembered = new Set<string>();

  /** With its first checkpoint, as the handle of a file that goes in one request would be of no use. */
  const remember$ = ({ id, signal }: QueueNotification): Observable<never> => {
    const handle = given.get(id)?.handle ?? null;
    if (signal.type !== 'checkpoint' || handle === null || remembered.has(id)) return EMPTY;
    remembered.add(id);
    return rememberFile$(store, { bucket, key: id, file: handle }).pipe(
      ignoreElements(),
      catchError(() => EMPTY),
    );
  };

  const requestOf = (id: string, file: File, checkpoint: UploadCheckpoint | null): QueuedRequest => ({
    id,
    bucket,
    key: id,
    sourceFile: file,
    partSize: partSize(),
    taskNum: taskNum$,
    uploadCheckpoint: checkpoint,
    checkpointStore: store,
  });

  return {
    signal$: uploadFiles$(obs, requests$.pipe(mergeAll()), { filesAtOnce: FILES_AT_ONCE, cancel$ }).pipe(
      tap(({ id, signal: { type } }) => {
        if (type === 'completed' || type === 'failed' || type === 'paused') running.delete(id);
      }),
      mergeMap((told) => merge(of(told), remember$(told))),
    ),
    find: (id) => given.get(id),
    isRunning: (id) => running.has(id),
    send: (id, file, checkpoint) => {
      given.set(id, file);
      remembered.delete(id);
      running.add(id);
      requests$.next(of(requestOf(id, file.file, checkpoint)));
    },
    sendAgain: (id, checkpoint) => {
      const before = given.get(id);
      if (before === undefined || running.has(id)) return;
      running.add(id);
      const { file, handle } = before;
      const fresh$ = handle === null ? of(file) : defer(() => handle.getFile()).pipe(catchError(() => of(file)));
      const request$ = fresh$.pipe(
        filter(() => running.has(id)),
        tap((now) => given.set(id, { ...before, file: now })),
        map((now) => requestOf(id, now, checkpoint)),
      );
      requests$.next(request$);
    },
    stop: (id) => {
      running.delete(id);
      cancel$.next(id);
    },
    forget: (id) => {
      given.delete(id);
      remembered.delete(id);
    },
  };
}
