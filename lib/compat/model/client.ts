import type { Transport } from '../../ports/transport/transport.js';

/** Options of `new ObsClient`, with the names and meanings of the official SDK. */
export interface ObsClientOptions {
  /** The access key (AK). */
  readonly access_key_id: string;
  /** The secret key (SK). */
  readonly secret_access_key: string;
  /** Of temporary credentials. */
  readonly security_token?: string | undefined;
  /** Such as `obs.cn-north-4.myhuaweicloud.com`, with or without scheme and port, which override the options below. */
  readonly server: string;
  /** @defaultValue true */
  readonly is_secure?: boolean | undefined;
  /** @defaultValue 443, or 80 without TLS */
  readonly port?: number | string | undefined;
  /** Puts the bucket in the path. @defaultValue true for an IP address or a name without dots, else false */
  readonly path_style?: boolean | undefined;
  /** @defaultValue 'obs', with every kind of addressing */
  readonly signature?: 'obs' | 'v2' | 'v4' | undefined;
  /** Required for signature `v4`. */
  readonly region?: string | undefined;
  /**
   * Seconds without any progress after which a request is aborted; 0: the default. A request that makes progress may
   * take any time.
   * @defaultValue 300
   */
  readonly timeout?: number | string | undefined;
  /** `server` is the bucket's own domain. @defaultValue false */
  readonly is_cname?: boolean | undefined;
  /** Requests at once, over all calls of this client. Not in the official SDK. @defaultValue 6 */
  readonly max_concurrent_requests?: number | undefined;
  /** How requests are sent. Not in the official SDK. @defaultValue that of `createObsConnection` */
  readonly transport?: Transport | undefined;
  /** Accepted and ignored: the signature is never negotiated. */
  readonly is_signature_negotiation?: boolean | undefined;
  /** Accepted and ignored: there is only one way to send, and it reports failures. */
  readonly useRawXhr?: boolean | undefined;
}

/** Names for the values of `ACL` and `StorageClass`, as the official SDK has them. */
export interface ObsEnums {
  readonly AclPrivate: 'private';
  readonly AclPublicRead: 'public-read';
  readonly AclPublicReadWrite: 'public-read-write';
  readonly AclPublicReadDelivered: 'public-read-delivered';
  readonly AclPublicReadWriteDelivered: 'public-read-write-delivered';
  readonly AclAuthenticatedRead: 'authenticated-read';
  readonly AclBucketOwnerRead: 'bucket-owner-read';
  readonly AclBucketOwnerFullControl: 'bucket-owner-full-control';
  readonly AclLogDeliveryWrite: 'log-delivery-write';
  readonly StorageClassStandard: 'STANDARD';
  readonly StorageClassWarm: 'WARM';
  readonly StorageClassCold: 'COLD';
  readonly StorageClassDeepArchive: 'DEEP_ARCHIVE';
  readonly StorageClassIntelligentTiering: 'INTELLIGENT_TIERING';
}

export const obsEnums: ObsEnums = {
  AclPrivate: 'private',
  AclPublicRead: 'public-read',
  AclPublicReadWrite: 'public-read-write',
  AclPublicReadDelivered: 'public-read-delivered',
  AclPublicReadWriteDelivered: 'public-read-write-delivered',
  AclAuthenticatedRead: 'authenticated-read',
  AclBucketOwnerRead: 'bucket-owner-read',
  AclBucketOwnerFullControl: 'bucket-owner-full-control',
  AclLogDeliveryWrite: 'log-delivery-write',
  StorageClassStandard: 'STANDARD',
  StorageClassWarm: 'WARM',
  StorageClassCold: 'COLD',
  StorageClassDeepArchive: 'DEEP_ARCHIVE',
  StorageClassIntelligentTiering: 'INTELLIGENT_TIERING',
};
