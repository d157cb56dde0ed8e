import type { ObservableInput } from 'rxjs';
import type { Addressing } from '../protocol/request/endpoint.js';
import type { Dialect } from '../protocol/dialect.js';
import type { SignedRequest, Signer, UnsignedRequest } from '../signing/signer.js';
import type { AnyObservable } from '../ports/from-port.js';
import type { Transport } from '../ports/transport/transport.js';
import type { ObsCredentials } from '../model/credentials.js';

/** Where the store is, how requests are signed (with credentials, or by a backend), and what all uploads share. */
export type ObsConnectionOptions = CommonOptions & (SigningOptions | PresigningOptions);

/** @inline */
interface CommonOptions {
  /**
   * Address of the store, such as `https://obs.cn-north-4.myhuaweicloud.com`: without the bucket. A store that is
   * mounted below a path, as `https://example.com/storage/v1/s3`, needs `addressing: 'path'`.
   */
  readonly server: string;
  /**
   * `virtual-hosted`: `https://{bucket}.{server}`, which needs a bucket that is valid in a host name (lower-case
   * letters, digits, hyphens; over https no dots either, as certificates cover one label: a page then sees only a
   * failed network). `path`: `https://{server}/{bucket}`. `cname`: `server` is the bucket's own domain.
   * @defaultValue 'virtual-hosted', and 'path' for an IP address or a name without dots
   */
  readonly addressing?: Addressing | undefined;
  /** @defaultValue `browserTransport()` in pages and their workers, `fetchTransport()` in Node and service workers */
  readonly transport?: Transport | undefined;
  /**
   * Requests at once, over all uploads of this connection.
   * @defaultValue 6
   */
  readonly maxConcurrentRequests?: number | undefined;
  /**
   * Whether the network is available: while its last value is false nothing is retried, and no attempts are used up.
   * @defaultValue the browser's `online` and `offline` events; always online elsewhere
   */
  readonly online$?: AnyObservable<boolean> | undefined;
  /** Called for the true time (epoch milliseconds) if the service refuses the clock and its response has no date. */
  readonly serverTime?: (() => ObservableInput<number>) | undefined;
  /**
   * Allows signed requests over `http:` to hosts other than this machine.
   * @defaultValue false
   */
  readonly allowInsecure?: boolean | undefined;
}

/**
 * Signing with credentials.
 * @inline
 */
export interface SigningOptions {
  /**
   * Credentials, or a function that returns them (its first value counts). It is called once however many requests are
   * waiting, before `expiresAt`, and again when the service no longer accepts the credentials.
   */
  readonly credentials: ObsCredentials | (() => ObservableInput<ObsCredentials>);
  /** @defaultValue `obsSigner()` */
  readonly signer?: Signer | undefined;
  readonly presign?: undefined;
  readonly dialect?: undefined;
  readonly allowedHosts?: undefined;
}

/**
 * Signing by a backend: the credentials stay there.
 * @inline
 */
export interface PresigningOptions {
  /**
   * Gets requests signed, in the query or by headers, and returns the signed ones in the same order (its first value
   * counts). Called with up to 16 at once: those that start in the same tick, and the parts that their uploads send
   * next. Called again for those that have expired or were refused, once per refusal. An error with an HTTP `status` of
   * 4xx, except 408 and 429, is a refusal: of several requests, each one that waits is then passed alone, and only what
   * is refused alone fails. Other errors are retried. The headers of a request may contain an SSE-C key.
   */
  readonly presign: (requests: readonly UnsignedRequest[]) => ObservableInput<readonly SignedRequest[]>;
  /**
   * How the store names its headers: `s3Dialect` if the backend signs with `v4Signer`, `v2Dialect` with
   * `v2Signer`.
   * @defaultValue `obsDialect`
   */
  readonly dialect?: Dialect | undefined;
  /**
   * Hosts that signed URLs may have besides `server` and the bucket's own, such as a domain of the bucket.
   * @defaultValue none
   */
  readonly allowedHosts?: readonly string[] | undefined;
  readonly credentials?: undefined;
  readonly signer?: undefined;
}
