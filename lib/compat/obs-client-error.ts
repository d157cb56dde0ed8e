import type { UploadErrorCode } from '../model/error-info.js';
import type { ObsUploadCheckpoint } from './model/checkpoint.js';

/** `suspended` and `aborted` are what the hook was asked for. */
export type ObsClientErrorCode = 'suspended' | 'aborted' | UploadErrorCode;

/** What an `ObsClientError` knows besides its code. */
export interface ObsClientErrorDetails {
  readonly status?: number | null;
  readonly serviceCode?: string | null;
  readonly requestId?: string | null;
  readonly part?: number | null;
  readonly checkpoint?: ObsUploadCheckpoint | null;
  readonly cause?: unknown;
}

/** What callbacks and Promises of `ObsClient` get as an error. Carries no secret. */
export class ObsClientError extends Error {
  override readonly name: string = 'ObsClientError';
  readonly code: ObsClientErrorCode;
  /** HTTP status, where the service answered. */
  readonly status: number | null;
  /** `<Code>` of the service's error answer, such as `AccessDenied`. */
  readonly serviceCode: string | null;
  readonly requestId: string | null;
  /** Number of the part that failed. */
  readonly part: number | null;
  /** What `uploadFile` goes on with; null where there is nothing to go on with. */
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
