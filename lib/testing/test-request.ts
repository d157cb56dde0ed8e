import type { ObsOperation } from '../fake-obs/request.js';
import type { TransportRequest, TransportResponse } from '../ports/transport/transport.js';

/** `open` until it is answered, left in silence by the test, or cancelled by whoever sent it. */
export type TestRequestState = 'open' | 'answered' | 'stalled' | 'cancelled';

/** Of an answer, what differs from an empty 200; names of headers in lower case. */
export type TestAnswer = Partial<TransportResponse>;

/**
 * A request that waits for a test to answer it. All that follows from an answer has happened, where nothing in it
 * takes time, when the method returns. Each method throws where the request is no longer open.
 */
export interface TestRequest extends TransportRequest {
  /** null where it is none that OBS knows */
  readonly operation: ObsOperation | null;
  readonly bucket: string | null;
  readonly key: string | null;
  readonly uploadId: string | null;
  readonly partNumber: number | null;
  /** bytes of the body; 0 without one */
  readonly size: number;
  readonly state: TestRequestState;
  /** Whether it was unsubscribed from before an answer came. */
  readonly cancelled: boolean;
  /** So many bytes of the body are sent. */
  progress(loadedBytes: number): void;
  /** So many bytes of the response have come, 0 for its head: a sign of life. */
  downloadProgress(loadedBytes: number): void;
  /** Answers, such as `respond(503)`, `respond(200, { headers })` or `respond(answers.initiated('upload-1'))`. */
  respond(answer: number | TestAnswer, more?: Omit<TestAnswer, 'status'>): void;
  /**
   * Answers as OBS does when all is well: made up, but coherent, so that the upload completes with `verified: 'etag'`.
   * @throws Error for HEAD and GET of an object, where only the test knows what is stored
   */
  succeed(): void;
  /** Fails as a network that is down does. */
  networkError(): void;
  /** Leaves it in silence, on purpose: `verify` does not mind. */
  stall(): void;
}
