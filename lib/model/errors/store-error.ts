import { UploadError } from './upload-error.js';

/** The checkpoint store or the lock failed: emitted as a `warning`, never ends an upload. */
export class StoreError extends UploadError {
  override readonly name: string = 'StoreError';

  constructor(message: string, cause?: unknown) {
    super('store', message, { cause });
  }
}
