import type { ObsOperation } from '../fake-obs/request.js';
import type { ObsCredentials } from '../model/credentials.js';
import type { Transport } from '../ports/transport/transport.js';
import type { TestRequest } from './test-request.js';

/** Which requests are meant: of an operation; those for which all that is given holds; those that a function picks. */
export type TestRequestMatch = ObsOperation | TestRequestFields | ((request: TestRequest) => boolean);

export interface TestRequestFields {
  readonly operation?: ObsOperation | undefined;
  readonly partNumber?: number | undefined;
  readonly method?: TestRequest['method'] | undefined;
  /** The URL with or without its query, or a pattern. */
  readonly url?: string | RegExp | undefined;
  readonly bucket?: string | undefined;
  readonly key?: string | undefined;
  readonly uploadId?: string | undefined;
}

export interface TestTransportOptions {
  /** Its address, by which buckets and keys are told from URLs. @defaultValue 'https://obs.test' */
  readonly server?: string | undefined;
  /** @defaultValue true */
  readonly reportsProgress?: boolean | undefined;
  /** @defaultValue false */
  readonly hidesAnswers?: boolean | undefined;
}

/** A transport whose requests a test answers by hand. */
export interface TestTransport extends Transport {
  /** To be given to `createObsConnection`, with `credentials`. */
  readonly server: string;
  /** Any: signatures are not checked. */
  readonly credentials: ObsCredentials;
  /** Every request that was sent, in order. */
  readonly requests: readonly TestRequest[];
  /**
   * The one request that matches, of those that were not expected yet.
   * @throws Error where there is none, or more than one
   */
  expectOne(match: TestRequestMatch): TestRequest;
  /** All requests that match, of those that were not expected yet; expected from now on. */
  match(match: TestRequestMatch): readonly TestRequest[];
  /** @throws Error where a request matches that was not expected yet */
  expectNone(match: TestRequestMatch): void;
  /**
   * Call it at the end of a test: nothing is left over.
   * @param options - `ignoreCancelled`: lets pass requests that were cancelled before the test expected them
   * @throws Error where a request was never expected, or was expected and is still open
   */
  verify(options?: { readonly ignoreCancelled?: boolean | undefined }): void;
}
