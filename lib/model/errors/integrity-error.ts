import { UploadError, type UploadErrorDetails } from './upload-error.js';

/** What the service stored is not what was sent: nothing leads on from a checkpoint of that upload. */
export class IntegrityError extends UploadError {
  override readonly name: string = 'IntegrityError';

  constructor(message: string, details: UploadErrorDetails = {}) {
    super('integrity', message, { ...details, resumable: false });
  }
}
