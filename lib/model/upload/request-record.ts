import type { UploadErrorCode } from './error-info.js';
import type { Operation } from '../operation.js';

/**
 * One request that was sent and has ended. Plain JSON without a URL, a header or a secret: fit for a log. A request that
 * was never sent (it could not be signed, or was unsubscribed from while it waited for its turn) has none.
 */
export interface RequestRecord {
  /** What the request does. */
  readonly operation: Operation;
  /** null: the request is not about a single part */
  readonly partNumber: number | null;
  /** Which attempt this is, from 1. */
  readonly attempt: number;
  /** HTTP status; null without a response, or where a page may not read it. */
  readonly status: number | null;
  /** To quote to the service's support; null without a response, or where CORS hides it. */
  readonly requestId: string | null;
  /** Bytes of the body that were sent, as far as the transport reports it. */
  readonly sentBytes: number;
  /** Milliseconds for which the signed request waited for its turn (`maxConcurrentRequests`). */
  readonly queuedMs: number;
  /** Milliseconds from sending to the end of the response, on a monotonic clock. */
  readonly durationMs: number;
  /** null: it succeeded. `aborted`: it was unsubscribed from before its response was complete. */
  readonly errorCode: UploadErrorCode | 'aborted' | null;
}
