import { startUpload, type HarnessReport, type HarnessRequest, type RunningUpload } from './upload.js';

export interface WorkerRequest {
  readonly request: HarnessRequest;
  readonly sourceFile: File;
}

/** A service worker is kept alive by the promises that its events wait for. */
type WorkerMessage = MessageEvent<WorkerRequest> & { waitUntil?(ended: Promise<void>): void };

// The same script for a dedicated worker and a service worker.
self.addEventListener('message', (event: WorkerMessage) => {
  const { request, sourceFile } = event.data;
  const [page] = event.ports;
  const ended = new Promise<void>((resolve) => {
    const upload = startUpload(request, sourceFile, (report: HarnessReport) => {
      page?.postMessage(report);
      if (report.type !== 'event') resolve();
    });
    if (page !== undefined) {
      page.onmessage = ({ data }: MessageEvent<keyof RunningUpload>) => {
        upload[data]();
        if (data === 'cancel') resolve();
      };
    }
  });
  event.waitUntil?.(ended);
});
