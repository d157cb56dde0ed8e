import { computed, DestroyRef, inject, NgZone, PLATFORM_ID, type Signal } from '@angular/core';
import { toSignal } from '@angular/core/rxjs-interop';
import {
  createUploadQueue,
  type QueueNotice,
  type QueuePending,
  type QueueRow,
  type QueueState,
  type QueueTotals,
  type UploadQueue,
  type UploadQueueOptions,
} from '../index.js';
import { injectObsConnection } from './obs-connection.js';
import { runOutsideAngular } from './zones.js';

/** Options of `injectUploads`. */
export type UploadsOptions = UploadQueueOptions;

/** An upload queue whose state is signals. A signal changes only when its part of the state does. */
export interface Uploads extends Omit<UploadQueue, 'state' | 'state$' | 'pending$' | 'dispose'> {
  /** Everything that a view shows. */
  readonly state: Signal<QueueState>;
  /** A row for each file, in their order. */
  readonly rows: Signal<readonly QueueRow[]>;
  /** How many files have each status. */
  readonly counts: Signal<QueueState['counts']>;
  /** Sums over all files. */
  readonly totals: Signal<QueueTotals>;
  /** Unfinished uploads of earlier pages. */
  readonly pending: Signal<readonly QueuePending[]>;
  /** The latest problems and ends, for messages to the user. */
  readonly notices: Signal<readonly QueueNotice[]>;
}

/**
 * Uploads files, a few at a time, and exposes their state as signals. Must be called in an injection context and ends
 * with it, for example with the component: requests are aborted, parts stay on the server. Call it in a service of the
 * root injector for uploads that outlive a route. With zone.js only emitted states cause change detection. While
 * rendering on a server, the checkpoint store is not used.
 *
 * @example
 * ```ts
 * class Films {
 *   readonly uploads = injectUploads({ filesAtOnce: 2, defaults: { bucket: 'media', taskNum: 4 } });
 *
 *   add(files: readonly File[]): void {
 *     this.uploads.add(files.map((file) => ({ key: file.name, sourceFile: file })));
 *   }
 * }
 * ```
 * @throws InvalidOptionsError
 */
export function injectUploads(options: UploadsOptions = {}): Uploads {
  const connection = injectObsConnection();
  const zone = inject(NgZone);
  // What is stored in the browser is not there, and would be rendered as missing.
  const isServer = inject(PLATFORM_ID, { optional: true }) === 'server';
  const own = isServer ? { ...options, checkpointStore: undefined } : options;
  const queue = zone.runOutsideAngular(() => createUploadQueue(connection, own));
  inject(DestroyRef).onDestroy(() => queue.dispose());
  const state = toSignal(queue.state$.pipe(runOutsideAngular(zone)), { requireSync: true });
  const outside = <A extends readonly unknown[], R>(method: (...args: A) => R): ((...args: A) => R) => {
    return (...args) => zone.runOutsideAngular(() => method(...args));
  };

  return {
    state,
    rows: computed(() => state().rows),
    counts: computed(() => state().counts),
    totals: computed(() => state().totals),
    pending: computed(() => state().pending),
    notices: computed(() => state().notices),
    add: outside(queue.add),
    pause: outside(queue.pause),
    resume: outside(queue.resume),
    retry: outside(queue.retry),
    abort: outside(queue.abort),
    remove: outside(queue.remove),
    moveToFront: outside(queue.moveToFront),
    pick: outside(queue.pick),
    discard: outside(queue.discard),
    dismiss: outside(queue.dismiss),
    refresh: outside(queue.refresh),
  };
}
