import { fromEvent, map, merge, type Observable } from 'rxjs';

/** Emits the exit code that goes with the signal that asks this process to stop. */
export function interruption$(): Observable<number> {
  return merge(fromEvent(process, 'SIGINT').pipe(map(() => 130)), fromEvent(process, 'SIGTERM').pipe(map(() => 143)));
}
