import type { UploadErrorCode } from '../model/upload/error-info.js';
import type { ObsUploadCheckpoint } from './model/checkpoint.js';

/** `suspended` and `aborted` come from the hook. */
export type ObsClientErrorCode = 'suspended' | 'aborted' | UploadErrorCode;

/** The details of an `ObsClientError` besides its code. */
export interface ObsClientErrorDetails {
  /** The response's HTTP status. */
  readonly status?: number | null;
  /** The service's error code, such as `SlowDown`; null if the response had none. */
  readonly serviceCode?: string | null;
  /** The service's id of the request, for its support; null if a page may not read it. */
  readonly requestId?: string | null;
  /** The part's number; null if it is not about a part. */
  readonly part?: number | null;
  /** The last checkpoint, to resume with. */
  readonly checkpoint?: ObsUploadCheckpoint | null;
  /** What the error was caused by. */
  readonly cause?: unknown;
}

/** The error of callbacks and Promises of `ObsClient`. Carries no secret. */
export class ObsClientError extends Error {
  override readonly name: string = 'ObsClientError';
  /** What went wrong. */
  readonly code: ObsClientErrorCode;
  /** HTTP status, if there was a response. */
  readonly status: number | null;
  /** `<Code>` of the service's error response, such as `AccessDenied`. */
  readonly serviceCode: string | null;
  /** The service's id of the request, for its support; null if a page may not read it. */
  readonly requestId: string | null;
  /** Number of the part that failed. */
  readonly part: number | null;
  /** The checkpoint for `uploadFile` to resume; null if there is nothing to resume. */
  readonly checkpoint: ObsUploadCheckpoint | null;

  constructor(code: ObsClientErrorCode, message: string, details: ObsClientErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.code = code;
    this.status = details.status ?? null;
    this.serviceCode = details.serviceCode ?? null;
    this.requestId = details.requestId ?? null;
    this.part = details.part ?? null;
    this.checkpoint = details.checkpoint ?? null;
  }
}
