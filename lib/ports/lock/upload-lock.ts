import type { Observable } from 'rxjs';

/** Port: sees to it that one tab or subscriber at a time uploads a file. */
export interface UploadLock {
  /**
   * Emits `waiting` once, at once, where another holds the lock of that name; then `held` when it is ours, which it
   * stays until unsubscribed from: it does not complete by itself.
   */
  readonly hold: (name: string) => Observable<'waiting' | 'held'>;
}
