import { defer, EMPTY, Subscription } from 'rxjs';
import { defaultLock } from './web-lock.js';
import type { UploadLock } from './upload-lock.js';

/** One source's hold on a spooled stream: of all sources of it, in all tabs, one at a time has it. */
export interface StreamHold {
  /**
   * Requests the stream, unless this source has requested it already.
   * @param held - called when this source has it, or if there is no lock
   */
  readonly acquire: (held?: () => void) => void;
  /** Keeps the stream until another source of this page requests it. */
  readonly offer: () => void;
  readonly release: () => void;
}

/** By the id of their stream. */
const offered = new Map<string, StreamHold>();

export function createStreamHold(id: string, lock: UploadLock | null = defaultLock()): StreamHold {
  let holding: Subscription | null = null;
  const hold: StreamHold = {
    acquire(held = () => undefined) {
      const other = offered.get(id);
      offered.delete(id);
      if (other !== hold) other?.release();
      if (holding !== null) return;
      // `held` may release it at once.
      holding = new Subscription();
      const state$ = lock === null ? EMPTY : defer(() => lock.hold(`stream:${id}`));
      // Without the lock, the stream is used as where there are none.
      holding.add(state$.subscribe({ next: (state) => state === 'held' && held(), error: held, complete: held }));
    },
    offer: () => void offered.set(id, hold),
    release() {
      if (offered.get(id) === hold) offered.delete(id);
      holding?.unsubscribe();
      holding = null;
    },
  };
  return hold;
}
