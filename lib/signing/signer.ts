import type { ObservableInput } from 'rxjs';
import type { ObsCredentials } from '../model/credentials.js';
import type { Operation } from '../model/operation.js';
import type { Dialect } from '../protocol/dialect.js';

/** The part of a request that signatures cover. */
export interface SignableRequest {
  /** The HTTP method. */
  readonly method: 'GET' | 'PUT' | 'POST' | 'DELETE' | 'HEAD';
  /** With the query, without a signature. */
  readonly url: string;
  /** All headers that will be sent, to be signed as they are. */
  readonly headers: Readonly<Record<string, string>>;
}

/** A request to sign: plain JSON, so that it can be sent to a backend. */
export interface UnsignedRequest extends SignableRequest {
  /** What the request does. */
  readonly operation: Operation;
  /** The bucket's name. */
  readonly bucket: string;
  /** null: a request to the bucket itself */
  readonly key: string | null;
  /** null if the request belongs to none. */
  readonly uploadId: string | null;
  /** null if the request carries no part. */
  readonly partNumber: number | null;
  /** bytes of the body; null without a body */
  readonly size: number | null;
}

/** A request as it may be sent. */
export interface SignedRequest {
  /** With the signature, if that is in the query. */
  readonly url: string;
  /** All headers to send, with the signature, if that is in a header. */
  readonly headers: Readonly<Record<string, string>>;
  /** epoch milliseconds after which it must be signed again; null: never */
  readonly expiresAt: number | null;
}

/** The inputs of a signature. */
export interface SigningContext {
  /** To sign with. */
  readonly credentials: ObsCredentials;
  /** epoch milliseconds by the service's clock, as far as it is known */
  readonly date: number;
  /** `/{bucket}/{encodedKey}`, or `/{domain}/{encodedKey}` if the domain is the bucket's own. */
  readonly resource: string;
  /** The body, if it is in memory: a signer may cover it by its hash. */
  readonly body?: Uint8Array | null;
}

/** The inputs of a signed URL. */
export interface UrlSigningContext extends SigningContext {
  /** How long the URL is valid: seconds from `date`. */
  readonly expiresInSeconds: number;
}

/** Signs requests. The first value counts. */
export interface Signer {
  /** How the store names its headers. */
  readonly dialect: Dialect;
  /** Signs one request. Its first value counts. */
  sign(request: UnsignedRequest, context: SigningContext): ObservableInput<SignedRequest>;
}

/** Signs URLs: anyone who has one may send that one request until it expires. */
export interface UrlSigner {
  /** @returns the URL, and the headers that must be sent with it unchanged */
  presign(request: SignableRequest, context: UrlSigningContext): SignedRequest;
}
