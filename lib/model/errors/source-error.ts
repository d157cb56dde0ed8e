import { UploadError, type UploadErrorDetails } from './upload-error.js';

/** The file changed since the upload began (or is another one), or cannot be read. */
export class SourceError extends UploadError {
  override readonly name: string = 'SourceError';

  constructor(code: 'source-changed' | 'source-unreadable', message: string, details: UploadErrorDetails = {}) {
    super(code, message, details);
  }
}
