import { asyncScheduler, finalize, Observable, tap, type Subscriber } from 'rxjs';

/** Small requests that steer an upload go before the parts of any file. */
export type Lane = 'control' | 'part';

/** A pool of permits that uploads share fairly: a free one goes to whoever holds the fewest, in turn. */
export interface Limiter {
  /** Runs `source$` under a permit, held from its subscription until its end, once one is free. */
  readonly run: <T>(owner: object, lane: Lane, source$: Observable<T>) => Observable<T>;
  /** Changes the number of permits; what runs goes on. */
  resize(permits: number): void;
}

export function createLimiter(permits: number): Limiter {
  let free = permits;
  let draining = false;
  const control = new Set<() => void>();
  const parts = new Map<object, Set<() => void>>();
  const held = new Map<object, number>();

  /** What starts here may end at once and free its permit again: the loop sees to that, not the call stack. */
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
    const [first] = control;
    if (first !== undefined) return take(control, first);
    const owner = poorest();
    const queue = owner && parts.get(owner);
    if (owner === undefined || queue === undefined) return undefined;
    parts.delete(owner);
    if (queue.size > 1) parts.set(owner, queue);
    const [start] = queue;
    return start && take(queue, start);
  };

  /** Of those who wait, and of equals the one who waits for a turn longest. */
  const poorest = (): object | undefined => {
    let found: object | undefined;
    for (const owner of parts.keys()) {
      if (!held.has(owner)) return owner;
      if (found === undefined || permitsOf(owner) < permitsOf(found)) found = owner;
    }
    return found;
  };

  const permitsOf = (owner: object): number => held.get(owner) ?? 0;

  const count = (owner: object, change: 1 | -1): void => {
    const permitsHeld = permitsOf(owner) + change;
    if (permitsHeld === 0) held.delete(owner);
    else held.set(owner, permitsHeld);
    free -= change;
  };

  const queueOf = (owner: object, lane: Lane): Set<() => void> => {
    if (lane === 'control') return control;
    const queue = parts.get(owner) ?? new Set();
    parts.set(owner, queue);
    return queue;
  };

  const forget = (owner: object, start: () => void): void => {
    control.delete(start);
    const queue = parts.get(owner);
    queue?.delete(start);
    if (queue?.size === 0) parts.delete(owner);
  };

  const hold = <T>(owner: object, source$: Observable<T>, subscriber: Subscriber<T>): void => {
    let ended = false;
    const end = (): void => void (ended = true);
    count(owner, 1);
    source$
      .pipe(
        tap({ complete: end, error: end }),
        finalize(() => {
          count(owner, -1);
          if (ended) drain();
          // Later, not now: whoever unsubscribes from one request is often about to unsubscribe from those that wait.
          else asyncScheduler.schedule(drain);
        }),
      )
      .subscribe(subscriber);
  };

  return {
    run: (owner, lane, source$) =>
      new Observable((subscriber) => {
        // mergeMap may subscribe to what has been unsubscribed already.
        if (subscriber.closed) return undefined;
        if (free > 0 && control.size === 0 && parts.size === 0) return hold(owner, source$, subscriber);
        const start = (): void => hold(owner, source$, subscriber);
        queueOf(owner, lane).add(start);
        return () => forget(owner, start);
      }),
    resize: (to) => {
      free += to - permits;
      permits = to;
      drain();
    },
  };
}

function take(queue: Set<() => void>, start: () => void): () => void {
  queue.delete(start);
  return start;
}
