import { Observable, type Subscriber } from 'rxjs';
import type { UploadLock } from './upload-lock.js';

/**
 * A lock for one page or process, synchronous, handed on in the order of arrival.
 *
 * @example
 * ```ts
 * const lock = memoryLock();
 * uploadFile$(obs, { ...request, checkpointStore, lock }).subscribe();
 * ```
 * @see webLock for all tabs of an origin
 */
export function memoryLock(): UploadLock {
  const queues = new Map<string, Waiter[]>();
  return {
    hold: (name) =>
      new Observable<'waiting' | 'held'>((subscriber) => {
        if (subscriber.closed) return;
        const queue = queues.get(name) ?? [];
        queues.set(name, queue);
        queue.push(subscriber);
        subscriber.add(() => {
          leave(queue, subscriber);
          if (queue.length === 0 && queues.get(name) === queue) queues.delete(name);
        });
        subscriber.next(queue[0] === subscriber ? 'held' : 'waiting');
      }),
  };
}

type Waiter = Subscriber<'waiting' | 'held'>;

function leave(queue: Waiter[], waiter: Waiter): void {
  const wasHeld = queue[0] === waiter;
  queue.splice(queue.indexOf(waiter), 1);
  if (wasHeld) queue[0]?.next('held');
}
