import type { Observable } from 'rxjs';

/**
 * The bytes of a request: held in memory, a (slice of a) Blob, or anything of known size that can be streamed
 * again from its start each time `stream` is called.
 */
export type RequestBody = Uint8Array | Blob | StreamedBody;

/** Bytes of known size that are streamed while they are sent. */
export interface StreamedBody {
  /** bytes */
  readonly size: number;
  /** From the beginning, each time it is called. */
  stream(): ReadableStream<Uint8Array>;
}

/** A signed request, to be sent unchanged. */
export interface TransportRequest {
  /** The HTTP method. */
  readonly method: 'GET' | 'PUT' | 'POST' | 'DELETE' | 'HEAD';
  /** With its signature, if that is in the query. */
  readonly url: string;
  /** By name. */
  readonly headers: Readonly<Record<string, string>>;
  /** null if there is none. */
  readonly body: RequestBody | null;
  /** The response must come from the server itself, not from any cache. @defaultValue false */
  readonly bypassCache?: boolean;
}

/** A response, whatever its status. */
export interface TransportResponse {
  /** 0 if a redirect was refused whose status cannot be read. */
  readonly status: number;
  /**
   * The response came from an address other than the request's, or a redirect to one was refused. It is never a
   * success: requests may only reach hosts that the connection allows.
   */
  readonly redirected?: boolean;
  /** Names in lower case. Only what the bucket's CORS rule exposes can be seen in a browser. */
  readonly headers: Readonly<Record<string, string>>;
  /** The body as text, at most 2 MiB: a longer response is invalid. */
  readonly body: string;
}

/** What a transport emits. */
export type TransportEvent =
  /** How many bytes of the request's body have been sent. */
  | { readonly type: 'upload-progress'; readonly loadedBytes: number }
  /** The response's headers or some of its bytes have arrived: the server is responding. */
  | { readonly type: 'download-progress'; readonly loadedBytes: number }
  | { readonly type: 'response'; readonly response: TransportResponse };

/**
 * Sends requests. `send` returns a cold observable: subscribing sends, unsubscribing aborts at once. It emits any
 * number of `upload-progress` and `download-progress` events, then one `response` (whatever its status), and completes.
 * It fails with a `NetworkError` if there is no response.
 */
export interface Transport {
  /** Whether `upload-progress` is emitted while a body is sent; otherwise a stall can only be guessed from its size. */
  readonly reportsProgress: boolean;
  /** Whether responses without CORS headers are hidden, as in a page: they then look like network failures. */
  readonly hidesAnswers?: boolean;
  /** Subscribing sends, unsubscribing aborts. */
  send(request: TransportRequest): Observable<TransportEvent>;
}

/** No response that an upload needs is longer: a page of 1,000 parts takes about 250 kB. */
export const MAX_RESPONSE_BYTES: number = 2 * 1024 * 1024;
