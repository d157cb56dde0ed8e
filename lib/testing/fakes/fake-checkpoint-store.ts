import { defer, from, mergeMap, NEVER, timer, type Observable, type ObservableInput } from 'rxjs';
import { wallNow } from '../../time.js';
import type { CheckpointStore, StoredCheckpoint } from '../../ports/checkpoint-store/checkpoint-store.js';
import {
  checkpointStoreOver,
  ttlOf,
  type CheckpointRecord,
  type CheckpointStoreOptions,
} from '../../ports/checkpoint-store/checkpoint-store-over.js';
import { mapStorage } from '../../ports/checkpoint-store/memory-checkpoint-store.js';
import { CheckpointError } from '../../model/errors/errors.js';
import { utf8 } from '../../bytes.js';

/** The methods of a checkpoint store. */
export type StoreOperation = 'load' | 'save' | 'remove' | 'list';

/** A fault of a store: which operation, and what happens instead. */
export interface StoreFailure {
  /** The method that fails. */
  readonly on: StoreOperation;
  /**
   * `quota`: a QuotaExceededError; `blocked`: a SecurityError, as if cookies are blocked; `corrupt`: the stored value
   * cannot be used; `silence`: it never responds.
   */
  readonly as: 'quota' | 'blocked' | 'corrupt' | 'silence';
  /** How many calls succeed before. @defaultValue 0 */
  readonly after?: number | undefined;
  /** How many calls fail. @defaultValue Infinity */
  readonly times?: number | undefined;
}

/** Options of `fakeCheckpointStore`. */
export interface FakeCheckpointStoreOptions extends CheckpointStoreOptions {
  /**
   * Milliseconds after which each operation takes effect and completes, by `asyncScheduler`.
   * @defaultValue null: synchronously
   */
  readonly latencyMs?: number | null | undefined;
  /** What fails, and how. */
  readonly failures?: readonly StoreFailure[] | undefined;
}

/** A store that can be inspected, and that fails on request. */
export interface FakeCheckpointStore extends CheckpointStore {
  /** The stored values by id, expired or not. */
  readonly entries: ReadonlyMap<string, CheckpointRecord>;
  /** How often each operation was called. */
  readonly counts: Readonly<Record<StoreOperation, number>>;
  /** Bytes of JSON that saves have written. */
  readonly bytesWritten: number;
  /** Stores any value under an id, as another script could. */
  put(id: string, checkpoint: unknown, savedAt?: number): void;
  /** Adds faults. */
  fail(...failures: readonly StoreFailure[]): void;
  /** Removes all faults; calls that are already silent stay so. */
  heal(): void;
}

/**
 * A checkpoint store for tests, synchronous or in virtual time.
 *
 * @example
 * ```ts
 * const checkpointStore = fakeCheckpointStore({ latencyMs: 5, failures: [{ on: 'save', as: 'quota', after: 2 }] });
 * record(uploadFile$(obs, { ...request, checkpointStore }));
 * expect(checkpointStore.counts.save).toBe(3);
 * ```
 */
export function fakeCheckpointStore(options: FakeCheckpointStoreOptions = {}): FakeCheckpointStore {
  const { latencyMs = null, failures = [] } = options;
  const entries = new Map<string, CheckpointRecord>();
  const counts = { load: 0, save: 0, remove: 0, list: 0 };
  let bytesWritten = 0;
  let faults = failures.map(plan);

  const shelf = mapStorage(entries);
  const put = (record: StoredCheckpoint): ObservableInput<unknown> => {
    bytesWritten += utf8(JSON.stringify(record)).length;
    return shelf.put(record);
  };
  const store = checkpointStoreOver({ ...shelf, put }, ttlOf(options));

  function perform<T>(operation: StoreOperation, action: () => ObservableInput<T>): Observable<T> {
    return defer(() => {
      counts[operation] += 1;
      // All faults count the call, so that two faults of one operation do not shift each other.
      const struck = faults.filter((fault) => fault.strikes(operation));
      const outcome = (): ObservableInput<T> => (struck[0] === undefined ? action() : fail(struck[0].as));
      return latencyMs === null ? from(outcome()) : timer(latencyMs).pipe(mergeMap(outcome));
    });
  }

  return {
    entries,
    counts,
    get bytesWritten() {
      return bytesWritten;
    },
    load: (id) => perform('load', () => store.load(id)),
    save: (id, checkpoint) => perform('save', () => store.save(id, checkpoint)),
    remove: (id) => perform('remove', () => store.remove(id)),
    list: () => perform('list', () => store.list()),
    put: (id, checkpoint, savedAt = wallNow()) => void entries.set(id, { id, savedAt, checkpoint }),
    fail: (...more) => void faults.push(...more.map(plan)),
    heal: () => void (faults = []),
  };
}

interface PlannedFault {
  readonly as: StoreFailure['as'];
  /** Whether it applies to this call; called once per operation. */
  strikes(operation: StoreOperation): boolean;
}

function plan({ on, as, after = 0, times = Infinity }: StoreFailure): PlannedFault {
  let count = 0;
  return {
    as,
    strikes(operation) {
      if (operation !== on) return false;
      count += 1;
      return count > after && count <= after + times;
    },
  };
}

function fail(as: StoreFailure['as']): Observable<never> {
  switch (as) {
    case 'quota':
      throw named('QuotaExceededError', 'The quota has been exceeded.');
    case 'blocked':
      throw named('SecurityError', 'Access is denied for this document.');
    case 'corrupt':
      throw new CheckpointError('checkpoint', 'The stored checkpoint of this upload is damaged.');
    case 'silence':
      return NEVER;
  }
}

function named(name: string, message: string): Error {
  return Object.assign(new Error(message), { name });
}
