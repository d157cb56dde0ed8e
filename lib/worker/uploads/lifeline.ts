import { NEVER, Observable } from 'rxjs';

/**
 * Holds a Web Lock until unsubscribed from, and emits once it has it. A worker that crashes or is terminated fires no
 * event, but its locks are released. Where there are no Web Locks (pages that are not secure), never emits.
 */
export function holdLifeline$(name: string): Observable<null> {
  const locks = typeof navigator === 'undefined' ? undefined : (navigator.locks as LockManager | undefined);
  if (locks === undefined) return NEVER;
  return new Observable((subscriber) => {
    const controller = new AbortController();
    const held = new Promise<void>((release) => subscriber.add(release));
    subscriber.add(() => controller.abort());
    locks
      .request(name, { signal: controller.signal }, () => {
        subscriber.next(null);
        return held;
      })
      // Aborted, or locks are blocked here: then a death is noticed by events alone.
      .catch(() => undefined);
  });
}
