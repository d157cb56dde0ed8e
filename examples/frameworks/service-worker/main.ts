import type { QueueState } from 'rx-obs-upload';
import { formatPercent } from '../../format.js';
import { addToOutbox } from './outbox.js';

/** Background Sync: https://wicg.github.io/background-sync/spec/ */
interface WithSync {
  readonly sync?: { readonly register: (tag: string) => Promise<void> };
}

const input = document.createElement('input');
const list = document.createElement('ul');
input.type = 'file';
input.multiple = true;
input.dataset.testid = 'file-input';
document.getElementById('app')?.append(input, list);

new BroadcastChannel('uploads').onmessage = ({ data }: MessageEvent<QueueState>) => {
  list.replaceChildren(
    ...data.rows.map(({ name, status, snapshot: { fraction, error } }) => {
      const row = document.createElement('li');
      row.dataset.testid = 'file';
      row.dataset.status = status;
      row.textContent = `${name}: ${error?.message ?? `${status}, ${formatPercent(fraction)}`}`;
      return row;
    }),
  );
};

input.onchange = async () => {
  await Promise.all(Array.from(input.files ?? [], addToOutbox));
  await askForUpload();
};
await navigator.serviceWorker.register('service-worker.js');
await askForUpload();

/** At once, and by the browser when this page is closed or the network is gone. */
async function askForUpload(): Promise<void> {
  const registration = await navigator.serviceWorker.ready;
  registration.active?.postMessage('upload');
  // It may be refused, as in a private window.
  await (registration as WithSync).sync?.register('upload').catch(() => undefined);
}
