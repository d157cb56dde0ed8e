import type { ObsConnection } from 'rx-obs-upload';
import { workerConnection, type WorkerConnectionOptions } from 'rx-obs-upload/worker';
import { skipTime } from './skippable-time.js';
import { startUpload, type HarnessReport, type HarnessRequest, type RunningUpload } from './upload.js';
import type { ADVANCE_TIME as AdvanceTimeOfWorker } from './upload-worker.js';
import type { WorkerRequest } from './worker.js';

/** Where in a browser an upload runs; `upload worker`: in that of a `workerConnection`, subscribed to in the page. */
export type Place = 'page' | 'dedicated worker' | 'service worker' | 'upload worker';

declare global {
  interface Window {
    startUpload(place: Place, request: HarnessRequest): Promise<void>;
    cancelUpload(): void;
    advancePastStall(): void;
    /** Advances the time of the page at once. */
    skipTime(ms: number): void;
    /** All reports after the first `seen`. */
    reportsFrom(seen: number): readonly HarnessReport[];
  }
}

/** As in upload-worker.ts, which cannot be imported here. */
const ADVANCE_TIME: typeof AdvanceTimeOfWorker = 'advance-time-of-the-upload-worker';

const reports: HarnessReport[] = [];
const report = (received: HarnessReport): unknown => reports.push(received);

window.skipTime = skipTime;
window.reportsFrom = (seen) => reports.slice(seen);
window.startUpload = async (place, request) => {
  const sourceFile = document.querySelector('input')?.files?.[0];
  if (sourceFile === undefined) throw new Error('no file was chosen');
  if (place === 'page' || place === 'upload worker') {
    const upload = startUpload(request, sourceFile, report, place === 'page' ? undefined : connectToWorker);
    window.cancelUpload = () => upload.cancel();
    window.advancePastStall = () =>
      place === 'page' ? upload.advancePastStall() : new BroadcastChannel(ADVANCE_TIME).postMessage(null);
    return;
  }
  const { port1, port2 } = new MessageChannel();
  port1.onmessage = ({ data }: MessageEvent<HarnessReport>) => report(data);
  const send = (command: keyof RunningUpload): void => port1.postMessage(command);
  window.cancelUpload = () => send('cancel');
  window.advancePastStall = () => send('advancePastStall');
  const message: WorkerRequest = { request, sourceFile };
  (await startWorker(place)).postMessage(message, [port2]);
};

function connectToWorker(options: WorkerConnectionOptions): ObsConnection {
  return workerConnection(() => new Worker('upload-worker.js'), options);
}

let dedicated: Worker | undefined;

async function startWorker(place: 'dedicated worker' | 'service worker'): Promise<Worker | ServiceWorker> {
  if (place === 'dedicated worker') return (dedicated ??= new Worker('worker.js'));
  await navigator.serviceWorker.register('worker.js');
  const { active } = await navigator.serviceWorker.ready;
  if (active === null) throw new Error('the service worker is not active');
  return active;
}
