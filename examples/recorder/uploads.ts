import {
  BehaviorSubject,
  concatMap,
  distinct,
  EMPTY,
  filter,
  finalize,
  from,
  fromEvent,
  map,
  mergeMap,
  Subject,
  tap,
  timer,
  type Observable,
  type Subscription,
} from 'rxjs';
import {
  createUploadQueue,
  indexedDbCheckpointStore,
  indexedDbSpool,
  recallStream$,
  streamSource,
  type ObsConnection,
  type QueueState,
  type UploadSource,
} from 'rx-obs-upload';
import { createDurations } from './durations.js';
import type { Recording } from './recording.js';
import { withDuration$ } from './webm-duration.js';

const MIB = 1024 * 1024;

/** A recording is sent while it is made, whatever else is under way. */
const AT_ONCE = 20;

/** Another page has a recording: what takes less time needs no words. */
const SHOW_AFTER_MS = 500;

/** About an hour offline. A browser stores large Blobs on the disk. */
const MAX_BUFFERED_BYTES = 2048 * MIB;

/** The uploads of this page's recordings, and of those that earlier pages have left. */
export interface Uploads {
  readonly state$: Observable<QueueState>;
  /** What went wrong with a recording that no row shows; null once something else is done. */
  readonly problem$: Observable<string | null>;
  /** The pending uploads whose rest is asked for, while another page still has the recording. */
  readonly awaited$: Observable<ReadonlySet<string>>;
  /** Uploads a recording while it is made. @returns its id in the queue */
  add(recording: Recording, key: string, partSize: number): string;
  /** Uploads the rest of what an earlier page has recorded. @param id - of a pending upload */
  complete(id: string): void;
  /** Gives it up: its parts are deleted, here and on the server. @param id - of a pending upload */
  discard(id: string): void;
  retry(id: string): void;
  remove(id: string): void;
}

export function createUploads(obs: ObsConnection, bucket: string): Uploads {
  const spool = indexedDbSpool({ databaseName: 'recorder-streams' });
  const durations = createDurations();
  const queue = createUploadQueue(obs, {
    checkpointStore: indexedDbCheckpointStore({ databaseName: 'recorder-uploads' }),
    filesAtOnce: AT_ONCE,
    defaults: { bucket, taskNum: 3 },
  });
  const problem$ = new Subject<string | null>();
  const awaited$ = new BehaviorSubject<ReadonlySet<string>>(new Set());
  const recalls = new Map<string, Subscription>();
  const setAwaited = (id: string, isAwaited: boolean): void => {
    const others = [...awaited$.value].filter((each) => each !== id);
    awaited$.next(new Set(isAwaited ? [...others, id] : others));
  };
  const finalizeWithDuration =
    (key: string) =>
    (firstPart: Blob): Observable<Blob> =>
      durations.of$(key).pipe(mergeMap((seconds) => withDuration$(firstPart, seconds)));
  const pendingBy = (id: string): QueueState['pending'][number] | undefined =>
    queue.state.pending.find((upload) => upload.id === id);

  completedKeys$(queue.state$).subscribe((key) => durations.forget(key));
  // Nothing that failed while the network was bad waits for a click.
  fromEvent(window, 'online').subscribe(() => queue.retry());
  // Other tabs may have completed something.
  fromEvent(window, 'focus').subscribe(() => queue.refresh());

  return {
    state$: queue.state$,
    problem$,
    awaited$,
    add(recording, key, partSize) {
      problem$.next(null);
      const chunk$ = recording.chunk$.pipe(tap(() => durations.note(key, recording.seconds)));
      const sourceFile = streamSource(chunk$, {
        name: key,
        type: recording.type,
        spool,
        maxBufferedBytes: MAX_BUFFERED_BYTES,
        finalize: finalizeWithDuration(key),
      });
      const [id = ''] = queue.add({ key, sourceFile, partSize });
      return id;
    },
    complete(id) {
      const upload = pendingBy(id);
      if (upload === undefined || recalls.has(id)) return;
      problem$.next(null);
      const { bucket, key } = upload.checkpoint;
      const awaited = timer(SHOW_AFTER_MS).subscribe(() => setAwaited(id, true));
      const recall = recallStream$(spool, upload.checkpoint, { finalize: finalizeWithDuration(key) });
      const ended$ = recall.pipe(
        finalize(() => {
          awaited.unsubscribe();
          setAwaited(id, false);
          recalls.delete(id);
        }),
      );
      const subscription = ended$.subscribe({
        next: (sourceFile) => queue.add({ bucket, key, sourceFile, uploadCheckpoint: upload.checkpoint }),
        error: (error: unknown) => problem$.next(error instanceof Error ? error.message : String(error)),
      });
      if (!subscription.closed) recalls.set(id, subscription);
    },
    discard(id) {
      const upload = pendingBy(id);
      if (upload === undefined) return;
      problem$.next(null);
      // Otherwise it would be uploaded again once the other page ends.
      recalls.get(id)?.unsubscribe();
      queue.discard(id);
      durations.forget(upload.checkpoint.key);
      recallStream$(spool, upload.checkpoint)
        .pipe(mergeMap((source) => removed$(source)))
        .subscribe({ error: () => undefined });
    },
    retry: (id) => queue.retry(id),
    remove: (id) => queue.remove(id),
  };

  function removed$(source: UploadSource): Observable<unknown> {
    return 'id' in source ? from(spool.remove(source.id)) : EMPTY;
  }
}

/** The key of each upload, once it is completed. */
function completedKeys$(state$: Observable<QueueState>): Observable<string> {
  return state$.pipe(
    concatMap(({ rows }) => rows),
    filter(({ status }) => status === 'completed'),
    map(({ key }) => key),
    distinct(),
  );
}
