import { UploadError, type UploadErrorDetails } from './upload-error.js';

/** The file changed since the upload began (or is another one), or cannot be read; a stream failed or is too large. */
export class SourceError extends UploadError {
  override readonly name: string = 'SourceError';

  constructor(
    code: 'source-changed' | 'source-unreadable' | 'source-overflow' | 'source-too-large',
    message: string,
    details: UploadErrorDetails = {},
  ) {
    super(code, message, details);
  }
}
