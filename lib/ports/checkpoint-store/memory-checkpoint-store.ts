import type { CheckpointStore } from './checkpoint-store.js';
import { ttlOf, type CheckpointStoreOptions } from './ttl.js';
import { mapStorage } from './map-storage.js';
import { checkpointStoreOver } from './checkpoint-store-over.js';

/**
 * Stores checkpoints in memory, synchronously: uploads can resume after an error or a change of view, but not after a
 * reload.
 *
 * @throws InvalidOptionsError
 * @example
 * ```ts
 * const checkpointStore = memoryCheckpointStore();
 * uploadFile$(obs, { ...request, checkpointStore }).pipe(retry(3)).subscribe();
 * ```
 */
export function memoryCheckpointStore(options?: CheckpointStoreOptions): CheckpointStore {
  return checkpointStoreOver(mapStorage(new Map()), ttlOf(options));
}
