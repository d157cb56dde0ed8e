import { computed, inject, NgZone, untracked, type Signal } from '@angular/core';
import { toSignal } from '@angular/core/rxjs-interop';
import { map, merge, scan, startWith, Subject, tap } from 'rxjs';
import {
  emptyQueue,
  reduceQueue,
  uploadFiles$,
  withoutFiles,
  type QueuedFile,
  type QueuedRequest,
  type QueueSnapshot,
  type UploadCheckpoint,
  type UploadFilesOptions,
  type UploadRequest,
} from '../index.js';
import { injectObsConnection } from './inject-obs-connection.js';
import { runOutsideAngular } from './run-outside-angular.js';

/** Files in progress at once. */
export type UploadsOptions = Pick<UploadFilesOptions, 'filesAtOnce'>;

/** The uploads of a component or service, and their state. Methods ignore unknown ids. */
export interface Uploads {
  /** The snapshot of all uploads: files, number of files by status, bytes, speed. */
  readonly snapshot: Signal<QueueSnapshot>;
  /** In the order in which they were started. */
  readonly files: Signal<readonly QueuedFile[]>;
  /** Adds an upload to the queue. @returns its id */
  start(request: UploadRequest): string;
  /** Aborts its requests at once; its parts stay on the server. */
  pause(id: string): void;
  /** Resumes a paused or failed upload, when its turn comes. */
  resume(id: string): void;
  /**
   * Pauses an upload and removes it from the list.
   * @returns its checkpoint, to resume it later or to pass to `abortUpload$`; null if there is none
   */
  cancel(id: string): UploadCheckpoint | null;
}

/**
 * Uploads files, a few at a time, and exposes their state as signals. Must be called in an injection context and ends
 * with it, for example with the component: requests are aborted, parts stay on the server. With zone.js only emitted
 * values cause change detection.
 *
 * @example
 * ```ts
 * class Films {
 *   readonly uploads = injectUploads({ filesAtOnce: 2 });
 *
 *   add(file: File): void {
 *     this.uploads.start({ bucket: 'media', key: file.name, sourceFile: file, taskNum: 4 });
 *   }
 * }
 * ```
 * @throws InvalidOptionsError
 */
export function injectUploads(options: UploadsOptions = {}): Uploads {
  const connection = injectObsConnection();
  const zone = inject(NgZone);
  const requests$ = new Subject<QueuedRequest>();
  const cancel$ = new Subject<string>();
  const removed$ = new Subject<string>();
  /** The requests of uploads that can still be resumed. */
  const requests = new Map<string, UploadRequest>();
  let count = 0;

  const signal$ = uploadFiles$(connection, requests$, { ...options, cancel$ }).pipe(
    runOutsideAngular(zone),
    tap(({ id, signal }) => {
      if (signal.type === 'completed') requests.delete(id);
    }),
  );
  const change$ = merge(
    signal$.pipe(map((signal) => (queue: QueueSnapshot) => reduceQueue(queue, signal))),
    removed$.pipe(map((id) => (queue: QueueSnapshot) => withoutFiles(queue, new Set([id])))),
  );
  const snapshot = toSignal(
    change$.pipe(
      scan((queue, change) => change(queue), emptyQueue),
      startWith(emptyQueue),
    ),
    { requireSync: true },
  );
  // An invalid option throws here rather than on the first read of a signal.
  untracked(snapshot);

  const find = (id: string): QueuedFile['upload'] | undefined =>
    untracked(snapshot).files.find((file) => file.id === id)?.upload;
  const send = (request: QueuedRequest): void => zone.runOutsideAngular(() => requests$.next(request));
  const stop = (id: string): void => zone.runOutsideAngular(() => cancel$.next(id));

  return {
    snapshot,
    files: computed(() => snapshot().files),
    start(request) {
      const id = String(++count);
      requests.set(id, request);
      send({ ...request, id });
      return id;
    },
    pause: stop,
    resume(id) {
      const request = requests.get(id);
      const upload = find(id);
      if (request === undefined || (upload?.status !== 'paused' && upload?.status !== 'failed')) return;
      const { checkpoint } = upload;
      send(checkpoint === null ? { ...request, id } : { ...request, uploadCheckpoint: checkpoint, id });
    },
    cancel(id) {
      stop(id);
      const checkpoint = find(id)?.checkpoint ?? null;
      requests.delete(id);
      removed$.next(id);
      return checkpoint;
    },
  };
}
