import { emptyQueueState, indexedDbCheckpointStore, toAsyncIterable, uploadQueue$ } from 'rx-obs-upload';
import { of } from 'rxjs';
import { obs } from '../connection.js';
import { filesInOutbox, removeFromOutbox } from './outbox.js';

/** What TypeScript's library of the DOM lacks. */
interface ExtendableEvent extends Event {
  readonly waitUntil: (done: Promise<unknown>) => void;
}

const OPTIONS = { checkpointStore: indexedDbCheckpointStore(), defaults: { bucket: 'uploads' } };
/** Pages show the states. */
const channel = new BroadcastChannel('uploads');
let shown = emptyQueueState;
let last: Promise<void> = Promise.resolve();

// A browser that has Background Sync sends `sync` when it is online, and again if it failed, without any page.
for (const type of ['sync', 'message']) {
  addEventListener(type, (event) => {
    // A page that was opened later has missed it.
    if (type === 'message') channel.postMessage(shown);
    last = last.catch(() => undefined).then(uploadOutbox);
    (event as ExtendableEvent).waitUntil(last);
  });
}

/** Browsers stop a service worker when they like: its successor resumes from the checkpoints. */
async function uploadOutbox(): Promise<void> {
  const waiting = new Map(await filesInOutbox());
  // The pages still show what was uploaded before.
  if (waiting.size === 0) return;
  const requests = Array.from(waiting, ([id, file]) => ({ id, key: file.name, sourceFile: file }));
  const add = { type: 'add', requests } as const;
  for await (const state of toAsyncIterable(uploadQueue$(obs, of(add), OPTIONS))) {
    shown = state;
    channel.postMessage(state);
    const completed = state.rows.filter(({ id, status }) => status === 'completed' && waiting.delete(id));
    await Promise.all(completed.map(({ id }) => removeFromOutbox(id)));
  }
  if (waiting.size > 0) throw new Error(`${waiting.size} files are not uploaded yet.`);
}
