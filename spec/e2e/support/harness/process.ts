import { toUploadErrorInfo } from 'rx-obs-upload';
import { fileSource$ } from 'rx-obs-upload/node';
import { startUpload, type HarnessReport, type HarnessRequest } from './upload.js';

/** What a spec tells the process: to upload a file; null cancels that. */
export interface ProcessRequest {
  readonly asked: { readonly request: HarnessRequest; readonly file: string } | null;
}

const report = (said: HarnessReport): void => void process.send?.(said);

let cancel: () => void = () => undefined;

process.on('message', ({ asked }: ProcessRequest) => {
  if (asked === null) return cancel();
  fileSource$(asked.file).subscribe({
    next: (sourceFile) => (cancel = startUpload(asked.request, sourceFile, report)),
    error: (error: unknown) => report({ type: 'error', error: toUploadErrorInfo(error) }),
  });
});
