import {
  catchError,
  combineLatest,
  EMPTY,
  map,
  mergeMap,
  of,
  Subject,
  switchMap,
  tap,
  type Observable,
  type Subscriber,
} from 'rxjs';
import type { ObsConnection } from '../connection/obs-connection.js';
import { isHandle } from '../ports/checkpoint-store/file-handle.js';
import { recallFile$, storedHandle$ } from '../file-handles.js';
import type { QueuePick, QueueRequest } from './command.js';
import { abortLocked$, isFree$ } from './locked.js';
import type { ResolvedQueue } from './options.js';
import type { QueuePending } from '../model/queue/queue-state.js';
import type { StateHolder } from './state/state-holder.js';
import type { Tasks } from './run/tasks.js';
import { pendingUploads$ } from '../pending-uploads.js';
import type { CheckpointStore, FileHandle } from '../ports/checkpoint-store/checkpoint-store.js';
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
      const { checkpoint } = upload;
      const { bucket, key } = checkpoint;
      const chosen$: Observable<FileHandle | File> = chosen ? of(chosen) : storedHandle$(store, checkpoint);
      const added$ = chosen$.pipe(
        mergeMap((from) =>
          recallFile$(store, upload, from).pipe(
            tap((sourceFile) =>
              add({ bucket, key, sourceFile, handle: isHandle(from) ? from : null, uploadCheckpoint: checkpoint }),
            ),
          ),
        ),
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
        aborts.add(abortLocked$(connection, store, lock, id, checkpoint), {
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
