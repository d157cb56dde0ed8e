import type { ObsCredentials } from '../model/credentials.js';
import type { Addressing } from '../protocol/endpoint.js';
import type { SignableRequest, UrlSigner } from './signer.js';

/** One request that anyone with the URL may send. */
export interface SignedUrlOptions {
  /**
   * Address of the store, such as `https://obs.cn-north-4.myhuaweicloud.com`: without the bucket. A store that is
   * mounted below a path, as `https://example.com/storage/v1/s3`, needs `addressing: 'path'`.
   */
  readonly server: string;
  /** @defaultValue 'virtual-hosted', and 'path' for an IP address or a name without dots */
  readonly addressing?: Addressing | undefined;
  /**
   * Allows `http:` to hosts other than this machine.
   * @defaultValue false
   */
  readonly allowInsecure?: boolean | undefined;
  /** The token of temporary credentials becomes part of the URL, which expires with them. */
  readonly credentials: ObsCredentials;
  /**
   * `obsSigner()`, `v2Signer()` or `v4Signer({ region })`.
   * @defaultValue `obsSigner()`
   */
  readonly signer?: UrlSigner | undefined;
  readonly method: SignableRequest['method'];
  readonly bucket: string;
  /** null: a request to the bucket itself */
  readonly key: string | null;
  /** Such as `{ partNumber: 1, uploadId }`; null stands for a parameter without a value, as in `{ uploads: null }`. */
  readonly query?: Readonly<Record<string, string | number | null>> | undefined;
  /**
   * Headers that will be sent: `Content-Type`, `Content-MD5` and the store's own must be listed, otherwise the store
   * refuses them.
   */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** Seconds from 1; at most 604,800 (7 days) with signature version 4. */
  readonly expiresInSeconds: number;
  /**
   * Start of validity: a Date, ISO 8601 or RFC 822 text.
   * @defaultValue the machine's clock
   */
  readonly requestDate?: Date | string | undefined;
}
