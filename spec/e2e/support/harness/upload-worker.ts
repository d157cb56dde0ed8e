import type { ChannelEnd } from 'rx-obs-upload/worker';
import { serveUploads } from 'rx-obs-upload/worker';
import { givenUp } from './given-up.js';
import { readsHaveEnded } from './pending-reads.js';
import { skipTimeUntil } from './skippable-time.js';

/** The channel on which the page has its upload worker advance time. */
export const ADVANCE_TIME = 'advance-time-of-the-upload-worker';

const scope: ChannelEnd = {
  postMessage(message) {
    // Counts a function of the page that did not respond in time.
    if ((message as { readonly type: string }).type === 'unsubscribe') givenUp.count += 1;
    self.postMessage(message);
  },
  addEventListener: (type, listener) => self.addEventListener(type, listener),
};
serveUploads(scope);

new BroadcastChannel(ADVANCE_TIME).onmessage = () => {
  void readsHaveEnded().then(() => {
    const before = givenUp.count;
    skipTimeUntil(() => givenUp.count > before);
  });
};
