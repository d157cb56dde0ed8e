import type { ChannelEnd } from 'rx-obs-upload/worker';
import { serveUploads } from 'rx-obs-upload/worker';
import { givenUp } from './given-up.js';
import { whenNothingIsRead } from './pending-reads.js';
import { skipTimeUntil } from './skippable-time.js';

/** Where the page says that the time of its upload worker is to pass. */
export const SILENCE = 'silence-of-the-upload-worker';

const scope: ChannelEnd = {
  postMessage(message) {
    // A function of the page that has not responded is given up.
    if ((message as { readonly type: string }).type === 'unsubscribe') givenUp.count += 1;
    self.postMessage(message);
  },
  addEventListener: (type, listener) => self.addEventListener(type, listener),
};
serveUploads(scope);

new BroadcastChannel(SILENCE).onmessage = () => {
  void whenNothingIsRead().then(() => {
    const before = givenUp.count;
    skipTimeUntil(() => givenUp.count > before);
  });
};
