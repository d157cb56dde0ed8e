import { defer, EMPTY, Subscription } from 'rxjs';
import type { StreamSpool } from '../spool/stream-spool.js';
import { defaultLock } from './web-lock.js';
import type { UploadLock } from './upload-lock.js';

/** One source's hold on a spooled stream: of all sources of it, in all tabs, one at a time has it. */
export interface StreamHold {
  /**
   * Requests the stream, unless this source has requested it already.
   * @param held - called when this source has it, or if there is no lock
   */
  readonly acquire: (held?: () => void) => void;
  /** Keeps the stream until another source of the same spool requests it. */
  readonly offer: () => void;
  readonly release: () => void;
}

const OFFERED = Symbol('offered');

/** By the id of their stream: a spool has them, since a page has one of it and other tabs have their own. */
function offeredIn(spool: StreamSpool & { readonly [OFFERED]?: Map<string, StreamHold> }): Map<string, StreamHold> {
  const { [OFFERED]: offered = new Map<string, StreamHold>() } = spool;
  // Not by assignment, which throws if the spool is frozen.
  Reflect.defineProperty(spool, OFFERED, { value: offered });
  return offered;
}

export function createStreamHold(spool: StreamSpool, id: string, lock: UploadLock | null = defaultLock()): StreamHold {
  const offered = offeredIn(spool);
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
