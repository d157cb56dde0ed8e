import { defer, distinctUntilChanged, EMPTY, merge, of, switchMap, takeWhile, tap, type Observable } from 'rxjs';
import { continuedUpload } from './engine/continued-upload.js';
import { createStopGate } from './engine/stop-gate.js';
import { toObservable, type AnyObservable } from './ports/from-port.js';
import type { UploadCheckpoint } from './model/checkpoint/checkpoint.js';
import type { UploadEvent, UploadNotification } from './model/upload/event.js';

/** Options of `resumable$`. */
export interface ResumableOptions {
  /**
   * `true` aborts what is in flight, `false` resumes. The upload runs until the first value. A pause between `started`
   * and the first checkpoint waits for the checkpoint, without which a resume would start a second upload.
   */
  readonly paused$: AnyObservable<boolean>;
}

/**
 * An upload that can be paused: each resume starts it with its last checkpoint. The events form one stream: `paused`
 * comes in between, `started` is emitted again, progress never falls except at `restarted`. When `paused$` completes,
 * the upload stays as it is.
 *
 * ```text
 * paused$:      ------t-----f---------
 * resumable$:   s-p-p-P-----s-p-p-(d|)
 * ```
 * (s: started, p: progress, P: paused, d: completed)
 *
 * @param start - called with null first; errors of its upload are passed on
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
    const gate = createStopGate();
    let hasEmitted = false;
    const emitted$ = toObservable(paused$).pipe(tap(() => (hasEmitted = true)));
    const initial$ = defer(() => (hasEmitted ? EMPTY : of(false)));
    return merge(emitted$, initial$).pipe(
      // `false` revokes a pause that still waits.
      switchMap((paused) => (paused ? gate.whenOpen$ : of(false))),
      distinctUntilChanged(),
      switchMap((paused): Observable<UploadNotification> =>
        paused ? of({ type: 'paused', checkpoint: upload.checkpoint }) : gate.follow(upload.run(start)),
      ),
      takeWhile(({ type }) => type !== 'completed', true),
    );
  });
}
