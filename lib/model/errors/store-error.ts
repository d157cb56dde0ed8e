import { UploadError } from './upload-error.js';

/** The checkpoint store or the lock failed: told as a `warning`, never the end of an upload. */
export class StoreError extends UploadError {
  override readonly name: string = 'StoreError';

  constructor(message: string, cause?: unknown) {
    super('store', message, { cause });
  }
}
