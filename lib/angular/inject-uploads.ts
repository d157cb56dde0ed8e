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

/** How many files at once. */
export type UploadsOptions = Pick<UploadFilesOptions, 'filesAtOnce'>;

/** Uploads of a component or a service, and what they are at. Ids of other uploads are passed over. */
export interface Uploads {
  /** All of it: files, how many of each status, bytes, speed. */
  readonly snapshot: Signal<QueueSnapshot>;
  /** In the order in which they were started. */
  readonly files: Signal<readonly QueuedFile[]>;
  /** Takes it in; it begins when its turn comes. @returns the id by which the upload is told from the others */
  start(request: UploadRequest): string;
  /** Aborts its requests at once; its parts stay. */
  pause(id: string): void;
  /** Goes on with one that is paused or has failed; it waits for its turn. */
  resume(id: string): void;
  /**
   * Pauses it, and takes it off the list.
   * @returns its checkpoint, to go on with another day or to give to `abortUpload$`; null where there is none
   */
  cancel(id: string): UploadCheckpoint | null;
}

/**
 * Uploads files, some at once, the others in their turn, and tells of all in signals. To be called where `inject` may
 * be; ends with that injector, as a component does: requests are aborted, parts stay. With zone.js only what is told
 * causes change detection.
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
  /** Of those that can still be gone on with. */
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
  // An option that is refused is told here, not to whoever looks first.
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
