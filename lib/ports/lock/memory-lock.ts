import { Observable, type Subscriber } from 'rxjs';
import type { UploadLock } from './upload-lock.js';

/**
 * A lock for one page or process, synchronous, granted in order of arrival.
 *
 * @example
 * ```ts
 * const lock = memoryLock();
 * uploadFile$(obs, { ...request, checkpointStore, lock }).subscribe();
 * ```
 * @see webLock for all tabs of an origin
 */
export function memoryLock(): UploadLock {
  const queues = new Map<string, Queue>();
  const queueOf = (name: string): Queue => {
    const queue = queues.get(name) ?? { holder: null, waiting: new Set(), isServing: false };
    queues.set(name, queue);
    return queue;
  };
  return {
    hold: (name) =>
      new Observable<'waiting' | 'held'>((subscriber) => {
        const queue = queueOf(name);
        queue.waiting.add(subscriber);
        subscriber.add(() => {
          queue.waiting.delete(subscriber);
          if (queue.holder === subscriber) queue.holder = null;
          serve(queue);
          const isEmpty = queue.holder === null && queue.waiting.size === 0;
          // The holder may have released it and requested it again, in a new queue.
          if (isEmpty && queues.get(name) === queue) queues.delete(name);
        });
        serve(queue);
        if (queue.holder !== subscriber) subscriber.next('waiting');
      }),
  };
}

type Waiter = Subscriber<'waiting' | 'held'>;

interface Queue {
  holder: Waiter | null;
  readonly waiting: Set<Waiter>;
  isServing: boolean;
}

/** A loop instead of recursion: each of a thousand waiting may release the lock as soon as it is granted. */
function serve(queue: Queue): void {
  if (queue.isServing) return;
  queue.isServing = true;
  for (const next of queue.waiting) {
    if (queue.holder !== null) break;
    queue.waiting.delete(next);
    queue.holder = next;
    next.next('held');
  }
  queue.isServing = false;
}
