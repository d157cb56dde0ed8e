import {
  AsyncSubject,
  catchError,
  concat,
  defer,
  EMPTY,
  exhaustMap,
  filter,
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
import { StoreError } from '../../model/errors/store-error.js';
import type { UploadCheckpoint } from '../../model/checkpoint.js';
import { firstValue$ } from '../../ports/first-value.js';

/** Writes one upload's checkpoints into a store: seldom, one write at a time, always the latest. */
export interface CheckpointWriter {
  /** The first write that failed; completes with `end` and `forget$`. */
  readonly failure$: Observable<StoreError>;
  /** Writes it soon, unless a later one comes before. */
  readonly keep: (checkpoint: UploadCheckpoint) => void;
  /** Writes at once what is not yet written, whoever unsubscribes. */
  readonly end: () => void;
  /** Takes the upload out of the store, after the last write. */
  readonly forget$: Observable<never>;
}

/** Least time between two writes. */
const PAUSE_MS = 500;
/**
 * A write costs as much as there are parts, so it waits until one part in so many is new: all writes together cost a
 * fixed multiple of the last one. The list of parts tells what a record lacks.
 */
const SHARE = 16;

export function createCheckpointWriter(store: CheckpointStore, id: string): CheckpointWriter {
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
    return checkpoint === null ? EMPTY : asked$(() => store.save(id, checkpoint));
  }).pipe(
    catchError((cause: unknown) => {
      failure$.next(notKept(cause));
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
    keep: (checkpoint) => {
      latest = checkpoint;
      offer$.next();
    },
    end,
    forget$: defer(() => {
      latest = null;
      end();
      return concat(
        idle$,
        asked$(() => store.remove(id)),
      );
    }),
  };
}

function isWorthWriting(latest: UploadCheckpoint, written: UploadCheckpoint | null): boolean {
  if (latest.uploadId !== written?.uploadId) return true;
  return Math.abs(latest.parts.length - written.parts.length) * SHARE > written.parts.length;
}

/** No store is waited for longer. */
const PATIENCE_MS = 5000;

/** The first answer of a store. */
export function answer$<T>(ask: () => ObservableInput<T>): Observable<T> {
  return firstValue$(ask, {
    port: 'checkpointStore',
    withinMs: PATIENCE_MS,
    silent: () => new Error('The store did not respond.'),
    empty: null,
  });
}

function asked$(ask: () => ObservableInput<unknown>): Observable<never> {
  return answer$(ask).pipe(ignoreElements());
}

function notKept(cause: unknown): StoreError {
  return new StoreError(
    `The upload goes on, but its checkpoint could not be kept${nameOf(cause)}: after a reload it would begin anew.`,
    cause,
  );
}

/** Only the name: other people's messages may say anything. */
export function nameOf(cause: unknown): string {
  return isError(cause) && /^\w+$/.test(cause.name) ? ` (${cause.name})` : '';
}
