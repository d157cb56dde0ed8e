import { BehaviorSubject, defer, distinctUntilChanged, map, Observable, Subject, Subscription } from 'rxjs';
import type { ObsConnection } from './connection/obs-connection.js';
import { emptyQueueState, type QueuePending, type QueueState } from './model/queue/queue-state.js';
import { toObservable, type AnyObservable } from './ports/from-port.js';
import type { QueueCommand, QueueRequest } from './queue/command.js';
import { resolveQueue, type UploadQueueOptions } from './queue/options.js';
import { runQueue } from './queue/run-queue.js';
import type { FileHandle } from './ports/checkpoint-store/checkpoint-store.js';

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
function queueStates$(
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

function newIds(): () => string {
  let count = 0;
  return () => {
    count += 1;
    return `upload-${count}`;
  };
}

/** Options of `createUploadQueue`. */
export interface CreateUploadQueueOptions extends UploadQueueOptions {
  /** Disposes of the queue when it is aborted. */
  readonly signal?: AbortSignal | undefined;
}

/** One id or several; without any, a command is for all rows that it has an effect on. */
export type QueueIds = string | readonly string[];

/** An upload queue that runs until it is disposed of. Methods ignore unknown ids, and do nothing after that. */
export interface UploadQueue {
  /** The present state at once, then each next one. Completes when the queue is disposed of. */
  readonly state$: Observable<QueueState>;
  /** The state now, as `state$` emitted it last. */
  readonly state: QueueState;
  /** Unfinished uploads of earlier pages. */
  readonly pending$: Observable<readonly QueuePending[]>;
  /** Adds files at the end. @returns their ids, also of those that are refused with a notice */
  readonly add: (requests: QueueRequest | readonly QueueRequest[]) => readonly string[];
  /** Aborts requests at once; parts stay on the server. */
  readonly pause: (ids?: QueueIds) => void;
  /** Resumes paused files when their turn comes. */
  readonly resume: (ids?: QueueIds) => void;
  /** Starts failed files again from their checkpoints, and aborted ones from the beginning; without ids only failed ones. */
  readonly retry: (ids?: QueueIds) => void;
  /** Aborts requests at once and deletes the parts on the server. */
  readonly abort: (ids?: QueueIds) => void;
  /** Pauses and removes rows; parts and stored checkpoints stay. */
  readonly remove: (ids?: QueueIds) => void;
  /** Lets waiting files take the next turns. */
  readonly moveToFront: (ids: QueueIds) => void;
  /** Resumes a pending upload, with the file that the user has chosen unless it `hasFile`. Call it in a click handler. */
  readonly pick: (pendingId: string, file?: FileHandle | File) => void;
  /** Deletes the parts of pending uploads. */
  readonly discard: (pendingIds?: QueueIds) => void;
  /** Removes notices. */
  readonly dismiss: (noticeIds?: QueueIds) => void;
  /** Lists unfinished uploads again, as other tabs may have started or finished some. */
  readonly refresh: () => void;
  /** Aborts all requests at once; parts stay on the server. */
  readonly dispose: () => void;
}

/**
 * An upload queue behind methods: `uploadQueue$`, subscribed to at once.
 *
 * @example
 * ```ts
 * const queue = createUploadQueue(obs, { checkpointStore, defaults: { bucket: 'media' } });
 * queue.state$.subscribe(render);
 * const [id] = queue.add({ key: file.name, sourceFile: file });
 * queue.pause(id);
 * ```
 * @throws InvalidOptionsError
 */
export function createUploadQueue(
  connection: ObsConnection,
  { signal, ...options }: CreateUploadQueueOptions = {},
): UploadQueue {
  const commands$ = new Subject<QueueCommand>();
  const state$ = new BehaviorSubject<QueueState>(emptyQueueState);
  let state = emptyQueueState;
  const generate = newIds();
  const given = new Set<string>();
  const newId = (): string => {
    const id = generate();
    return given.has(id) ? newId() : id;
  };
  const subscription = new Subscription();
  const dispose = (): void => {
    subscription.unsubscribe();
    state$.complete();
  };
  let failure: { readonly error: unknown } | null = null;
  subscription.add(
    queueStates$(connection, commands$, options, () => newId).subscribe({
      next: (next) => {
        state = next;
        state$.next(next);
      },
      error: (error: unknown) => {
        failure = { error };
        state$.error(error);
      },
    }),
  );
  throwIfFailed(failure);
  if (signal?.aborted) dispose();
  signal?.addEventListener('abort', dispose);
  subscription.add(() => signal?.removeEventListener('abort', dispose));
  const send = (type: Exclude<QueueCommand['type'], 'add' | 'pick' | 'refresh'>, ids?: QueueIds): void =>
    commands$.next({ type, ids: typeof ids === 'string' ? [ids] : ids });

  return {
    state$: state$.asObservable(),
    get state() {
      return state;
    },
    pending$: state$.pipe(
      map(({ pending }) => pending),
      distinctUntilChanged(),
    ),
    add: (requested) => {
      const all = [requested].flat();
      for (const { id } of all) if (id !== undefined) given.add(id);
      const requests = all.map((request) => ({ ...request, id: request.id ?? newId() }));
      commands$.next({ type: 'add', requests });
      return requests.map(({ id }) => id);
    },
    pause: (ids) => send('pause', ids),
    resume: (ids) => send('resume', ids),
    retry: (ids) => send('retry', ids),
    abort: (ids) => send('abort', ids),
    remove: (ids) => send('remove', ids),
    moveToFront: (ids) => send('moveToFront', ids),
    pick: (id, file) => commands$.next({ type: 'pick', id, file }),
    discard: (ids) => send('discard', ids),
    dismiss: (ids) => send('dismiss', ids),
    refresh: () => commands$.next({ type: 'refresh' }),
    dispose,
  };
}

/** An invalid option is known at once. */
function throwIfFailed(failure: { readonly error: unknown } | null): void {
  if (failure !== null) throw failure.error;
}
