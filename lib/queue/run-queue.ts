import { concat, map, mergeMap, Subject, type Observable, type Subscriber } from 'rxjs';
import type { ObsConnection } from '../connection/obs-connection.js';
import { toUploadErrorInfo } from '../model/errors/is-upload-error.js';
import type { UploadNotification } from '../model/upload/event.js';
import type { QueueRow, QueueState } from '../model/queue/queue-state.js';
import { admit, sliceAdds } from './admission.js';
import type { QueueCommand, QueueRequest } from './command.js';
import { storedFor, type QueueFile } from './file-of.js';
import type { ResolvedQueue } from './options.js';
import { abortStored$ } from './locked.js';
import { createLateStops } from './run/late-stops.js';
import { createPendingList } from './pending.js';
import { rememberHandle$, runFile$, whenSaved$, type StoreCalls } from './run/run-file.js';
import { holdState } from './state/state-holder.js';
import { createTasks } from './run/tasks.js';
import { isAnyActive } from './state/totals.js';
import { createTurns } from './run/turns.js';

/** How many uploads are aborted at once. */
const ABORTS_AT_ONCE = 4;

/** Carries out commands: reduces each, stops what may no longer run, emits the state, starts what may run now. */
export function runQueue(
  connection: ObsConnection,
  commands$: Observable<QueueCommand>,
  queue: ResolvedQueue,
  newId: () => string,
  subscriber: Subscriber<QueueState>,
): void {
  const files = new Map<string, QueueFile>();
  const holder = holdState(subscriber);
  const remembering$ = new Subject<Observable<never>>();
  let hasEnded = false;

  const endIfIdle = (): void => {
    const isIdle = turns.isIdle() && aborts.isIdle() && picks.isIdle() && !isAnyActive(holder.memory.sums);
    if (hasEnded && isIdle) holder.complete();
  };
  const turns = createTurns(holder, run$, endIfIdle, subscriber);
  const aborts = createTasks(endIfIdle, subscriber, ABORTS_AT_ONCE);
  const picks = createTasks(endIfIdle, subscriber);
  const lateStops = createLateStops(files, carryOutOnRows, subscriber);
  const pendingList = createPendingList(connection, queue, holder, { aborts, picks }, subscriber);

  function run$({ id, snapshot }: QueueRow): Observable<UploadNotification> {
    const file = files.get(id) as QueueFile;
    const known = snapshot.checkpoint === file.stored ? null : snapshot.checkpoint;
    const checkpoint = known ?? file.request.uploadCheckpoint ?? null;
    const calls: StoreCalls = {
      loaded: (found) => showStored(id, found),
      saved: () => {
        if (!files.has(id)) pendingList.refresh();
      },
    };
    return file.gate.follow(runFile$(connection, queue, file, checkpoint, calls)).pipe(
      map((event) => {
        if (event.type === 'checkpoint') remembering$.next(rememberHandle$(queue, file, event.checkpoint));
        if (event.type !== 'progress') return event;
        return { ...event, elapsedSeconds: snapshot.elapsedSeconds + event.elapsedSeconds };
      }),
    );
  }

  /** So that the parts can be deleted as long as the upload has not emitted a checkpoint. */
  function showStored(id: string, found: unknown): void {
    const file = files.get(id);
    const row = holder.memory.state.rows.find((candidate) => candidate.id === id);
    if (file === undefined || row === undefined) return;
    const { checkpoint: shown } = row.snapshot;
    const checkpoint = storedFor(file, row, connection.server, found);
    if (checkpoint === null || (shown !== null && shown !== file.stored)) return;
    file.stored = checkpoint;
    holder.apply({ type: 'restored', id, checkpoint });
  }

  function add(requests: readonly QueueRequest[]): void {
    admit(requests, files, holder, queue.defaults, newId);
    turns.startNext();
  }

  function carryOut(command: QueueCommand): void {
    switch (command.type) {
      case 'add':
        return add(command.requests);
      case 'pick':
        return pendingList.pick(command, (request) => add([request]));
      case 'discard':
        return pendingList.discard(command.ids ?? null);
      case 'refresh':
        return pendingList.refresh();
      case 'dismiss':
        return holder.apply({ type: 'dismiss', ids: command.ids ?? null });
      case 'pause':
      case 'abort': {
        const ids = lateStops.postpone(command.type, command.ids ?? null, holder.memory.state.rows);
        return carryOutOnRows(command.type, ids);
      }
      default:
        if (command.type === 'resume') lateStops.revoke(command.ids ?? null);
        return carryOutOnRows(command.type, command.ids ?? null);
    }
  }

  function carryOutOnRows(type: RowCommand, ids: readonly string[] | null): void {
    const before = new Set(holder.memory.state.rows);
    holder.apply({ type, ids }, () => {
      turns.stopOthers();
      if (type === 'remove') forgetRemoved();
      if (type === 'abort') holder.memory.state.rows.forEach((row) => before.has(row) || abort(row));
    });
    if (type === 'remove') pendingList.refresh();
    turns.startNext();
  }

  function forgetRemoved(): void {
    const left = new Set(holder.memory.state.rows.map(({ id }) => id));
    for (const id of files.keys()) {
      if (left.has(id)) continue;
      files.delete(id);
      lateStops.forget(id);
    }
  }

  function abort({ id, status, snapshot: { checkpoint } }: QueueRow): void {
    const file = files.get(id);
    if (file === undefined || checkpoint === null || status !== 'aborting') return;
    const { checkpointStore: store = queue.checkpointStore, lock = queue.lock } = file.request;
    aborts.add(concat(whenSaved$(file.saving$), abortStored$(connection, store, lock, checkpoint)), {
      done: () => {
        // The store has removed the handle with the checkpoint.
        const request = { ...file.request, uploadCheckpoint: null };
        files.set(id, { ...file, request, stored: null, isRemembered: false });
        holder.apply({ type: 'aborted', id });
      },
      failed: (error) => holder.apply({ type: 'abort-failed', id, error: toUploadErrorInfo(error) }),
    });
  }

  const fail = (error: unknown): void => subscriber.error(error);
  subscriber.add(remembering$.pipe(mergeMap((remember$) => remember$)).subscribe());
  holder.emit();
  pendingList.refresh();
  subscriber.add(queue.filesAtOnce$.subscribe({ next: turns.setAtOnce, error: fail }));
  if (subscriber.closed) return;
  subscriber.add(
    commands$.pipe(sliceAdds()).subscribe({
      next: carryOut,
      error: fail,
      complete: () => {
        hasEnded = true;
        endIfIdle();
      },
    }),
  );
}

type RowCommand = Exclude<QueueCommand['type'], 'add' | 'pick' | 'discard' | 'dismiss' | 'refresh'>;
