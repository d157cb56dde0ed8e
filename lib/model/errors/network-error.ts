import { UploadError, type UploadErrorDetails } from './upload-error.js';

/** There was no response, or none that a page may read. */
export class NetworkError extends UploadError {
  override readonly name: string = 'NetworkError';

  constructor(code: 'network' | 'stalled' | 'cors-expose', message: string, details: UploadErrorDetails = {}) {
    super(code, message, details);
  }
}
