import { Observable, type Subscriber } from 'rxjs';
import type { UploadLock } from './upload-lock.js';

/**
 * A lock for all tabs and workers of an origin (Web Locks), which the browser releases when a tab is closed or crashes.
 * First come, first served.
 *
 * ```text
 * this tab:   -waiting--------held---
 * other tab:  -held----------|           (unsubscribed, closed or crashed)
 * ```
 * Fails if the browser has no Web Locks (an insecure origin) or refuses them (a sandboxed frame).
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
        const controller = new AbortController();
        const released = new Promise<void>((release) => subscriber.add(release));
        subscriber.add(() => controller.abort());
        request(`rx-obs-upload:${name}`, subscriber, released, controller.signal).catch((error: unknown) =>
          subscriber.error(error),
        );
      }),
  };
}

async function request(
  name: string,
  subscriber: Subscriber<'waiting' | 'held'>,
  released: Promise<void>,
  signal: AbortSignal,
): Promise<void> {
  const hold = (): Promise<void> => {
    // If it was granted just as it was unsubscribed from, `released` is resolved already and `next` has no effect.
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

/** Browsers have Web Locks on secure pages; elsewhere the application can pass a lock. */
export function defaultLock(): UploadLock | null {
  const { navigator } = globalThis as { readonly navigator?: { readonly locks?: unknown } };
  return navigator?.locks ? webLock() : null;
}
