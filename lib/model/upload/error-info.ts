import type { UploadCheckpoint } from '../checkpoint/checkpoint.js';
import type { Operation } from '../operation.js';

/** What went wrong. The guide to errors says what to do about each. */
export type UploadErrorCode =
  | 'invalid-options'
  | 'checkpoint'
  | 'source-changed'
  | 'source-unreadable'
  | 'source-overflow'
  | 'source-too-large'
  | 'credentials'
  | 'presign'
  | 'clock-skew'
  | 'network'
  | 'stalled'
  | 'cors-expose'
  | 'service'
  | 'bad-response'
  | 'complete-unknown'
  | 'integrity'
  | 'store'
  | 'worker-lost'
  | 'unexpected';

/** An upload error as plain JSON, fit for a store, a log or another thread. */
export interface UploadErrorInfo {
  /** The class of the error, such as `NetworkError`. */
  readonly name: string;
  /** What went wrong. */
  readonly code: UploadErrorCode;
  /** For people: what happened and what to do. Carries no secret, signature or signed query. */
  readonly message: string;
  /** Whether the same request may succeed if it is simply sent again. */
  readonly retryable: boolean;
  /** Whether it makes sense to subscribe again with `checkpoint`: see `UploadError.resumable`. */
  readonly resumable: boolean;
  /** The call that failed; null if it was none. */
  readonly operation: Operation | null;
  /** null if it is not about a part. */
  readonly partNumber: number | null;
  /** HTTP status of a `ServiceError`, else null. */
  readonly status: number | null;
  /** `<Code>` of the service's error response, such as `NoSuchUpload`. */
  readonly serviceCode: string | null;
  /** The service's id of the request, for its support; null if there is none. */
  readonly requestId: string | null;
  /**
   * What the error was caused by, such as `HttpErrorResponse: … 401 Unauthorized` of your backend: name and message of
   * `error.cause` on one line, at most 300 characters, without queries, tokens and signatures. null without a cause.
   */
  readonly cause: string | null;
  /** The last checkpoint, to resume with; null if there is none. */
  readonly checkpoint: UploadCheckpoint | null;
}
