import {
  defer,
  distinctUntilChanged,
  EMPTY,
  map,
  merge,
  of,
  switchMap,
  takeWhile,
  tap,
  type MonoTypeOperatorFunction,
  type Observable,
} from 'rxjs';
import type { UploadCheckpoint } from './model/checkpoint.js';
import type { UploadEvent, UploadSignal } from './model/event.js';

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
): Observable<UploadSignal> {
  return defer(() => {
    let checkpoint: UploadCheckpoint | null = null;
    let hasSpoken = false;
    const spoken$ = paused$.pipe(tap(() => (hasSpoken = true)));
    const running$ = defer(() => (hasSpoken ? EMPTY : of(false)));
    const resumed$ = defer(() => start(checkpoint)).pipe(
      tap((event) => {
        if (event.type === 'checkpoint') checkpoint = event.checkpoint;
      }),
    );
    return merge(spoken$, running$).pipe(
      distinctUntilChanged(),
      switchMap((paused): Observable<UploadSignal> => (paused ? of({ type: 'paused', checkpoint }) : resumed$)),
      asOneUpload(),
      takeWhile(({ type }) => type !== 'completed', true),
    );
  });
}

/** What was in flight at a pause is sent again, but what was shown stays shown; pauses do not count as time. */
function asOneUpload(): MonoTypeOperatorFunction<UploadSignal> {
  return (signal$) =>
    defer(() => {
      let shownBytes = 0;
      let elapsedSeconds = 0;
      let elapsedBefore = 0;
      return signal$.pipe(
        map((signal) => {
          if (signal.type === 'restarted') shownBytes = 0;
          if (signal.type === 'paused') elapsedBefore = elapsedSeconds;
          if (signal.type !== 'progress') return signal;
          shownBytes = Math.max(shownBytes, signal.transferredBytes);
          elapsedSeconds = elapsedBefore + signal.elapsedSeconds;
          return { ...signal, transferredBytes: shownBytes, elapsedSeconds };
        }),
      );
    });
}
