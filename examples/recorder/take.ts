import {
  catchError,
  concat,
  defer,
  EMPTY,
  exhaustMap,
  map,
  merge,
  of,
  scan,
  startWith,
  switchMap,
  takeWhile,
  timer,
  type Observable,
} from 'rxjs';
import { media$, mediaProblem, type Origin } from './media.js';
import { createRecording, type Recording } from './recording.js';

/** What the recorder is doing. */
export interface Take {
  readonly phase: 'ready' | 'opening' | 'recording' | 'paused';
  /** Also after its end; null before the first one, and while permission is asked for. */
  readonly recording: Recording | null;
  /** Why there is none, for people. */
  readonly problem: string | null;
}

const READY: Take = { phase: 'ready', recording: null, problem: null };

/** How often the elapsed time is shown. */
const TICK_MS = 250;

/** Makes a recording at each click, one at a time. @param upload - subscribes to its chunks, which begins it */
export function takes$(
  record$: Observable<unknown>,
  choice: () => { readonly origin: Origin; readonly withSound: boolean },
  upload: (recording: Recording) => void,
): Observable<Take> {
  return record$.pipe(
    exhaustMap(() => {
      const { origin, withSound } = choice();
      return concat(take$(media$(origin, withSound), upload), of(READY)).pipe(
        catchError((error: unknown) => of({ ...READY, problem: mediaProblem(error, origin) })),
        startWith<Take>({ ...READY, phase: 'opening' }),
      );
    }),
    startWith(READY),
    // Its length is shown until the next one begins.
    scan((last, take) => (take.phase === 'ready' ? { ...take, recording: last.recording } : take)),
    switchMap((take) => (take.phase === 'recording' ? timer(0, TICK_MS).pipe(map(() => take)) : of(take))),
  );
}

/** Completes with the recording, and so closes the camera. */
function take$(stream$: Observable<MediaStream>, upload: (recording: Recording) => void): Observable<Take> {
  return stream$.pipe(
    map(createRecording),
    switchMap((recording) => {
      const state$ = recording.state$.pipe(map((state) => ({ state, recording })));
      const upload$ = defer(() => {
        upload(recording);
        return EMPTY;
      });
      return merge(state$, upload$);
    }),
    takeWhile(({ state }) => state !== 'inactive'),
    map(({ state, recording }): Take => ({ ...READY, phase: state === 'paused' ? 'paused' : 'recording', recording })),
  );
}
