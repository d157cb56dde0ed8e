import { BehaviorSubject, filter, ignoreElements, map, Observable, take, tap } from 'rxjs';
import type { UploadNotification } from '../model/upload/event.js';

/**
 * When an upload may be stopped. Between `started` and its first checkpoint it is on the server, and nothing could
 * resume it or delete its parts afterwards: a stop has to wait for the checkpoint. Nor may one that has completed be
 * stopped while its subscriber is notified: nothing follows `completed`.
 *
 * ```text
 * upload:        --s-----c--
 * stop:          ----x------
 * whenOpen$:         ----(o|)
 * ```
 * (s: started, c: checkpoint)
 */
export interface StopGate {
  readonly isOpen: () => boolean;
  /** Emits once: within subscribe while the gate is open. */
  readonly whenOpen$: Observable<true>;
  /** Closes and opens the gate with the events of an upload. An error leaves it as it is. */
  readonly follow: <T extends UploadNotification>(upload$: Observable<T>) => Observable<T>;
}

export function createStopGate(): StopGate {
  const isOpen$ = new BehaviorSubject(true);
  const set = (isOpen: boolean): void => {
    if (isOpen !== isOpen$.value) isOpen$.next(isOpen);
  };
  return {
    isOpen: () => isOpen$.value,
    whenOpen$: isOpen$.pipe(
      filter((isOpen) => isOpen),
      take(1),
      map((): true => true),
    ),
    follow: <T extends UploadNotification>(upload$: Observable<T>) =>
      new Observable<T>((subscriber) =>
        upload$
          .pipe(
            tap((event) => {
              // Before a subscriber that is given the event may stop the upload, and after it has the event.
              if (closes(event)) set(false);
              subscriber.next(event);
              if (opens(event)) set(true);
            }),
            ignoreElements(),
          )
          .subscribe(subscriber),
      ),
  };
}

function closes(event: UploadNotification): boolean {
  return event.type === 'completed' || (event.type === 'started' && event.uploadId !== null);
}

function opens({ type }: UploadNotification): boolean {
  return type === 'checkpoint' || type === 'restarted' || type === 'completed' || type === 'failed';
}
