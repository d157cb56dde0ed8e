import type { ObservableInput } from 'rxjs';
import type { ObsCredentials } from '../model/credentials.js';
import type { Operation } from '../model/operation.js';
import type { Dialect } from '../protocol/dialect.js';

/** As much of a request as signatures cover. */
export interface SignableRequest {
  readonly method: 'GET' | 'PUT' | 'POST' | 'DELETE' | 'HEAD';
  /** With its query, without a signature. */
  readonly url: string;
  /** All that will be sent; to be signed as they are. */
  readonly headers: Readonly<Record<string, string>>;
}

/** What is to be signed: plain JSON, so that it can go to a backend. */
export interface UnsignedRequest extends SignableRequest {
  readonly operation: Operation;
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
  /** The body, where it is at hand in memory: a signer may cover it by its hash. */
  readonly body?: Uint8Array | null;
}

/** What the signature of a URL is made with. */
export interface UrlSigningContext extends SigningContext {
  /** How long the URL is good for: seconds from `date`. */
  readonly expiresInSeconds: number;
}

/** Signs requests. The first value counts. */
export interface Signer {
  /** How the store names its headers. */
  readonly dialect: Dialect;
  sign(request: UnsignedRequest, context: SigningContext): ObservableInput<SignedRequest>;
}

/** Signs URLs, so that whoever has one may send that one request until it expires. */
export interface UrlSigner {
  /** @returns the URL, and the headers that must be sent with it, exactly as they are */
  presign(request: SignableRequest, context: UrlSigningContext): SignedRequest;
}
