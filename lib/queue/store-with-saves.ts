import { defer, finalize } from 'rxjs';
import type { CheckpointStore } from '../ports/checkpoint-store/checkpoint-store.js';
import { fromPort } from '../ports/from-port.js';

/**
 * The same store, which calls back after each save. The last checkpoint of an upload is saved after it was stopped: only
 * then is a list of the store up to date.
 */
export function storeWithSaves(store: CheckpointStore, saved: () => void): CheckpointStore {
  return {
    load: (id) => store.load(id),
    save: (id, checkpoint) =>
      defer(() => fromPort(store.save(id, checkpoint), 'checkpointStore')).pipe(finalize(saved)),
    remove: (id) => store.remove(id),
    list: () => store.list(),
    ...(store.files && { files: store.files }),
  };
}
