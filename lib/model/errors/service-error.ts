import type { UploadErrorCode } from '../upload/error-info.js';
import { UploadError, type UploadErrorDetails } from './upload-error.js';

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
