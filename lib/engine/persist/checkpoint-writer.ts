import {
  AsyncSubject,
  catchError,
  concat,
  defer,
  EMPTY,
  exhaustMap,
  filter,
  finalize,
  ignoreElements,
  of,
  repeat,
  Subject,
  take,
  takeUntil,
  timer,
  type Observable,
  type ObservableInput,
} from 'rxjs';
import type { CheckpointStore } from '../../ports/checkpoint-store/checkpoint-store.js';
import { isError } from '../../model/kinds.js';
import { StoreError } from '../../model/errors/errors.js';
import type { UploadCheckpoint } from '../../model/checkpoint/checkpoint.js';
import { firstValue$, fromPort } from '../../ports/from-port.js';

/** Writes one upload's checkpoints to a store: rarely, one write at a time, always the latest. */
export interface CheckpointWriter {
  /** The first write that failed; completes with `end` and `remove$`. */
  readonly failure$: Observable<StoreError>;
  /** Writes the checkpoint soon, unless a later one replaces it. */
  readonly save: (checkpoint: UploadCheckpoint) => void;
  /** Writes the latest checkpoint at once, even if the upload is unsubscribed from. */
  readonly end: () => void;
  /** Removes the upload from the store, after the last write. */
  readonly remove$: Observable<never>;
}

/** Minimum time between two writes. */
const PAUSE_MS = 500;
/**
 * The cost of a write grows with the number of parts, so it waits until one part in this many is new: all writes
 * together then cost a fixed multiple of the last. On resume, the server's list of parts makes up for what is missing.
 */
const SHARE = 16;

export function createCheckpointWriter(given: CheckpointStore, id: string): CheckpointWriter {
  const store = withoutLateSaves(given);
  let latest: UploadCheckpoint | null = null;
  let written: UploadCheckpoint | null = null;
  let hasEnded = false;
  const offer$ = new Subject<void>();
  const end$ = new AsyncSubject<void>();
  const idle$ = new AsyncSubject<never>();
  const failure$ = new Subject<StoreError>();

  const isDue = (): boolean => latest !== null && (hasEnded ? latest !== written : isWorthWriting(latest, written));
  const write$ = defer(() => {
    const checkpoint = latest;
    written = checkpoint;
    return checkpoint === null ? EMPTY : changeIn$(() => store.save(id, checkpoint));
  }).pipe(
    catchError((cause: unknown) => {
      failure$.next(notSaved(cause));
      return EMPTY;
    }),
  );
  const turns$ = concat(write$, timer(PAUSE_MS).pipe(takeUntil(end$))).pipe(
    ignoreElements(),
    repeat({ delay: () => (isDue() ? of(null) : EMPTY) }),
  );
  offer$
    .pipe(
      filter(isDue),
      exhaustMap(() => turns$),
    )
    .subscribe(idle$);

  const end = (): void => {
    hasEnded = true;
    end$.next();
    end$.complete();
    offer$.next();
    offer$.complete();
    failure$.complete();
  };
  return {
    failure$: failure$.pipe(take(1)),
    save: (checkpoint) => {
      latest = checkpoint;
      offer$.next();
    },
    end,
    remove$: defer(() => {
      latest = null;
      end();
      return concat(
        idle$,
        changeIn$(() => store.remove(id)),
      );
    }),
  };
}

function isWorthWriting(latest: UploadCheckpoint, written: UploadCheckpoint | null): boolean {
  if (latest.uploadId !== written?.uploadId) return true;
  return Math.abs(latest.parts.length - written.parts.length) * SHARE > written.parts.length;
}

/** How long to wait for a store. */
const TIMEOUT_MS = 5000;

/** The first value that a store emits. */
export function fromStore$<T>(ask: () => ObservableInput<T>): Observable<T> {
  return firstValue$(ask, {
    port: 'checkpointStore',
    withinMs: TIMEOUT_MS,
    silent: () => new Error('The store did not respond.'),
    empty: null,
  });
}

/** Completes when a store has saved or removed something, whatever it emits before. */
export function changeIn$(change: () => ObservableInput<unknown>): Observable<never> {
  return fromStore$(() => fromPort(change(), 'checkpointStore').pipe(ignoreElements()));
}

/** How one upload changes a store: a save that takes longer than it is waited for brings back no record that was removed. */
export function withoutLateSaves(store: CheckpointStore): Pick<CheckpointStore, 'save' | 'remove'> {
  let isRemoved = false;
  return {
    save: (id, checkpoint) =>
      whenSettled(store.save(id, checkpoint), () => {
        if (isRemoved) changeIn$(() => store.remove(id)).subscribe({ error: () => undefined });
      }),
    remove: (id) => {
      isRemoved = true;
      return store.remove(id);
    },
  };
}

/** Calls back when a change has ended; a Promise continues when nobody waits for it any more. */
export function whenSettled<T>(change: ObservableInput<T>, settled: () => void): ObservableInput<T> {
  if (!isPromise(change)) return fromPort(change, 'checkpointStore').pipe(finalize(settled));
  void change.then(settled, settled);
  return change;
}

function isPromise(input: unknown): input is PromiseLike<unknown> {
  return typeof input === 'object' && input !== null && 'then' in input;
}

function notSaved(cause: unknown): StoreError {
  return new StoreError(
    `The upload continues, but its checkpoint could not be saved${nameOf(cause)}: after a reload it would start over.`,
    cause,
  );
}

/** Only the name: messages of foreign errors may contain anything. */
export function nameOf(cause: unknown): string {
  return isError(cause) && /^\w+$/.test(cause.name) ? ` (${cause.name})` : '';
}
