import type { Transport } from '../../ports/transport/transport.js';

/** What `new ObsClient` takes: the names and meanings of the official SDK. */
export interface ObsClientOptions {
  readonly access_key_id: string;
  readonly secret_access_key: string;
  /** Of temporary keys. */
  readonly security_token?: string | undefined;
  /** Such as `obs.cn-north-4.myhuaweicloud.com`, with or without scheme and port; both win over the options below. */
  readonly server: string;
  /** @defaultValue true */
  readonly is_secure?: boolean | undefined;
  /** @defaultValue 443, or 80 without TLS */
  readonly port?: number | string | undefined;
  /** The bucket stands in the path. @defaultValue true for an IP address or a name without dots, else false */
  readonly path_style?: boolean | undefined;
  /** @defaultValue 'obs', in every way of addressing */
  readonly signature?: 'obs' | 'v2' | 'v4' | undefined;
  /** Needed for signature `v4`. */
  readonly region?: string | undefined;
  /**
   * Seconds without any progress after which a request is given up; 0: the default. However long it takes, a request
   * that moves goes on.
   * @defaultValue 300
   */
  readonly timeout?: number | string | undefined;
  /** `server` is a domain of the bucket's own. @defaultValue false */
  readonly is_cname?: boolean | undefined;
  /** Requests at once over everything that this client does. Not in the official SDK. @defaultValue 6 */
  readonly max_concurrent_requests?: number | undefined;
  /** How requests are sent. Not in the official SDK. @defaultValue XHR where it exists, else fetch */
  readonly transport?: Transport | undefined;
  /** Taken and ignored: the service is never asked which signature it likes. */
  readonly is_signature_negotiation?: boolean | undefined;
  /** Taken and ignored: there is one way to send, and it reports its failures. */
  readonly useRawXhr?: boolean | undefined;
}
