import { UploadError, type UploadErrorDetails } from './upload-error.js';

/** Requests could not be signed: no credentials, no presigned URL, or no clock that the service accepts. */
export class SigningError extends UploadError {
  override readonly name: string = 'SigningError';

  constructor(code: 'credentials' | 'presign' | 'clock-skew', message: string, details: UploadErrorDetails = {}) {
    super(code, message, details);
  }
}
