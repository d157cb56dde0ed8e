import {
  catchError,
  combineLatest,
  concatMap,
  defaultIfEmpty,
  EMPTY,
  map,
  of,
  Subject,
  switchMap,
  take,
  takeUntil,
  takeWhile,
  tap,
  timer,
  type Observable,
  type Subscriber,
} from 'rxjs';
import type { ObsConnection } from '../connection/obs-connection.js';
import { isHandle } from '../ports/checkpoint-store/file-handle.js';
import { recallFile$ } from '../file-handles.js';
import type { QueuePick, QueueRequest } from './command.js';
import type { ResolvedQueue } from './options.js';
import type { QueuePending } from '../model/queue/queue-state.js';
import type { StateHolder } from './state/state-holder.js';
import type { Tasks } from './run/tasks.js';
import { abortUpload$, type AbortedUpload } from '../abort-upload.js';
import { StoreError } from '../model/errors/errors.js';
import { pendingUploads$ } from '../pending-uploads.js';
import type { CheckpointStore } from '../ports/checkpoint-store/checkpoint-store.js';
import type { UploadLock } from '../ports/lock/upload-lock.js';

/** The commands about uploads that an earlier page left unfinished. */
export interface PendingList {
  readonly refresh: () => void;
  /** @param add - is called with what resumes the upload, once its file is open */
  readonly pick: (command: QueuePick, add: (request: QueueRequest) => void) => void;
  /** @param ids - null: all */
  readonly discard: (ids: readonly string[] | null) => void;
}

export function createPendingList(
  connection: ObsConnection,
  { checkpointStore: store, lock }: ResolvedQueue,
  holder: StateHolder,
  { aborts, picks }: { readonly aborts: Tasks; readonly picks: Tasks },
  subscriber: Subscriber<unknown>,
): PendingList {
  if (store === null) return { refresh: ignore, pick: ignore, discard: ignore };
  const refresh$ = new Subject<void>();
  const discarding = new Set<string>();
  /** One that is being discarded is busy, although its lock may look free. */
  const list = (uploads: readonly QueuePending[]): void => {
    const pending = uploads.map((upload) => (discarding.has(upload.id) ? { ...upload, isBusy: true } : upload));
    holder.apply({ type: 'listed', pending });
  };
  const listed$ = refresh$.pipe(
    switchMap(() =>
      listPending$(connection, store, lock).pipe(
        map(list),
        catchError((error: unknown) => {
          holder.notice('store-unreadable', null, 'Unfinished uploads cannot be listed: ', error);
          return EMPTY;
        }),
      ),
    ),
  );
  subscriber.add(listed$.subscribe());

  return {
    refresh: () => refresh$.next(),
    pick: ({ id, file: chosen }, add) => {
      const upload = holder.memory.state.pending.find((pending) => pending.id === id);
      if (upload === undefined) {
        holder.notice('pick-failed', id, 'This upload is no longer unfinished, or it is in the queue already.');
        return;
      }
      const { bucket, key } = upload.checkpoint;
      const handle = chosen !== undefined && isHandle(chosen) ? chosen : null;
      const added$ = recallFile$(store, upload, chosen).pipe(
        tap((sourceFile) => add({ bucket, key, sourceFile, handle, uploadCheckpoint: upload.checkpoint })),
      );
      picks.add(added$, { failed: (error) => holder.notice('pick-failed', id, '', error) });
    },
    discard: (ids) => {
      const isMeant = ids === null ? (): boolean => true : (id: string): boolean => ids.includes(id);
      for (const upload of holder.memory.state.pending.filter(({ id, isBusy }) => !isBusy && isMeant(id))) {
        const { id, checkpoint } = upload;
        discarding.add(id);
        list(holder.memory.state.pending);
        const ended = (...notice: Parameters<StateHolder['notice']>): void => {
          discarding.delete(id);
          holder.notice(...notice);
          refresh$.next();
        };
        aborts.add(discardPending$(connection, store, lock, upload), {
          done: () => ended('discarded', id, `The parts of ${checkpoint.key} are deleted.`),
          failed: (error) => ended('discard-failed', id, `${checkpoint.key} is not discarded: `, error),
        });
      }
    },
  };
}

/** Without a store nothing is left of earlier pages. */
function ignore(): void {
  return undefined;
}

/** The unfinished uploads to this server; emits them again when one of them becomes free within a second. */
function listPending$(
  { server }: ObsConnection,
  store: CheckpointStore,
  lock: UploadLock | null,
): Observable<readonly QueuePending[]> {
  return pendingUploads$(store).pipe(
    map((uploads) => uploads.filter(({ checkpoint }) => checkpoint.server === server)),
    switchMap((uploads) =>
      uploads.length === 0
        ? of([])
        : combineLatest(
            uploads.map((upload) => isFree$(lock, upload.id).pipe(map((isFree) => ({ ...upload, isBusy: !isFree })))),
          ),
    ),
  );
}

/** Deletes the parts of an unfinished upload, unless another tab is uploading it. */
function discardPending$(
  connection: ObsConnection,
  checkpointStore: CheckpointStore,
  lock: UploadLock | null,
  { id, checkpoint }: QueuePending,
): Observable<AbortedUpload> {
  return held$(lock, id).pipe(
    concatMap((isOurs) => {
      if (isOurs) return abortUpload$(connection, checkpoint, { checkpointStore });
      throw new StoreError('Another tab is uploading it: pause or close it there, then discard it.', null);
    }),
    take(1),
  );
}

/** How long releasing a lock may take. */
const RELEASE_MS = 1000;

/** Emits again once it is free: an upload that has just been stopped here holds its lock for a moment. */
function isFree$(lock: UploadLock | null, id: string): Observable<boolean> {
  return held$(lock, id).pipe(
    // A lock that completes is not available, so nobody holds it; one that is silent may be held.
    defaultIfEmpty(true),
    takeWhile((isOurs) => !isOurs, true),
    takeUntil(timer(RELEASE_MS)),
    defaultIfEmpty(false),
  );
}

/** Whether the lock of that upload is ours, for as long as this is subscribed to. */
function held$(lock: UploadLock | null, id: string): Observable<boolean> {
  if (lock === null) return of(true);
  return lock.hold(id).pipe(
    map((state) => state === 'held'),
    // Where locks are refused, nobody can be asked to wait.
    catchError(() => of(true)),
  );
}
