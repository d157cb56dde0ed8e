import { UploadError, type UploadErrorDetails } from './upload-error.js';

/** What the service stored is not what was sent. */
export class IntegrityError extends UploadError {
  override readonly name: string = 'IntegrityError';

  constructor(message: string, details: UploadErrorDetails = {}) {
    super('integrity', message, details);
  }
}
