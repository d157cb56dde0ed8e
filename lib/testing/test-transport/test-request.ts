import type { ObsOperation } from '../../fake-obs/request/request.js';
import type { TransportRequest, TransportResponse } from '../../ports/transport/transport.js';

/** `open` until the test responds or leaves it without a response, or the sender cancels it. */
export type TestRequestState = 'open' | 'answered' | 'stalled' | 'cancelled';

/** How a response differs from an empty 200; header names in lower case. */
export type TestAnswer = Partial<TransportResponse>;

/**
 * A request that waits for a response from the test. Synchronous effects of a response have happened when the method
 * returns. Each method throws if the request is no longer open.
 */
export interface TestRequest extends TransportRequest {
  /** null if it is not an OBS operation */
  readonly operation: ObsOperation | null;
  /** null if the request names none. */
  readonly bucket: string | null;
  /** null if the request names none. */
  readonly key: string | null;
  /** null if the request names none. */
  readonly uploadId: string | null;
  /** null if the request names none. */
  readonly partNumber: number | null;
  /** bytes of the body; 0 without one */
  readonly size: number;
  /** Whether it is open, and how it ended. */
  readonly state: TestRequestState;
  /** Whether it was unsubscribed from before a response. */
  readonly cancelled: boolean;
  /** Reports this many bytes of the body as sent. */
  progress(loadedBytes: number): void;
  /** Reports this many bytes of the response as received, 0 for its head. */
  downloadProgress(loadedBytes: number): void;
  /** Responds, for example `respond(503)`, `respond(200, { headers })` or `respond(answers.initiated('upload-1'))`. */
  respond(answer: number | TestAnswer, more?: Omit<TestAnswer, 'status'>): void;
  /**
   * Responds as OBS does on success, with invented but consistent values, so that the upload completes with
   * `verified: 'etag'` (a single PUT without a checksum with `size`).
   * @throws Error for HEAD and GET of an object, since only the test knows what is stored
   */
  succeed(): void;
  /** Fails like a network that is down. */
  networkError(): void;
  /** Leaves it without a response on purpose: `verify` accepts that. */
  stall(): void;
}
