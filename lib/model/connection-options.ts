import type { Observable, ObservableInput } from 'rxjs';
import type { Addressing } from '../protocol/endpoint.js';
import type { Signer } from '../signing/signer.js';
import type { Transport } from '../transport/transport.js';
import type { ObsCredentials } from './credentials.js';

/** Where the store is, who asks, and what all uploads to it share. */
export interface ObsConnectionOptions {
  /** Origin of the store, such as `https://obs.cn-north-4.myhuaweicloud.com`: without the bucket, without a path. */
  readonly server: string;
  /**
   * Keys, or a function that gets them (its first value counts). It is called once however many requests wait, ahead
   * of `expiresAt`, and again when the service no longer takes the keys.
   */
  readonly credentials: ObsCredentials | (() => ObservableInput<ObsCredentials>);
  /** @defaultValue `obsSigner()` */
  readonly signer?: Signer;
  /**
   * `cname`: `server` is a domain of the bucket's own.
   * @defaultValue 'virtual-hosted', and 'path' for an IP address or a name without dots
   */
  readonly addressing?: Addressing;
  /** @defaultValue XHR where it exists, else fetch */
  readonly transport?: Transport;
  /**
   * Requests at once over all uploads of this connection.
   * @defaultValue 6
   */
  readonly maxConcurrentRequests?: number;
  /**
   * Whether the network is there: while its last value is false nothing is retried, and no attempt is spent.
   * @defaultValue the browser's `online` and `offline` events; always online elsewhere
   */
  readonly online$?: Observable<boolean>;
  /** Asked for the true time (epoch milliseconds) when the service refuses the clock and does not tell its own. */
  readonly serverTime?: () => ObservableInput<number>;
  /**
   * Allows keys over `http:` to other hosts than this machine's own.
   * @defaultValue false
   */
  readonly allowInsecure?: boolean;
}
