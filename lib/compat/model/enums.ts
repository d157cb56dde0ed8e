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
