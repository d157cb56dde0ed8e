import { bufferCount, concatMap, map, of, timer, type OperatorFunction } from 'rxjs';

const SLICE = 50;
/** About a frame. */
const PAUSE_MS = 16;

/** Some at a time, with room for the page to breathe between: a thousand at once would freeze it. */
export function inSlices<T>(): OperatorFunction<T, readonly T[]> {
  return (each$) =>
    each$.pipe(
      bufferCount(SLICE),
      concatMap((slice, i) => (i === 0 ? of(slice) : timer(PAUSE_MS).pipe(map(() => slice)))),
    );
}
