import { concatMap, EMPTY, from, ignoreElements, map, of, timer, type Observable } from 'rxjs';
import type { TransportEvent } from '../../ports/transport/transport.js';

/** How fast a body is sent, and how often progress is reported. */
export interface UploadSpeed {
  /** null: at once */
  readonly bytesPerSecond: number | null;
  /** `upload-progress` events per body; 0: none. */
  readonly steps: number;
}

/** Progress of a body of `size` bytes up to `until`, spread evenly over the time that it takes. */
export function uploading$(
  size: number,
  until: number,
  { bytesPerSecond, steps }: UploadSpeed,
): Observable<TransportEvent> {
  if (until === 0) return EMPTY;
  const count = Math.max(1, Math.min(steps, size));
  const marks = Array.from({ length: count }, (_, i) => Math.floor((size * (i + 1)) / count));
  const reached = [...marks.filter((mark) => mark < until), until];
  const timeOf = (bytes: number): number => (bytesPerSecond === null ? 0 : Math.round((bytes * 1000) / bytesPerSecond));
  const events$ = from(reached).pipe(
    concatMap((loadedBytes, i) => {
      const event: TransportEvent = { type: 'upload-progress', loadedBytes };
      const delayMs = timeOf(loadedBytes) - timeOf(reached[i - 1] ?? 0);
      return delayMs === 0 ? of(event) : timer(delayMs).pipe(map(() => event));
    }),
  );
  return steps === 0 ? events$.pipe(ignoreElements()) : events$;
}
