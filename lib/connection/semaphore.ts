import { asyncScheduler, finalize, Observable, tap } from 'rxjs';

/** Permits, granted in order of arrival. */
export interface Semaphore {
  /** Subscribes to `source$` under a permit, once one is free, and holds the permit until it ends. */
  readonly run: <T>(source$: Observable<T>) => Observable<T>;
  /** Changes the number of permits; running sources continue. */
  readonly resize: (permits: number) => void;
}

export function createSemaphore(permits: number): Semaphore {
  const waiting = new Set<() => void>();
  let free = permits;
  let isReleasing = false;

  const release = (): void => {
    // What starts here may end synchronously and release the next one: a loop instead of recursion.
    if (isReleasing) return;
    isReleasing = true;
    for (const start of waiting) {
      if (free <= 0) break;
      waiting.delete(start);
      start();
    }
    isReleasing = false;
  };

  return {
    run: (source$) =>
      new Observable((subscriber) => {
        if (subscriber.closed) return undefined;
        const start = (): void => {
          let hasEnded = false;
          const end = (): void => void (hasEnded = true);
          free -= 1;
          source$
            .pipe(
              tap({ complete: end, error: end }),
              finalize(() => {
                free += 1;
                if (hasEnded) release();
                // A subscriber that cancels one source often cancels the waiting ones too.
                else asyncScheduler.schedule(release);
              }),
            )
            .subscribe(subscriber);
        };
        waiting.add(start);
        release();
        return () => void waiting.delete(start);
      }),
    resize: (to) => {
      free += to - permits;
      permits = to;
      release();
    },
  };
}
