import { UploadError } from './upload-error.js';

/** The worker that ran the upload could not be started or has died. */
export class WorkerError extends UploadError {
  override readonly name: string = 'WorkerError';

  constructor(message: string, cause?: unknown) {
    super('worker-lost', message, { retryable: true, cause });
  }
}
