import type { Dialect } from './dialect.js';

/** S3's headers, `x-amz-…` (AWS: API reference, "CreateMultipartUpload" and "CompleteMultipartUpload"). */
export const s3Dialect: Dialect = {
  headerPrefix: 'x-amz-',
  storageClasses: {
    STANDARD: 'STANDARD',
    WARM: 'STANDARD_IA',
    COLD: 'GLACIER',
    DEEP_ARCHIVE: 'DEEP_ARCHIVE',
    INTELLIGENT_TIERING: 'INTELLIGENT_TIERING',
  },
  kms: 'aws:kms',
  kmsKeyIdHeader: 'server-side-encryption-aws-kms-key-id',
  forbidOverwrite: ['If-None-Match', '*'],
  encodesListedKeys: false,
  unsupported: ['expires', 'callback'],
  checksums: { crc64: 'crc64nvme', crc32c: 'crc32c', sha256: 'sha256' },
  declaresChecksums: true,
  limitsTraffic: false,
};

/** S3's older signature, which OBS accepts too: OBS's own features by `x-amz-` names (OBS SDKs, "V2Headers"). */
export const v2Dialect: Dialect = {
  ...s3Dialect,
  checksums: { crc64: 'crc64ecma' },
  declaresChecksums: false,
  limitsTraffic: true,
};
