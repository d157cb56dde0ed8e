import { toUploadErrorInfo } from 'rx-obs-upload';
import { fileSource$ } from 'rx-obs-upload/node';
import { withCountedReads } from './pending-reads.js';
import { startUpload, type HarnessReport, type HarnessRequest, type RunningUpload } from './upload.js';

/** What a spec requests from the process: to upload a file, or a command for that upload. */
export interface ProcessRequest {
  readonly asked: { readonly request: HarnessRequest; readonly file: string } | keyof RunningUpload;
}

const report = (message: HarnessReport): void => void process.send?.(message);

let upload: RunningUpload | undefined;

process.on('message', ({ asked }: ProcessRequest) => {
  if (typeof asked === 'string') return upload?.[asked]();
  fileSource$(asked.file).subscribe({
    next: (sourceFile) => (upload = startUpload(asked.request, withCountedReads(sourceFile), report)),
    error: (error: unknown) => report({ type: 'error', error: toUploadErrorInfo(error) }),
  });
});
