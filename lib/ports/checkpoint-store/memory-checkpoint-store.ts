import type { CheckpointStore } from './checkpoint-store.js';
import { lifetimeOf, type CheckpointStoreOptions } from './lifetime.js';
import { mapShelf } from './map-shelf.js';
import { storeOn } from './store-on.js';

/**
 * Keeps checkpoints as long as the page or process lives, synchronously: uploads go on after an error or a change of
 * view, not after a reload.
 *
 * @throws InvalidOptionsError
 * @example
 * ```ts
 * const checkpointStore = memoryCheckpointStore();
 * uploadFile$(obs, { ...request, checkpointStore }).pipe(retry(3)).subscribe();
 * ```
 */
export function memoryCheckpointStore(options?: CheckpointStoreOptions): CheckpointStore {
  return storeOn(mapShelf(new Map()), lifetimeOf(options));
}
