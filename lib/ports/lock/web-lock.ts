import { Observable, type Subscriber } from 'rxjs';
import type { UploadLock } from './upload-lock.js';

/**
 * A lock for all tabs and workers of an origin (Web Locks), which the browser gives back by itself when a tab is closed
 * or crashes. The order is that of asking.
 *
 * ```text
 * this tab:   -waiting--------held---
 * other tab:  -held----------|           (unsubscribed, closed or crashed)
 * ```
 * Fails where the browser has no Web Locks (an insecure origin) or refuses them (a sandboxed frame).
 *
 * @example
 * ```ts
 * uploadFile$(obs, { ...request, checkpointStore, lock: webLock() }).subscribe();
 * ```
 * @see memoryLock for one page or process
 */
export function webLock(): UploadLock {
  return {
    hold: (name) =>
      new Observable((subscriber) => {
        const asking = new AbortController();
        const released = new Promise<void>((release) => subscriber.add(release));
        subscriber.add(() => asking.abort());
        ask(`rx-obs-upload:${name}`, subscriber, released, asking.signal).catch((error: unknown) =>
          subscriber.error(error),
        );
      }),
  };
}

async function ask(
  name: string,
  subscriber: Subscriber<'waiting' | 'held'>,
  released: Promise<void>,
  signal: AbortSignal,
): Promise<void> {
  const hold = (): Promise<void> => {
    // Released already where it was granted in the moment of unsubscribing; then nobody listens.
    subscriber.next('held');
    return released;
  };
  const { locks } = navigator;
  const wasFree = await locks.request(name, { ifAvailable: true }, async (lock) => {
    if (lock !== null) await hold();
    return lock !== null;
  });
  if (wasFree) return;
  subscriber.next('waiting');
  await locks.request(name, { signal }, hold);
}
