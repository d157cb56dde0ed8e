import { defer, Observable } from 'rxjs';
import type { ObsConnection } from './connection/obs-connection.js';
import type { QueueState } from './model/queue/queue-state.js';
import { toObservable, type AnyObservable } from './ports/from-port.js';
import type { QueueCommand } from './queue/command.js';
import { resolveQueue, type UploadQueueOptions } from './queue/options.js';
import { runQueue } from './queue/run-queue.js';

/**
 * Uploads many files by commands, and emits everything that a view of them shows. Cold: each subscription is a queue of
 * its own. Unsubscribing aborts all requests at once; parts stay on the server, and only the command `abort` (and
 * `discard`) deletes any. After each stop, a file is resumed from its last checkpoint.
 *
 * ```text
 * commands$:      ---(add a, b)-------(pause a)----(resume)------|
 * uploadQueue$:   0--2-2-2-2-2-2-2-2--2-2-2-2-2-2--2-2-2-2-2-2-2-(2|)
 * ```
 * (the digits: number of rows)
 *
 * @returns states: the first at once, then one after each change; those of a synchronous burst may be one. Completes
 * when `commands$` has completed, no row waits, runs or is being aborted, and no picked file is being opened. Fails if
 * `commands$` fails, and with `InvalidOptionsError` for `filesAtOnce`; what goes wrong with a file is in its row, the
 * rest in `notices`.
 *
 * @example
 * ```ts
 * const commands$ = new Subject<QueueCommand>();
 * uploadQueue$(obs, commands$, { filesAtOnce: 4, defaults: { bucket: 'media', taskNum: 3 } }).subscribe(render);
 * commands$.next({ type: 'add', requests: files.map((file) => ({ key: file.name, sourceFile: file })) });
 * commands$.next({ type: 'pause' });
 * ```
 * @see {@link createUploadQueue} for the same with methods
 */
export function uploadQueue$(
  connection: ObsConnection,
  commands$: AnyObservable<QueueCommand>,
  options: UploadQueueOptions = {},
): Observable<QueueState> {
  return queueStates$(connection, toObservable(commands$), options, newIds);
}

/** @param ids - makes a generator of ids for each subscription */
export function queueStates$(
  connection: ObsConnection,
  commands$: Observable<QueueCommand>,
  options: UploadQueueOptions,
  ids: () => () => string,
): Observable<QueueState> {
  return defer(() => {
    const queue = resolveQueue(options);
    return new Observable<QueueState>((subscriber) => runQueue(connection, commands$, queue, ids(), subscriber));
  });
}

export function newIds(): () => string {
  let count = 0;
  return () => {
    count += 1;
    return `upload-${count}`;
  };
}
