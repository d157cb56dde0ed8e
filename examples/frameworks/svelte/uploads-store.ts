import {
  createUploadQueue,
  type ObsConnection,
  type QueueState,
  type UploadQueue,
  type UploadQueueOptions,
} from 'rx-obs-upload';
import { readable, type Readable } from 'svelte/store';

/** `$uploads` is the state, `uploads.add(…)`, `uploads.pause(…)` and the other methods are those of the queue. */
export type UploadsStore = Readable<QueueState> & Omit<UploadQueue, 'state' | 'state$' | 'pending$'>;

/** An upload queue as a store. It runs until `dispose()`: `onDestroy(uploads.dispose)` in a component. */
export function uploadsStore(obs: ObsConnection, options: UploadQueueOptions = {}): UploadsStore {
  const queue = createUploadQueue(obs, options);
  const { subscribe } = readable(queue.state, (set) => {
    const subscription = queue.state$.subscribe(set);
    return () => subscription.unsubscribe();
  });
  const { state: _state, state$: _state$, pending$: _pending$, ...methods } = queue;
  return { ...methods, subscribe };
}
