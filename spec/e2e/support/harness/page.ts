import { startUpload, type HarnessReport, type HarnessRequest, type RunningUpload } from './upload.js';
import type { WorkerRequest } from './worker.js';

/** Where in a browser an upload runs. */
export type Place = 'page' | 'dedicated worker' | 'service worker';

declare global {
  interface Window {
    startUpload(place: Place, request: HarnessRequest): Promise<void>;
    cancelUpload(): void;
    passSilence(): void;
    /** All that came after so many reports. */
    reportsFrom(seen: number): readonly HarnessReport[];
  }
}

const reports: HarnessReport[] = [];
const report = (told: HarnessReport): unknown => reports.push(told);

window.reportsFrom = (seen) => reports.slice(seen);
window.startUpload = async (place, request) => {
  const sourceFile = document.querySelector('input')?.files?.[0];
  if (sourceFile === undefined) throw new Error('no file was chosen');
  if (place === 'page') {
    const upload = startUpload(request, sourceFile, report);
    window.cancelUpload = () => upload.cancel();
    window.passSilence = () => upload.passSilence();
    return;
  }
  const { port1, port2 } = new MessageChannel();
  port1.onmessage = ({ data }: MessageEvent<HarnessReport>) => report(data);
  const tell = (command: keyof RunningUpload): void => port1.postMessage(command);
  window.cancelUpload = () => tell('cancel');
  window.passSilence = () => tell('passSilence');
  const asked: WorkerRequest = { request, sourceFile };
  (await startWorker(place)).postMessage(asked, [port2]);
};

let dedicated: Worker | undefined;

async function startWorker(place: Exclude<Place, 'page'>): Promise<Worker | ServiceWorker> {
  if (place === 'dedicated worker') return (dedicated ??= new Worker('worker.js'));
  await navigator.serviceWorker.register('worker.js');
  const { active } = await navigator.serviceWorker.ready;
  if (active === null) throw new Error('the service worker is not active');
  return active;
}
