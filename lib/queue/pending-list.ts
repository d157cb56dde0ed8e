import {
  catchError,
  EMPTY,
  ignoreElements,
  map,
  mergeMap,
  Subject,
  switchMap,
  tap,
  type Observable,
  type Subscriber,
} from 'rxjs';
import type { ObsConnection } from '../connection/obs-connection.js';
import { isHandle } from '../ports/checkpoint-store/open-file.js';
import { recallFile$ } from '../file-handles.js';
import type { Aborts } from './aborts.js';
import type { QueuePick, QueueRequest } from './command.js';
import type { ResolvedQueue } from './options.js';
import { discardPending$, listPending$ } from './pending.js';
import type { StateHolder } from './state-holder.js';

/** The commands about uploads that an earlier page left unfinished. */
export interface PendingList {
  readonly refresh: () => void;
  /** @param add - is called with what resumes the upload, once its file is open */
  readonly pick: (command: QueuePick, add: (request: QueueRequest) => void) => void;
  /** @param ids - null: all */
  readonly discard: (ids: readonly string[] | null) => void;
  /** Whether no picked file is being opened. */
  readonly isIdle: () => boolean;
}

export function createPendingList(
  connection: ObsConnection,
  { checkpointStore: store, lock }: ResolvedQueue,
  holder: StateHolder,
  aborts: Aborts,
  onEnd: () => void,
  subscriber: Subscriber<unknown>,
): PendingList {
  if (store === null) return { refresh: ignore, pick: ignore, discard: ignore, isIdle: () => true };
  const refresh$ = new Subject<void>();
  const picks$ = new Subject<Observable<never>>();
  let picking = 0;
  const discarding = new Set<string>();
  const listed$ = refresh$.pipe(
    switchMap(() =>
      listPending$(connection, store, lock).pipe(
        map((listed) => {
          // The lock of one that is being discarded may have looked free when it was listed.
          const pending = listed.map((upload) => (discarding.has(upload.id) ? { ...upload, isBusy: true } : upload));
          holder.apply({ type: 'listed', pending });
        }),
        catchError((error: unknown) => {
          holder.notice('store-unreadable', null, 'Unfinished uploads cannot be listed: ', error);
          return EMPTY;
        }),
      ),
    ),
  );
  subscriber.add(listed$.subscribe());
  subscriber.add(picks$.pipe(mergeMap((pick$) => pick$)).subscribe());

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
      picking += 1;
      picks$.next(
        recallFile$(store, upload, chosen).pipe(
          tap((sourceFile) => add({ bucket, key, sourceFile, handle, uploadCheckpoint: upload.checkpoint })),
          ignoreElements(),
          catchError((error: unknown) => {
            holder.notice('pick-failed', id, '', error);
            return EMPTY;
          }),
          tap({
            complete: () => {
              picking -= 1;
              onEnd();
            },
          }),
        ),
      );
    },
    discard: (ids) => {
      const isMeant = ids === null ? (): boolean => true : (id: string): boolean => ids.includes(id);
      for (const upload of holder.memory.state.pending.filter(({ id, isBusy }) => !isBusy && isMeant(id))) {
        const { id, checkpoint } = upload;
        discarding.add(id);
        holder.apply({ type: 'discarding', id });
        aborts.add(discardPending$(connection, store, lock, upload), {
          done: () => {
            discarding.delete(id);
            holder.notice('discarded', id, `The parts of ${checkpoint.key} are deleted.`);
            refresh$.next();
          },
          failed: (error) => {
            discarding.delete(id);
            holder.notice('discard-failed', id, `${checkpoint.key} is not discarded: `, error);
            refresh$.next();
          },
        });
      }
    },
    isIdle: () => picking === 0,
  };
}

/** Without a store nothing is left of earlier pages. */
function ignore(): void {
  return undefined;
}
