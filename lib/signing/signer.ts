import type { ObservableInput } from 'rxjs';
import type { ObsCredentials } from '../model/credentials.js';
import type { Operation } from '../model/operation.js';
import type { Dialect } from '../protocol/dialect.js';

/** What is to be signed: plain JSON, so that it can go to a backend. */
export interface UnsignedRequest {
  readonly operation: Operation;
  readonly method: 'GET' | 'PUT' | 'POST' | 'DELETE' | 'HEAD';
  /** With its query, without a signature. */
  readonly url: string;
  /** All that will be sent; to be signed as they are. */
  readonly headers: Readonly<Record<string, string>>;
  readonly bucket: string;
  /** null: the bucket itself is asked */
  readonly key: string | null;
  readonly uploadId: string | null;
  readonly partNumber: number | null;
  /** bytes of the body; null where there is none */
  readonly size: number | null;
}

export interface SignedRequest {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** epoch milliseconds after which it must be signed again; null: never */
  readonly expiresAt: number | null;
}

/** What a signature is made with. */
export interface SigningContext {
  readonly credentials: ObsCredentials;
  /** epoch milliseconds by the service's clock, as far as it is known */
  readonly date: number;
  /** `/{bucket}/{encodedKey}`, or `/{domain}/{encodedKey}` where the domain is the bucket's own. */
  readonly resource: string;
}

/** Signs requests. The first value counts. */
export interface Signer {
  /** How the store names its headers. */
  readonly dialect: Dialect;
  sign(request: UnsignedRequest, context: SigningContext): ObservableInput<SignedRequest>;
}
