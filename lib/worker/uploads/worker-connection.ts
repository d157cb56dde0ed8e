import {
  BehaviorSubject,
  catchError,
  concatMap,
  defer,
  dematerialize,
  EMPTY,
  finalize,
  materialize,
  merge,
  Observable,
  ReplaySubject,
  share,
  skip,
  Subscription,
  switchMap,
  tap,
  timer,
  type MonoTypeOperatorFunction,
} from 'rxjs';
import { mapError } from '../../map-error.js';
import { createObsConnection } from '../../connection/create-obs-connection.js';
import { sharedOf, withShared, type ObsConnection } from '../../connection/obs-connection.js';
import type { ObsConnectionOptions } from '../../connection/options.js';
import type { UploadCheckpoint } from '../../model/checkpoint/checkpoint.js';
import { InvalidOptionsError, WorkerError } from '../../model/errors/errors.js';
import { isUploadError } from '../../model/errors/is-upload-error.js';
import { withContext } from '../../model/errors/upload-error.js';
import type { UploadEvent } from '../../model/upload/event.js';
import type { RequestRecord } from '../../model/upload/request-record.js';
import { createWatch } from '../../ports/watch.js';
import type { UploadRequest } from '../../upload-request.js';
import {
  BATCH_MS,
  CONNECTION,
  holdLifeline$,
  openChannel,
  type Channel,
  type ChannelEnd,
  type PageCall,
  type Served,
} from './channel.js';
import { splitOptions, type SplitOptions } from './portable-options.js';
import { splitSource } from './portable-source.js';

/** Options of `createObsConnection`, except the transport: the worker has its own. */
export type WorkerConnectionOptions = ObsConnectionOptions & { readonly transport?: undefined };

/** The part of `Worker` that is used. */
export type UploadWorker = ChannelEnd & Pick<Worker, 'terminate'>;

/** A worker without uploads is terminated after this time: it costs memory, and starting one costs time. */
const IDLE_MS = 30_000;

/** A worker that takes longer to start, sleep aside, never will; its script may have to be loaded over a slow line. */
const START_MS = 30_000;

/** An upload's functions are called for this long after its end, since its last checkpoint is saved then. */
const LINGER_MS = 15_000;

/**
 * A connection whose uploads run in a Web Worker: slicing, hashing, signing and sending take no time of the page. Use it
 * like one of `createObsConnection`, in `uploadFile$`, `uploadFiles$`, `resumable$` and Angular. The worker is started by
 * the first upload and terminated half a minute after the last one. Credentials, `presign`, checkpoint stores, locks,
 * hashers and Observables of your options stay in the page and are called from the worker; events come back at most once
 * in `progressIntervalMs`, `started` and the first checkpoint at once. Single calls and `abortUpload$` run in the page,
 * with permits of their own.
 *
 * A stream (`streamSource`) stays in the page, with its buffer and its spool, and so survives the worker. The bytes of
 * each part cross when it is about to be sent: Blobs by reference, Uint8Arrays as a copy that is transferred. `finalize`
 * and the function of `transformParts` are called in the page.
 *
 * An upload fails with `InvalidOptionsError` if `sourceFile` is a source of your own or `retry.jitter` is a function, and
 * with a resumable `WorkerError` if the worker dies, or has not called `serveUploads()` within half a minute.
 *
 * @param createWorker - starts a worker whose script calls `serveUploads()`
 * @example
 * ```ts
 * const obs = workerConnection(() => new Worker(new URL('./upload.worker', import.meta.url), { type: 'module' }), {
 *   server: 'https://obs.ap-southeast-1.myhuaweicloud.com',
 *   credentials: () => fetchTemporaryCredentials(),
 * });
 * ```
 * @throws InvalidOptionsError
 * @see {@link serveUploads}
 */
export function workerConnection(createWorker: () => UploadWorker, options: WorkerConnectionOptions): ObsConnection {
  if ((options as ObsConnectionOptions).transport !== undefined) {
    throw new InvalidOptionsError('transport', 'transport cannot be used with a worker, which sends by its own.');
  }
  const here = createObsConnection(options);
  const functionsOf = new Map<number, SplitOptions['functions']>();
  const aborted = new Set<string>();
  const opened$ = new BehaviorSubject<Channel | null>(null);
  let lastUpload = CONNECTION;

  const serve: Served = (_, args) => {
    const [owner, path, rest] = args as PageCall['args'];
    if (path === 'checkpointStore.save' && aborted.has((rest[1] as UploadCheckpoint).uploadId)) return EMPTY;
    const called = functionsOf.get(owner)?.get(path);
    return called === undefined ? EMPTY : called(...(rest as never[]));
  };

  const open$ = new Observable<Channel>((subscriber) => {
    const worker = createWorker();
    subscriber.add(() => {
      opened$.next(null);
      worker.terminate();
    });
    const lost = (event: Event): void => {
      // Reported as an error of the uploads, so not as one of the page.
      event.preventDefault();
      // Without a message if the script cannot be loaded: that is in the console.
      const { message, filename, lineno } = event as Partial<ErrorEvent>;
      subscriber.error(new WorkerError(LOST, message ? new Error(`${message} (${filename}:${lineno}).`) : undefined));
    };
    worker.addEventListener('error', lost);
    worker.addEventListener('messageerror', lost);
    const channel = openChannel(worker, serve);
    subscriber.add(channel.close);
    const { plain, functions } = splitOptions(options, subscriber);
    functionsOf.set(CONNECTION, functions);
    const lifeline = `rx-obs-upload-worker ${Math.random()}`;
    const starting = createWatch(START_MS, START_MS, () => subscriber.error(new WorkerError(SILENT))).start();
    subscriber.add(starting);
    // Stays subscribed, since the worker holds its lock until then.
    const died$ = channel.call$('connect', lifeline, plain, [...functions.keys()]).pipe(
      // The first value says that it has started, the second that it holds the lock.
      tap(() => starting.unsubscribe()),
      skip(1),
      switchMap(() => holdLifeline$(lifeline)),
    );
    // Before any upload: it needs the connection, and its requests are recorded.
    subscriber.add(
      died$.subscribe({
        next: () => subscriber.error(new WorkerError(LOST)),
        error: (error: unknown) => subscriber.error(error),
      }),
    );
    opened$.next(channel);
    subscriber.next(channel);
  });
  const channel$ = open$.pipe(
    mapError((cause) => (isUploadError(cause) ? cause : new WorkerError(LOST, cause))),
    share({ connector: () => new ReplaySubject<Channel>(1), resetOnRefCountZero: () => timer(IDLE_MS) }),
  );

  const forgetLater = (id: number): void => {
    timer(LINGER_MS).subscribe(() => functionsOf.delete(id));
  };

  const upload$ = (request: UploadRequest): Observable<UploadEvent> =>
    defer(() => {
      requirePortable(request);
      const source = splitSource(request.sourceFile, request.progressIntervalMs ?? BATCH_MS);
      const id = ++lastUpload;
      const subscription = new Subscription();
      const { plain, functions } = splitOptions({ ...request, sourceFile: source.plain }, subscription);
      functionsOf.set(id, new Map([...functions, ...source.functions]));
      return channel$.pipe(
        switchMap((channel) => channel.call$('upload', id, plain, [...functions.keys()]).pipe(materialize())),
        dematerialize(),
        concatMap((events) => events as readonly UploadEvent[]),
        lastCheckpointInLoss(request.uploadCheckpoint ?? null),
        // Before the subscriber is notified, who may begin the next upload of the same stream then.
        tap({ error: source.release, complete: source.release }),
        finalize(() => {
          source.release();
          subscription.unsubscribe();
          forgetLater(id);
        }),
      );
    });

  const shared = sharedOf(here);
  const records$ = opened$.pipe(
    switchMap((channel) => channel?.call$('requests').pipe(catchError(() => EMPTY)) ?? EMPTY),
  ) as Observable<RequestRecord>;
  return withShared(here, {
    remote: { upload$, aborted },
    requests: { ...shared.requests, records$: merge(shared.requests.records$, records$) },
  });
}

const LOST = 'The worker that ran the upload could not be started or has died. Resume the upload with its checkpoint.';

const SILENT = 'The worker has not started within half a minute. Its script must call serveUploads() at once.';

function lastCheckpointInLoss(first: UploadCheckpoint | null): MonoTypeOperatorFunction<UploadEvent> {
  return (event$) =>
    defer(() => {
      let last = first;
      return event$.pipe(
        tap((event) => {
          if (event.type === 'checkpoint') last = event.checkpoint;
        }),
        mapError((error) => (error instanceof WorkerError ? withContext(error, { checkpoint: last }) : error)),
      );
    });
}

function requirePortable({ retry }: UploadRequest): void {
  if (typeof retry?.jitter !== 'function') return;
  throw new InvalidOptionsError('retry.jitter', "retry.jitter must be 'full' or 'none' where uploads run in a worker.");
}
