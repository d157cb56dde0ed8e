import type { Observable } from 'rxjs';

/** Port: makes sure that only one tab or subscriber at a time uploads a file. */
export interface UploadLock {
  /**
   * Emits `waiting` once, immediately, if another holder has the lock of that name; then `held` once it is acquired.
   * The lock is held until unsubscribed from: it does not complete by itself.
   */
  readonly hold: (name: string) => Observable<'waiting' | 'held'>;
}
