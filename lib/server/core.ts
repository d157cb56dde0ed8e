import type { ObsControl } from '../fake-obs/state/control.js';
import type { ObsService } from '../fake-obs/service.js';
import type { Locks } from './storage/locks.js';
import type { Storage } from './storage/storage.js';

/** What stands behind the HTTP front. */
export interface ServerCore {
  readonly service: ObsService;
  readonly storage: Storage;
  readonly locks: Locks;
  readonly control: ObsControl;
  /** Waits for changes that were made through `control` to be on disk. */
  settled(): Promise<void>;
  /** Milliseconds after which a response that takes long is begun with spaces. */
  readonly dripAfterMs: number;
}
