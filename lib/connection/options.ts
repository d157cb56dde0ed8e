import type { Observable, ObservableInput } from 'rxjs';
import type { Addressing } from '../protocol/endpoint.js';
import type { Dialect } from '../protocol/dialect.js';
import type { SignedRequest, Signer, UnsignedRequest } from '../signing/signer.js';
import type { Transport } from '../ports/transport/transport.js';
import type { ObsCredentials } from '../model/credentials.js';

/** Where the store is, who signs, and what all uploads to it share: with keys, or with signatures of a backend. */
export type ObsConnectionOptions = CommonOptions & (SigningOptions | PresigningOptions);

/** @inline */
interface CommonOptions {
  /**
   * Address of the store, such as `https://obs.cn-north-4.myhuaweicloud.com`: without the bucket. A store that is
   * mounted below a path, as `https://example.com/storage/v1/s3`, needs `addressing: 'path'`.
   */
  readonly server: string;
  /**
   * `virtual-hosted`: `https://{bucket}.{server}`, which needs a bucket that a host name can hold (lower-case letters,
   * digits, hyphens; over https no dots either, as certificates cover one label: a page then sees no more than a failed
   * network). `path`: `https://{server}/{bucket}`. `cname`: `server` is a domain of the bucket's own.
   * @defaultValue 'virtual-hosted', and 'path' for an IP address or a name without dots
   */
  readonly addressing?: Addressing | undefined;
  /** @defaultValue XHR where it exists, else fetch */
  readonly transport?: Transport | undefined;
  /**
   * Requests at once over all uploads of this connection.
   * @defaultValue 6
   */
  readonly maxConcurrentRequests?: number | undefined;
  /**
   * Whether the network is there: while its last value is false nothing is retried, and no attempt is spent.
   * @defaultValue the browser's `online` and `offline` events; always online elsewhere
   */
  readonly online$?: Observable<boolean> | undefined;
  /** Asked for the true time (epoch milliseconds) when the service refuses the clock and does not tell its own. */
  readonly serverTime?: (() => ObservableInput<number>) | undefined;
  /**
   * Allows keys over `http:` to other hosts than this machine's own.
   * @defaultValue false
   */
  readonly allowInsecure?: boolean | undefined;
}

/**
 * Signing here, with keys.
 * @inline
 */
export interface SigningOptions {
  /**
   * Keys, or a function that gets them (its first value counts). It is called once however many requests wait, ahead
   * of `expiresAt`, and again when the service no longer takes the keys.
   */
  readonly credentials: ObsCredentials | (() => ObservableInput<ObsCredentials>);
  /** @defaultValue `obsSigner()` */
  readonly signer?: Signer | undefined;
  readonly presign?: undefined;
  readonly dialect?: undefined;
  readonly allowedHosts?: undefined;
}

/**
 * Signing elsewhere: no key comes here.
 * @inline
 */
export interface PresigningOptions {
  /**
   * Has requests signed, by query or by headers, and gives the signed ones in the same order (its first value counts).
   * Asked for up to 16 at once: those that begin in the same tick, and the parts that their uploads send next. Asked
   * again for what has expired or was refused, once for each refusal. An error with an HTTP `status` of 4xx is final,
   * any other is tried again. The headers of a request may hold an SSE-C key.
   */
  readonly presign: (requests: readonly UnsignedRequest[]) => ObservableInput<readonly SignedRequest[]>;
  /**
   * How the store names its headers: `s3Dialect` where the backend signs with `v2Signer` or `v4Signer`.
   * @defaultValue `obsDialect`
   */
  readonly dialect?: Dialect | undefined;
  /**
   * Hosts that signed URLs may name beside `server` and the bucket's own, such as a domain of the bucket.
   * @defaultValue none
   */
  readonly allowedHosts?: readonly string[] | undefined;
  readonly credentials?: undefined;
  readonly signer?: undefined;
}
