import { interval, map, scan, startWith, withLatestFrom, type Observable } from 'rxjs';
import type { QueueState } from 'rx-obs-upload';

export const LOOK_EVERY_MS = 500;
/** A minute and a half. */
const HISTORY_LENGTH = 180;

/** Bytes per second of all files together, the latest last; pauses leave no gap. */
export function speedHistory$(state$: Observable<QueueState>): Observable<readonly number[]> {
  return interval(LOOK_EVERY_MS).pipe(
    withLatestFrom(state$),
    map(([, { totals }]) => totals.bytesPerSecond),
    scan(
      (history: readonly number[], speed) => (speed === null ? history : [...history, speed].slice(-HISTORY_LENGTH)),
      [],
    ),
    startWith([]),
  );
}
