import { UploadError, type UploadErrorDetails } from './upload-error.js';
import type { UploadErrorCode } from '../upload/error-info.js';

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

/** What a `ServiceError` is made from. */
export interface ServiceErrorDetails extends UploadErrorDetails {
  /** The response's HTTP status. */
  readonly status: number;
  /** The service's error code, such as `SlowDown`; null if the response had none. */
  readonly serviceCode: string | null;
  /** The service's id of the request, for its support; null if there is none. */
  readonly requestId: string | null;
  /** Milliseconds that the service asks to wait; null if it does not say. */
  readonly retryAfterMs?: number | null;
  /** The service's clock, epoch milliseconds; null if it is not known. */
  readonly serverTime?: number | null;
}

/** The service refused the request, or its response is invalid. */
export class ServiceError extends UploadError {
  override readonly name: string = 'ServiceError';
  /** HTTP status; 0 if a redirect was refused whose status a page may not read. */
  readonly status: number;
  /** `<Code>` of the error response, such as `AccessDenied`; null if the response has none. */
  readonly serviceCode: string | null;
  /** To quote to the service's support. */
  readonly requestId: string | null;
  /** From `Retry-After`: how long the service asks to wait. */
  readonly retryAfterMs: number | null;
  /** The service's time (epoch milliseconds), if the response has it and may be read. */
  readonly serverTime: number | null;

  constructor(code: 'service' | 'bad-response' | 'complete-unknown', message: string, details: ServiceErrorDetails) {
    super(code, message, isEnd(code, details) ? { ...details, resumable: false } : details);
    this.status = details.status;
    this.serviceCode = details.serviceCode;
    this.requestId = details.requestId;
    this.retryAfterMs = details.retryAfterMs ?? null;
    this.serverTime = details.serverTime ?? null;
  }
}

/** The service has lost the upload, or will never create an object from its parts: a resume cannot change that. */
const lastWords = new Set(['NoSuchBucket', 'EntityTooSmall']);

function isEnd(code: UploadErrorCode, { serviceCode }: ServiceErrorDetails): boolean {
  return code === 'complete-unknown' || (serviceCode !== null && lastWords.has(serviceCode));
}
