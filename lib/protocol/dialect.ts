import type { StorageClass } from '../model/object-options.js';

/** Where OBS and S3 say the same thing in other words. */
export interface Dialect {
  readonly headerPrefix: 'x-obs-' | 'x-amz-';
  readonly storageClasses: Readonly<Record<StorageClass, string>>;
  readonly kms: string;
  readonly kmsKeyIdHeader: string;
  /** Refuses to complete where the key exists. */
  readonly forbidOverwrite: readonly [header: string, value: string];
  /** HEAD tells which multipart upload made the object. */
  readonly tellsUploadId: boolean;
}

export const obsDialect: Dialect = {
  headerPrefix: 'x-obs-',
  storageClasses: {
    STANDARD: 'STANDARD',
    WARM: 'WARM',
    COLD: 'COLD',
    DEEP_ARCHIVE: 'DEEP_ARCHIVE',
    INTELLIGENT_TIERING: 'INTELLIGENT_TIERING',
    HIGH_PERFORMANCE: 'HIGH_PERFORMANCE',
  },
  kms: 'kms',
  kmsKeyIdHeader: 'server-side-encryption-kms-key-id',
  forbidOverwrite: ['x-obs-forbid-overwrite', 'true'],
  tellsUploadId: true,
};
