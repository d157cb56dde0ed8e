import {
  createUploadQueue,
  type ObsConnection,
  type QueueState,
  type UploadQueue,
  type UploadQueueOptions,
} from 'rx-obs-upload';
import { onScopeDispose, shallowReadonly, shallowRef, type ShallowRef } from 'vue';

export interface Uploads {
  /** Replaced with each change; what has not changed in it is the same object. */
  readonly state: Readonly<ShallowRef<QueueState>>;
  readonly queue: UploadQueue;
}

/** An upload queue for the life of a component, or of the `effectScope` that it is called in. */
export function useUploads(obs: ObsConnection, options: UploadQueueOptions = {}): Uploads {
  const queue = createUploadQueue(obs, options);
  // Shallow: states are immutable, and making 1,000 rows reactive would take longer than to show them.
  const state = shallowRef(queue.state);
  const subscription = queue.state$.subscribe((next) => (state.value = next));
  onScopeDispose(() => {
    subscription.unsubscribe();
    queue.dispose();
  });
  return { state: shallowReadonly(state), queue };
}
