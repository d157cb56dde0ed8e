import type { ObsOperation } from '../../fake-obs/request/request.js';
import type { ObsCredentials } from '../../model/credentials.js';
import type { Transport } from '../../ports/transport/transport.js';
import type { TestRequest } from './test-request.js';

/** Selects requests: by operation, by properties that all must match, or by a function. */
export type TestRequestMatch = ObsOperation | TestRequestFields | ((request: TestRequest) => boolean);

/** Fields of a request, all of which must match. */
export interface TestRequestFields {
  /** What the request does. */
  readonly operation?: ObsOperation | undefined;
  /** From 1 to 10,000. */
  readonly partNumber?: number | undefined;
  /** The HTTP method. */
  readonly method?: TestRequest['method'] | undefined;
  /** The URL with or without its query, or a pattern. */
  readonly url?: string | RegExp | undefined;
  /** The bucket's name. */
  readonly bucket?: string | undefined;
  /** The object's key, without a leading slash. */
  readonly key?: string | undefined;
  /** The multipart upload's id, as `initiate` returned it. */
  readonly uploadId?: string | undefined;
}

/** Options of `createTestTransport`. */
export interface TestTransportOptions {
  /** Its address, which determines the bucket and key of a URL. @defaultValue 'https://obs.test' */
  readonly server?: string | undefined;
  /** @defaultValue true */
  readonly reportsProgress?: boolean | undefined;
  /** @defaultValue false */
  readonly hidesAnswers?: boolean | undefined;
}

/** A transport whose responses come from the test. */
export interface TestTransport extends Transport {
  /** To pass to `createObsConnection`, with `credentials`. */
  readonly server: string;
  /** Any: signatures are not checked. */
  readonly credentials: ObsCredentials;
  /** Every request that was sent, in order. */
  readonly requests: readonly TestRequest[];
  /**
   * The only matching request that was not expected yet.
   * @throws Error if there is none, or more than one
   */
  expectOne(match: TestRequestMatch): TestRequest;
  /** All matching requests that were not expected yet; they are expected from now on. */
  match(match: TestRequestMatch): readonly TestRequest[];
  /** @throws Error if a request matches that was not expected yet */
  expectNone(match: TestRequestMatch): void;
  /**
   * Call it at the end of a test to make sure that no requests are left over.
   * @param options - `ignoreCancelled`: allows requests that were cancelled before the test expected them
   * @throws Error if a request was never expected, or was expected and is still open
   */
  verify(options?: { readonly ignoreCancelled?: boolean | undefined }): void;
}
