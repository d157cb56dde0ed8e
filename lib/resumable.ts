import { defer, distinctUntilChanged, EMPTY, merge, of, switchMap, takeWhile, tap, type Observable } from 'rxjs';
import { continuedUpload } from './continued-upload.js';
import type { UploadCheckpoint } from './model/checkpoint.js';
import type { UploadEvent, UploadNotification } from './model/event.js';

export interface ResumableOptions {
  /** `true` aborts what is in flight, `false` goes on. Until it says something the upload runs. */
  readonly paused$: Observable<boolean>;
}

/**
 * An upload that can be paused: each time that it goes on it is started with its last checkpoint. The events are one
 * stream: `paused` stands between them, `started` comes again, progress never falls but at `restarted`. A `paused$`
 * that completes leaves the upload as it is.
 *
 * ```text
 * paused$:      ------t-----f---------
 * resumable$:   s-p-p-P-----s-p-p-(d|)
 * ```
 * (s: started, p: progress, P: paused, d: completed)
 *
 * @param start - called with null at first; an error of its upload is an error here
 *
 * @example
 * ```ts
 * const paused$ = new BehaviorSubject(false);
 * resumable$((uploadCheckpoint) => uploadFile$(obs, { ...request, uploadCheckpoint }), { paused$ })
 *   .pipe(toUploadSnapshot())
 *   .subscribe(render);
 * paused$.next(true);
 * ```
 */
export function resumable$(
  start: (checkpoint: UploadCheckpoint | null) => Observable<UploadEvent>,
  { paused$ }: ResumableOptions,
): Observable<UploadNotification> {
  return defer(() => {
    const upload = continuedUpload();
    let hasSpoken = false;
    const spoken$ = paused$.pipe(tap(() => (hasSpoken = true)));
    const running$ = defer(() => (hasSpoken ? EMPTY : of(false)));
    return merge(spoken$, running$).pipe(
      distinctUntilChanged(),
      switchMap((paused): Observable<UploadNotification> =>
        paused ? of({ type: 'paused', checkpoint: upload.checkpoint }) : upload.run(start),
      ),
      takeWhile(({ type }) => type !== 'completed', true),
    );
  });
}
