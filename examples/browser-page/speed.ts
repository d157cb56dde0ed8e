import {
  distinctUntilChanged,
  EMPTY,
  endWith,
  interval,
  map,
  pairwise,
  scan,
  startWith,
  switchMap,
  type Observable,
} from 'rxjs';
import { isAnyRunning, type PageState } from './page-state.js';

export interface Speed {
  /** Over the last two seconds; null while nothing runs. */
  readonly bytesPerSecond: number | null;
  /** What it was at each look, the latest last; pauses leave no gap. */
  readonly history: readonly number[];
}

export const noSpeed: Speed = { bytesPerSecond: null, history: [] };

export const LOOK_EVERY_MS = 500;
/** A minute and a half. */
const HISTORY_LENGTH = 180;
const RECENT = 4;

/**
 * How fast bytes go out of all files together, looked at twice a second while any file runs.
 * @param now - milliseconds on a clock that nobody sets
 */
export function speed$(
  page$: Observable<PageState>,
  page: () => PageState,
  now: () => number = () => performance.now(),
): Observable<Speed> {
  const look = (): Look => ({ at: now(), bytes: page().sentBytes });
  const looks$ = interval(LOOK_EVERY_MS).pipe(map(look));
  return page$.pipe(
    map(({ queue }) => isAnyRunning(queue)),
    distinctUntilChanged(),
    switchMap((runs) => (runs ? looks$.pipe(startWith(look()), pairwise(), map(between)) : EMPTY.pipe(endWith(null)))),
    scan(withLook, { looks: [], speed: noSpeed }),
    map(({ speed }) => speed),
  );
}

interface Look {
  readonly at: number;
  readonly bytes: number;
}

function between([before, now]: readonly [Look, Look]): number {
  return ((now.bytes - before.bytes) * 1000) / Math.max(1, now.at - before.at);
}

interface Looked {
  readonly looks: readonly number[];
  readonly speed: Speed;
}

function withLook({ looks, speed }: Looked, bytesPerSecond: number | null): Looked {
  if (bytesPerSecond === null) return { looks: [], speed: { ...speed, bytesPerSecond: null } };
  const recent = [...looks, bytesPerSecond].slice(-RECENT);
  const mean = recent.reduce((sum, each) => sum + each, 0) / recent.length;
  return { looks: recent, speed: { bytesPerSecond: mean, history: [...speed.history, mean].slice(-HISTORY_LENGTH) } };
}
