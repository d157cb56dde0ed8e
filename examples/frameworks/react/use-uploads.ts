import { useState, useSyncExternalStore } from 'react';
import {
  createUploadQueue,
  emptyQueueState,
  type ObsConnection,
  type QueueState,
  type UploadQueue,
  type UploadQueueOptions,
} from 'rx-obs-upload';

export interface Uploads {
  readonly state: QueueState;
  /** For event handlers and effects, not for rendering. */
  readonly queue: () => UploadQueue;
}

/** An upload queue for the life of a component. The arguments of the first render apply. */
export function useUploads(obs: ObsConnection, options: UploadQueueOptions = {}): Uploads {
  const [{ subscribe, stateNow, queue }] = useState(() => queueOfComponent(obs, options));
  return { state: useSyncExternalStore(subscribe, stateNow, () => emptyQueueState), queue };
}

interface QueueOfComponent extends Pick<Uploads, 'queue'> {
  readonly stateNow: () => QueueState;
  readonly subscribe: (onChange: () => void) => () => void;
}

function queueOfComponent(obs: ObsConnection, options: UploadQueueOptions): QueueOfComponent {
  let opened: UploadQueue | null = null;
  let closing: ReturnType<typeof setTimeout> | undefined;
  // Not before it is used: StrictMode asks for two and drops one.
  const queue = (): UploadQueue => (opened ??= createUploadQueue(obs, options));
  return {
    queue,
    stateNow: () => opened?.state ?? emptyQueueState,
    subscribe: (onChange) => {
      clearTimeout(closing);
      const subscription = queue().state$.subscribe(onChange);
      return () => {
        subscription.unsubscribe();
        // Not at once: StrictMode unmounts, mounts again, and the uploads have to continue.
        closing = setTimeout(() => {
          opened?.dispose();
          opened = null;
        });
      };
    },
  };
}
