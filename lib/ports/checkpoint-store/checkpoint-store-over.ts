import {
  catchError,
  concat,
  defaultIfEmpty,
  defer,
  EMPTY,
  from,
  ignoreElements,
  map,
  mergeMap,
  of,
  take,
  type Observable,
  type ObservableInput,
} from 'rxjs';
import type { CheckpointStore, StoredCheckpoint } from './checkpoint-store.js';
import { requireMilliseconds } from '../../validation/check.js';
import { wallNow } from '../../time.js';
import { CheckpointError } from '../../model/errors/errors.js';
import { parseCheckpoint } from '../../validation/checkpoint.js';

/** Where a store puts its records. What it returns is validated by `checkpointStoreOver`. */
export interface RecordStorage {
  /** @returns the record of the id; empty if there is none */
  readonly get: (id: string) => ObservableInput<unknown>;
  /** Replaces only that record. */
  readonly put: (record: StoredCheckpoint) => ObservableInput<unknown>;
  readonly delete: (id: string) => ObservableInput<unknown>;
  /** @returns one array of all records; what cannot be read at all is left out */
  readonly all: () => ObservableInput<readonly unknown[]>;
}

/**
 * A stored record; its checkpoint is not validated yet.
 * @inline
 */
export interface CheckpointRecord {
  readonly id: string;
  /** epoch milliseconds */
  readonly savedAt: number;
  readonly checkpoint: unknown;
}

/** Parses JSON; undefined if it is invalid, which is not a valid record either. */
export function fromJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Options of every checkpoint store. */
export interface CheckpointStoreOptions {
  /**
   * How long a checkpoint is stored after it was last saved, in milliseconds from 1; Infinity: forever. Use at most the
   * time that the bucket keeps unfinished uploads: with a checkpoint of one that is gone the upload starts over.
   * @defaultValue 7 days
   */
  readonly expiresAfterMs?: number | undefined;
}

const DAY_MS = 86_400_000;

/** @throws InvalidOptionsError */
export function ttlOf({ expiresAfterMs = 7 * DAY_MS }: CheckpointStoreOptions = {}): number {
  return expiresAfterMs === Infinity ? Infinity : requireMilliseconds('expiresAfterMs', expiresAfterMs, 1);
}

/**
 * A store on top of a storage: adds the time of saving, leaves out (and deletes) expired records, and returns only
 * valid checkpoints.
 */
export function checkpointStoreOver(storage: RecordStorage, lifetimeMs: number): CheckpointStore {
  const isExpired = (record: CheckpointRecord): boolean => wallNow() - record.savedAt >= lifetimeMs;
  // If deleting fails, the next call tries again: that is no reason for `load` or `list` to fail.
  const discard$ = ({ id }: CheckpointRecord): Observable<never> =>
    defer(() => storage.delete(id)).pipe(
      ignoreElements(),
      catchError(() => EMPTY),
    );

  return {
    load: (id) =>
      defer(() => storage.get(id)).pipe(
        take(1),
        map((value) => readRecord(value, id)),
        mergeMap((record) => (isExpired(record) ? discard$(record) : of(parseCheckpoint(record.checkpoint)))),
      ),
    save: (id, checkpoint) => defer(() => storage.put({ id, savedAt: wallNow(), checkpoint })),
    remove: (id) => defer(() => storage.delete(id)),
    list: () =>
      defer(() => storage.all()).pipe(
        take(1),
        defaultIfEmpty([]),
        mergeMap((values) => {
          const records = values.flatMap((value) => attempt(() => readRecord(value)));
          const checkpoints = records.flatMap((record) => (isExpired(record) ? [] : attempt(() => stored(record))));
          return concat(from(records.filter(isExpired)).pipe(mergeMap(discard$)), of(checkpoints));
        }),
      ),
  };
}

function readRecord(value: unknown, id?: string): CheckpointRecord {
  const record: Partial<CheckpointRecord> = typeof value === 'object' && value !== null ? value : {};
  if (typeof record.id !== 'string' || (id !== undefined && record.id !== id)) return fail('id');
  if (typeof record.savedAt !== 'number' || !Number.isFinite(record.savedAt)) return fail('savedAt');
  return { id: record.id, savedAt: record.savedAt, checkpoint: record.checkpoint };
}

function stored({ id, savedAt, checkpoint }: CheckpointRecord): StoredCheckpoint {
  return { id, savedAt, checkpoint: parseCheckpoint(checkpoint) };
}

/** Leaves damaged records out of a list. */
function attempt<T>(read: () => T): readonly T[] {
  try {
    return [read()];
  } catch {
    return [];
  }
}

function fail(field: string): never {
  throw new CheckpointError(field, `The stored checkpoint of this upload is damaged: ${field} is not as it was saved.`);
}
