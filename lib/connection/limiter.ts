import { asyncScheduler, finalize, Observable, tap } from 'rxjs';

/** Small control requests go before the data of any file. */
export type Priority = 'control' | 'data';

/**
 * Releases a permit. `hasCompleted`: the next request in the queue starts at once; otherwise (it has failed or was
 * unsubscribed from) it starts asynchronously, because what ends one request often ends the waiting ones too.
 */
export type Release = (hasCompleted: boolean) => void;

/** A pool of permits that uploads share fairly: a free one goes to the upload that holds the fewest. */
export interface Limiter {
  /**
   * Calls `start` once a permit is free.
   * @returns leaves the queue; does nothing once `start` has been called
   */
  readonly acquire: (fairnessKey: object, priority: Priority, start: (release: Release) => void) => () => void;
  /** Subscribes to `source$` under a permit, once one is free, and holds the permit until it ends. */
  readonly run: <T>(fairnessKey: object, priority: Priority, source$: Observable<T>) => Observable<T>;
  /** Changes the number of permits; running requests continue. */
  readonly resize: (permits: number) => void;
}

export function createLimiter(permits: number): Limiter {
  let free = permits;
  let draining = false;
  /** The key of the queue that goes first. */
  const control = {};
  /** What waits: control requests in one queue, the data of each upload in its own. */
  const queues = new Map<object, Set<() => void>>();
  const held = new Map<object, number>();

  /** A request that starts here may end synchronously and release its permit: a loop instead of recursion. */
  const drain = (): void => {
    if (draining) return;
    draining = true;
    try {
      for (let start = next(); start !== undefined; start = next()) start();
    } finally {
      draining = false;
    }
  };

  const next = (): (() => void) | undefined => {
    if (free <= 0) return undefined;
    const key = queues.has(control) ? control : poorest();
    const queue = key && queues.get(key);
    if (key === undefined || queue === undefined) return undefined;
    const [start] = queue;
    // Behind the others.
    queues.delete(key);
    queues.set(key, queue);
    if (start !== undefined) leave(key, start);
    return start;
  };

  /** The waiting upload with the fewest permits; among equals the one that has waited longest. */
  const poorest = (): object | undefined => {
    let found: object | undefined;
    for (const fairnessKey of queues.keys()) {
      if (!held.has(fairnessKey)) return fairnessKey;
      if (found === undefined || permitsOf(fairnessKey) < permitsOf(found)) found = fairnessKey;
    }
    return found;
  };

  const permitsOf = (fairnessKey: object): number => held.get(fairnessKey) ?? 0;

  const count = (fairnessKey: object, change: 1 | -1): void => {
    const permitsHeld = permitsOf(fairnessKey) + change;
    if (permitsHeld === 0) held.delete(fairnessKey);
    else held.set(fairnessKey, permitsHeld);
    free -= change;
  };

  const join = (key: object, start: () => void): void => {
    queues.set(key, (queues.get(key) ?? new Set()).add(start));
  };

  const leave = (key: object, start: () => void): void => {
    const queue = queues.get(key);
    queue?.delete(start);
    if (queue?.size === 0) queues.delete(key);
  };

  const hold = (fairnessKey: object, start: (release: Release) => void): void => {
    count(fairnessKey, 1);
    start((hasCompleted) => {
      count(fairnessKey, -1);
      if (hasCompleted) drain();
      else asyncScheduler.schedule(drain);
    });
  };

  const acquire: Limiter['acquire'] = (fairnessKey, priority, start) => {
    if (free > 0 && queues.size === 0) {
      hold(fairnessKey, start);
      return () => undefined;
    }
    const begin = (): void => hold(fairnessKey, start);
    const key = priority === 'control' ? control : fairnessKey;
    join(key, begin);
    return () => leave(key, begin);
  };

  return {
    acquire,
    run: (fairnessKey, priority, source$) =>
      new Observable((subscriber) => {
        // mergeMap may subscribe with a subscriber that is already closed.
        if (subscriber.closed) return undefined;
        return acquire(fairnessKey, priority, (release) => {
          let hasCompleted = false;
          source$
            .pipe(
              tap({ complete: () => (hasCompleted = true) }),
              finalize(() => release(hasCompleted)),
            )
            .subscribe(subscriber);
        });
      }),
    resize: (to) => {
      free += to - permits;
      permits = to;
      drain();
    },
  };
}

/** Permits, granted in order of arrival. */
export interface Semaphore extends Pick<Limiter, 'resize'> {
  /** Subscribes to `source$` under a permit, once one is free, and holds the permit until it ends. */
  readonly run: <T>(source$: Observable<T>) => Observable<T>;
}

export function createSemaphore(permits: number): Semaphore {
  const { run, resize } = createLimiter(permits);
  const all = {};
  return { run: (source$) => run(all, 'data', source$), resize };
}
