import { UploadError, type UploadErrorDetails } from './upload-error.js';

/** The service stored something other than what was sent: the upload cannot be resumed. */
export class IntegrityError extends UploadError {
  override readonly name: string = 'IntegrityError';

  constructor(message: string, details: UploadErrorDetails = {}) {
    super('integrity', message, { ...details, resumable: false });
  }
}
