import {
  catchError,
  concat,
  defer,
  EMPTY,
  ignoreElements,
  map,
  mergeMap,
  of,
  ReplaySubject,
  tap,
  type Observable,
} from 'rxjs';
import type { UploadedPart } from '../../model/checkpoint/checkpoint.js';
import { isBlob } from '../../model/kinds.js';
import { requireText } from '../../validation/check.js';
import { recordDatabase, type RecordDatabase } from '../checkpoint-store/indexed-db.js';
import { ttlOf } from '../checkpoint-store/checkpoint-store-over.js';
import { wallNow } from '../../time.js';
import { readBlobLater$ } from '../read-blob.js';
import type { RecordedChunk, SpooledStream, StreamRecording, StreamSpool } from './stream-spool.js';

/** Options of `indexedDbSpool`. */
export interface IndexedDbSpoolOptions {
  /** The database, created if it does not exist. @defaultValue 'rx-obs-upload-streams' */
  readonly databaseName?: string | undefined;
  /**
   * Milliseconds since its last chunk after which a stream that nobody has completed is deleted, at the next `list`.
   * @defaultValue 7 days
   */
  readonly expiresAfterMs?: number | undefined;
}

/**
 * Stores the bytes of streams in IndexedDB until the server has them, each chunk as soon as it is produced: after a
 * reload or a crash `recallStream$` gives them back. If the browser blocks storage or there is no space left, a `warning`
 * is emitted and the upload continues without it.
 *
 * @throws InvalidOptionsError
 * @example
 * ```ts
 * const spool = indexedDbSpool();
 * const sourceFile = streamSource(recording$, { type: 'video/webm', spool });
 * uploadFile$(obs, { bucket: 'media', key: 'meeting.webm', sourceFile, checkpointStore }).subscribe();
 * ```
 */
export function indexedDbSpool(options: IndexedDbSpoolOptions = {}): StreamSpool {
  const lifetimeMs = ttlOf(options);
  const database = recordDatabase(requireText('databaseName', options.databaseName ?? 'rx-obs-upload-streams'));
  const streams$ = (): Observable<StoredStream[]> => allIn<StoredStream>(database, 'stream');
  const remove$ = (ids: readonly string[]): Observable<unknown> =>
    database.change$((records) => {
      for (const id of ids) {
        records.delete(['stream', id]);
        records.delete(within('chunk', id));
        records.delete(within('part', id));
      }
    });
  const inOrder = oneByOne();
  let refusesBlobs = false;
  const put$ = (id: string, start: number, chunk: Blob | Uint8Array): Observable<unknown> =>
    database.change$((records) => {
      records.put({ start, chunk }, ['chunk', id, start]);
      renew(records, id, ['chunk', id, start]);
    });
  const putBytes$ = (id: string, start: number, blob: Blob): Observable<unknown> =>
    readBlobLater$(blob).pipe(mergeMap((bytes) => put$(id, start, bytes)));
  /** Safari's IndexedDB stores no Blobs in private windows. */
  const append$ = (id: string, start: number, chunk: Blob | Uint8Array): Observable<unknown> => {
    if (!isBlob(chunk)) return put$(id, start, chunk);
    if (refusesBlobs) return putBytes$(id, start, chunk);
    return put$(id, start, chunk).pipe(
      catchError(() => putBytes$(id, start, chunk).pipe(tap(() => (refusesBlobs = true)))),
    );
  };
  return {
    save: (stream) =>
      inOrder(() =>
        database.change$((records) => records.put({ ...stream, savedAt: wallNow() }, ['stream', stream.id])),
      ),
    append: (id, start, chunk) => inOrder(() => append$(id, start, chunk)),
    acknowledge: (id, part, released) =>
      inOrder(() =>
        database.change$((records) => {
          records.put(part, ['part', id, part.partNumber]);
          for (const start of released) records.delete(['chunk', id, start]);
          renew(records, id, ['part', id, part.partNumber]);
        }),
      ),
    load: (id) =>
      inOrder(() =>
        streams$().pipe(
          mergeMap((streams) => {
            const found = streams.find((stream) => stream.id === id);
            return found === undefined ? EMPTY : recordingOf(database, found);
          }),
        ),
      ),
    list: () =>
      inOrder(() =>
        streams$().pipe(
          mergeMap((streams) => {
            const isExpired = ({ savedAt }: StoredStream): boolean => wallNow() - savedAt > lifetimeMs;
            const expired = streams.filter(isExpired).map(({ id }) => id);
            const ids = streams.filter((stream) => !isExpired(stream)).map(({ id }) => id);
            return expired.length === 0 ? of(ids) : remove$(expired).pipe(map(() => ids));
          }),
        ),
      ),
    remove: (id) => inOrder(() => remove$([id])),
  };
}

interface StoredStream extends SpooledStream {
  /** epoch milliseconds */
  readonly savedAt: number;
}

/**
 * A stream that is still being made, or sent, does not expire. If it was removed, perhaps by another page, so is what was
 * written of it after that: nothing else would ever delete it.
 */
function renew(records: IDBObjectStore, id: string, written: IDBValidKey): void {
  const key = ['stream', id];
  const request = records.get(key) as IDBRequest<StoredStream | undefined>;
  request.onsuccess = () => {
    if (request.result === undefined) records.delete(written);
    else records.put({ ...request.result, savedAt: wallNow() }, key);
  };
}

function recordingOf(database: RecordDatabase, { id, name, type, size }: StoredStream): Observable<StreamRecording> {
  return allIn<RecordedChunk>(database, 'chunk', id).pipe(
    mergeMap((chunks) =>
      allIn<UploadedPart>(database, 'part', id).pipe(
        map((acknowledged) => ({ id, name, type, size, chunks, acknowledged })),
      ),
    ),
  );
}

/** The records of a kind, in the order of their keys. */
function allIn<T>(database: RecordDatabase, ...prefix: string[]): Observable<T[]> {
  return database.read$((records) => records.getAll(within(...prefix))).pipe(map((found) => found as T[]));
}

/** An array sorts after every string and number. */
function within(...prefix: string[]): IDBKeyRange {
  return IDBKeyRange.bound(prefix, [...prefix, []]);
}

/**
 * Runs tasks in the order in which they are subscribed to, each one after the end of the one before. What has begun
 * ends, even if it is unsubscribed from.
 */
export function oneByOne(): <T>(task: () => Observable<T>) => Observable<T> {
  let last$: Observable<unknown> = EMPTY;
  return <T>(task: () => Observable<T>) =>
    defer(() => {
      const before$ = last$.pipe(
        ignoreElements(),
        catchError(() => EMPTY),
      );
      const done$ = new ReplaySubject<T>(1);
      last$ = done$;
      concat(before$, defer(task)).subscribe(done$);
      return done$;
    });
}
