import { UploadError, type UploadErrorDetails } from './upload-error.js';

/**
 * An option is invalid, or a resume needs one that was not passed again; found before any request, except for those
 * that only a restart needs.
 */
export class InvalidOptionsError extends UploadError {
  override readonly name: string = 'InvalidOptionsError';
  /** The option's name, such as `partSize`. */
  readonly option: string;

  constructor(option: string, message: string) {
    super('invalid-options', message, { resumable: false });
    this.option = option;
  }
}

/** A checkpoint that cannot be read, is damaged, or belongs to another upload; found before any request. */
export class CheckpointError extends UploadError {
  override readonly name: string = 'CheckpointError';
  /** Path of the field that is wrong, such as `parts[3].etag`. */
  readonly field: string;

  constructor(field: string, message: string) {
    super('checkpoint', message, { resumable: false });
    this.field = field;
  }
}

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

/** Requests could not be signed: no credentials, no presigned URL, or no clock that the service accepts. */
export class SigningError extends UploadError {
  override readonly name: string = 'SigningError';

  constructor(code: 'credentials' | 'presign' | 'clock-skew', message: string, details: UploadErrorDetails = {}) {
    super(code, message, details);
  }
}

/** There was no response, or none that a page may read. */
export class NetworkError extends UploadError {
  override readonly name: string = 'NetworkError';

  constructor(code: 'network' | 'stalled' | 'cors-expose', message: string, details: UploadErrorDetails = {}) {
    super(code, message, details);
  }
}

/** The service stored something other than what was sent: the upload cannot be resumed. */
export class IntegrityError extends UploadError {
  override readonly name: string = 'IntegrityError';

  constructor(message: string, details: UploadErrorDetails = {}) {
    super('integrity', message, { ...details, resumable: false });
  }
}

/** The checkpoint store or the lock failed: emitted as a `warning`, never ends an upload. */
export class StoreError extends UploadError {
  override readonly name: string = 'StoreError';

  constructor(message: string, cause?: unknown) {
    super('store', message, { cause });
  }
}

/** The worker that ran the upload could not be started or has died. */
export class WorkerError extends UploadError {
  override readonly name: string = 'WorkerError';

  constructor(message: string, cause?: unknown) {
    super('worker-lost', message, { retryable: true, cause });
  }
}
